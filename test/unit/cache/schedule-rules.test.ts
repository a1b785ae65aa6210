import { describe, expect, it } from 'vitest';
import { parseLastRun, parseRules, printRules } from '../../../main/cache/schedule-rules.ts';
import type { Schedule } from '../../../preload/contract/cache.ts';

describe('the rules of a schedule', () => {
  const all: Schedule = { at: '03:30', unusedDays: 30, keepBytes: 50_000_000_000, freePercent: 20 };

  it.each<[string, Schedule]>([
    ['days', { at: '00:00', unusedDays: 1 }],
    ['bytes', { at: '23:59', keepBytes: 0 }],
    ['percent', { at: '12:05', freePercent: 90 }],
    ['all three', all],
  ])('with %s come back from their file as they were', (_, schedule) => {
    expect(parseRules('tokyo', printRules(schedule))).toEqual(schedule);
  });

  it('are plain lines, each rule under a comment that says what it means', () => {
    const text = printRules(all).split('\n');
    expect(text.filter((line) => !line.startsWith('#'))).toEqual([
      'at=03:30',
      'unused_days=30',
      'keep_bytes=50000000000',
      'free_percent=20',
      '',
    ]);
    const about = (rule: string): string => text[text.findIndex((line) => line.startsWith(rule)) - 1] ?? '';
    expect(about('unused_days')).toMatch(/^# .*nobody pulled for so many days/);
    expect(about('keep_bytes')).toMatch(/^# .*until so many bytes are left/);
    expect(about('free_percent')).toMatch(/^# .*until so much of the disk is free/);
    expect(text[0]).toMatch(/^# .*written by Mirrorfleet.*last hour stays/);
    expect(text[1]).toMatch(/^# The time of day is set by the timer/);
  });

  it('do not mention what is not asked for', () => {
    const text = printRules({ at: '03:30', freePercent: 20 }).split('\n');
    expect(text.filter((line) => !line.startsWith('#'))).toEqual(['at=03:30', 'free_percent=20', '']);
  });

  it.each([
    ['blanks and ends of lines as an editor leaves them', '  at=03:30 \r\n\n # mine\n\tunused_days=30\r\n'],
    ['no newline at the end', 'at=03:30\nunused_days=30'],
    ['a rule in a comment', 'at=03:30\nunused_days=30\n# keep_bytes=5\n'],
    ['a line that is no rule', 'at=03:30\nsome words\nunused_days=30\n'],
    ['one that the laptop does not know', 'at=03:30\ngrace_seconds=60\nunused_days=30\n'],
  ])('are read with %s', (_, text) => {
    expect(parseRules('tokyo', text)).toEqual({ at: '03:30', unusedDays: 30 });
  });

  it.each([
    ['no rule', 'at=03:30\n'],
    ['no time', 'unused_days=30\n'],
    ['another time', 'at=25:00\nunused_days=30\n'],
    ['a word for a number', 'at=03:30\nunused_days=30\nkeep_bytes=much\n'],
    ['a number with a unit', 'at=03:30\nunused_days=30d\n'],
    ['a unit before a number', 'at=03:30\nunused_days=~30\n'],
    ['a negative number', 'at=03:30\nkeep_bytes=-1\n'],
    ['a number of sixteen digits', 'at=03:30\nkeep_bytes=1000000000000000\n'],
    ['nothing after the sign', 'at=03:30\nunused_days=\n'],
    ['more than all of the disk', 'at=03:30\nfree_percent=101\n'],
    ['days of which none is meant', 'at=03:30\nunused_days=0\n'],
    ['nothing in it', ''],
  ])('are called unclear with %s, and a way out is named', (_, text) => {
    expect(() => parseRules('tokyo', text)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'schedule-unclear',
          message: expect.stringContaining('on tokyo were changed by hand'),
          hint: 'Set it again: mirrorfleet cache schedule tokyo --at 03:30 --unused 30d',
        }),
      }),
    );
  });
});

describe('the last run of a schedule', () => {
  const record = 'at 1700000000\nfreed_bytes 4096\nimages 2\nfailed 0\nsaid freed 4096 bytes, 2 images\n';

  it('is told with its time in milliseconds, its bytes and its images', () => {
    expect(parseLastRun(record)).toEqual({ at: 1_700_000_000_000, freedBytes: 4096, images: 2, failed: false });
  });

  it.each([
    ['says so', record.replace('failed 0', 'failed 1')],
    ['does not say how it ended', record.replace('failed 0\n', '')],
  ])('failed where its record %s', (_, text) => {
    expect(parseLastRun(text)?.failed).toBe(true);
  });

  it.each([
    ['no numbers', 'at 1700000000\nfreed_bytes x4\nimages 2x\nfailed 0\n'],
    ['numbers that are too long', `at 1700000000\nfreed_bytes ${'9'.repeat(16)}\nimages ${'9'.repeat(16)}\nfailed 0\n`],
    ['no lines about them', 'at 1700000000\nfailed 0\n'],
  ])('freed nothing that can be told where its record has %s', (_, text) => {
    expect(parseLastRun(text)).toEqual({ at: 1_700_000_000_000, freedBytes: 0, images: 0, failed: false });
  });

  it.each(['', 'failed 0\n', 'at soon\n', 'at 0\n', ' at 5\n'])('is unknown where its record is %j', (text) => {
    expect(parseLastRun(text)).toBeUndefined();
  });
});
