import { describe, expect, it } from 'vitest';
import { readElevation } from '../../../main/hosts/elevate.ts';
import { AfterToken, wrap } from '../../../main/hosts/envelope.ts';

describe('what sudo said', () => {
  it.each([
    ['elevation:root\n', false, 'root'],
    ['elevation:free\n', false, 'free'],
    ['elevation:password\n', true, 'password'],
    ['elevation:absent\n', false, 'sudo-refused'],
    ['elevation:refused\nsudo: a password is required\n', false, 'sudo-password-needed'],
    ['elevation:refused\nsudo: no tty present and no askpass program specified\n', false, 'sudo-password-needed'],
    [
      'elevation:refused\nSorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n',
      true,
      'sudo-password-wrong',
    ],
    ['elevation:refused\nlow is not in the sudoers file.\n', true, 'sudo-refused'],
    ['elevation:refused\nSorry, user low may not run sudo on tokyo.\n', true, 'sudo-refused'],
    ['elevation:refused\nsudo: sorry, you must have a tty to run sudo\n', false, 'sudo-refused'],
    ['elevation:refused\nsudo: account validation failure, is your account locked?\n', true, 'sudo-refused'],
    ['', false, 'sudo-refused'],
  ])('%j is understood', (said, known, expected) => {
    const found = readElevation(said, known, 'low@tokyo');
    expect(typeof found === 'string' ? found : found.code).toBe(expected);
  });
});

describe('an envelope', () => {
  it('never holds a password and uses sudo only where it must', () => {
    expect(wrap(['id'], undefined).commandLine).not.toContain('sudo');
    expect(wrap(['id'], 'root').commandLine).not.toContain('sudo');
    expect(wrap(['id'], 'free').commandLine).toContain('sudo -n --');
    expect(wrap(['id'], 'password')).toMatchObject({ needsPassword: true, elevated: true });
  });

  it('refuses a command line that Linux would refuse', () => {
    expect(() => wrap(['echo', 'x'.repeat(200_000)], undefined)).toThrow(/too long/);
  });

  it('passes on what comes after its token, wherever the pieces are cut', () => {
    for (let cut = 0; cut < 30; cut++) {
      const heard: string[] = [];
      const after = new AfterToken('T-1', (chunk) => heard.push(chunk.toString()));
      const text = Buffer.from('Welcome\nT-1-login 12\nT-1 34\nown\nT-1 56\n');
      after.take(text.subarray(0, cut));
      after.take(text.subarray(cut));
      expect(heard.join('')).toBe('own\nT-1 56\n');
      expect(after.pids).toEqual([12, 34]);
    }
  });
});
