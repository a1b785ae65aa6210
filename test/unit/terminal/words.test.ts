import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { agoText, bytesText, parseBytes, parseSpan, spanText } from '../../../main/terminal/figures.ts';
import { completionScript } from '../../../main/terminal/completion-command.ts';
import { createProgram } from '../../../main/terminal/program.ts';
import { statusLines } from '../../../main/terminal/status-command.ts';
import { tableLines } from '../../../main/terminal/table.ts';
import { stepLine } from '../../../main/terminal/task-progress.ts';
import { isIdle, previewLines } from '../../../main/terminal/switch-command.ts';
import { planLines } from '../../../main/terminal/node-lines.ts';

const program = () =>
  createProgram(
    '0',
    async () => {},
    async () => {},
    () => {},
  );

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [104_889_751, '105 MB'],
  [12_400_000_000, '12.4 GB'],
])('%i bytes read %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('a size that was printed is read back within its rounding', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e14 }), (bytes) => {
      const back = parseBytes(bytesText(bytes));
      expect(back).toBeDefined();
      expect(Math.abs((back ?? 0) - bytes)).toBeLessThanOrEqual(bytes * 0.06 + 1);
    }),
  );
});

test.each([
  ['30d', 2_592_000],
  ['12h', 43_200],
  ['15min', 900],
  ['2w', 1_209_600],
  ['soon', undefined],
  ['', undefined],
])('the span %s is %s seconds', (text, seconds) => expect(parseSpan(text)).toBe(seconds));

test('spans and ages name their largest unit', () => {
  expect([spanText(7300), spanText(59), agoText(undefined, 0), agoText(1000, 241_000)]).toEqual([
    '2 h',
    '59 s',
    'never',
    '4 min ago',
  ]);
});

test('figures stand to the right and wide characters take two columns', () => {
  expect(
    tableLines(
      [{ heading: 'A' }, { heading: 'N', figures: true }],
      [
        ['镜像', '7'],
        ['x', '120'],
      ],
    ),
  ).toEqual(['A       N', '镜像    7', 'x     120']);
});

test('an empty fleet says what a node is and how to add the first', () => {
  expect(statusLines({ version: '0', nodes: [], runtimes: [], tasks: [] }, 0).join('\n')).toContain(
    'mirrorfleet node add',
  );
});

test('a degraded mirror shows the reason of its upstream and never a green mark', () => {
  const lines = statusLines(
    {
      version: '0',
      nodes: [
        {
          name: 'tokyo',
          kind: 'ssh',
          address: 'h',
          port: 443,
          state: 'degraded',
          applied: true,
          mirrors: [
            {
              node: 'tokyo',
              upstream: 'docker.io',
              state: 'degraded',
              because: { code: 'quota-left-resets-in', values: { remaining: 0, limit: 100, resetsMs: 7_200_000 } },
              cached: { manifestMs: 84.4, at: 0 },
            },
          ],
        },
      ],
      runtimes: [
        { id: 'docker', engine: 'Docker', state: 'found', version: '20.10.24', route: ['tokyo'], mirrors: [] },
      ],
      tasks: [],
    },
    0,
  ).join('\n');
  expect(lines).toContain('429, 0 of 100 pulls left, resets in 2 h');
  expect(lines).toContain('84 ms');
  expect(lines).not.toContain('●');
  expect(lines).toContain('Docker 20.10.24 → tokyo');
});

test('the status of a node says what a prune would free, once that was counted and is worth a word', () => {
  const head = (bytes: number | undefined) =>
    statusLines(
      {
        version: '0',
        nodes: [
          { name: 'tokyo', kind: 'ssh', address: 'h', port: 443, state: 'up', applied: true, mirrors: [], seenAt: 0 },
        ],
        runtimes: [],
        tasks: [],
        ...(bytes === undefined ? {} : { prunable: [{ node: 'tokyo', bytes, at: 0 }] }),
      },
      0,
    )[0];
  expect(head(3_200_000_000)).toContain('(a prune frees 3.2 GB; seen');
  expect(head(0)).not.toContain('prune');
  expect(head(undefined)).not.toContain('prune');
});

test('a plan prints one line a step with its cause, and its diff when wanted', () => {
  const plan = {
    node: 'tokyo',
    hash: 'h',
    steps: [
      {
        id: 'f',
        resource: 'file compose.yaml',
        action: 'create' as const,
        because: { code: 'no-such-file' },
        diff: '+a\n+b\n',
        interrupts: false,
      },
    ],
    warnings: [],
    roundTrips: 1,
  };
  expect(planLines(plan, true)).toEqual(['create   file compose.yaml — no such file', '    +a', '    +b']);
  expect(planLines({ ...plan, steps: [] }, true)).toEqual(['Nothing to do: tokyo is what it should be.']);
});

test('a preview says that nothing restarts only when nothing does', () => {
  const preview = {
    runtime: 'docker' as const,
    route: ['tokyo'],
    changes: [],
    activation: { code: 'docker-reloads' },
    restarts: [],
    warnings: [],
    needsPrivilege: true,
    nothingToDo: false,
  };
  expect(previewLines(preview)).toContain('Nothing restarts.');
  expect(previewLines({ ...preview, restarts: ['containerd'] })).toContain('Restarts: containerd');
});

test('a step shows how many bytes of how many', () => {
  expect(
    stepLine({
      id: 'u',
      label: 'upload image',
      state: 'running',
      progress: { done: 5_000_000, total: 56_000_000, unit: 'bytes' },
    }),
  ).toBe('▸ upload image  5.0 MB of 56.0 MB');
});

test('every command teaches by its help', () => {
  for (const command of program().commands) expect(command.description().length).toBeGreaterThan(5);
  expect(program().helpInformation()).toContain('switch');
});

test('bash accepts the completion script and offers the words of a command', () => {
  const script = `${completionScript('bash', program())}\nCOMP_WORDS=(mirrorfleet node ''); COMP_CWORD=2; _mirrorfleet; echo "\${COMPREPLY[@]}"`;
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split(/\s+/)).toEqual(
    expect.arrayContaining(['add', 'plan', 'apply', 'remove']),
  );
});

test('a switch of all is not called done where an engine refuses or none is left', () => {
  const preview = {
    runtime: 'podman' as const,
    route: [],
    changes: [],
    activation: { code: 'nothing-to-do' },
    restarts: [],
    warnings: [],
    needsPrivilege: false,
    nothingToDo: true,
  };
  const refusing = (code: string) => ({ code, message: 'm', hint: 'h', retryable: false });
  expect(isIdle([preview], [refusing('docker-absent'), refusing('containerd-stopped')])).toBe(true);
  expect(isIdle([preview], [refusing('docker-rootless-not-yet')])).toBe(true);
  expect(isIdle([preview], [refusing('docker-mirror-flag')])).toBe(false);
  expect(isIdle([], [refusing('docker-absent')])).toBe(false);
  expect(isIdle([preview, { ...preview, nothingToDo: false }], [])).toBe(false);
});
