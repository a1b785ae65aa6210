import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteCommand, quoteWord } from '../../../main/hosts/shell-quote.ts';

describe('quoting for a login shell', () => {
  it('leaves plain words readable and quotes the rest', () => {
    expect(quoteCommand(['docker', 'compose', '-f', '/opt/x.yaml', 'a b', ''])).toBe(
      "docker compose -f /opt/x.yaml 'a b' ''",
    );
  });

  it('keeps backslashes and quotes out of the quotes, where fish would read them differently', () => {
    expect(quoteWord("a'b\\c")).toBe("'a'\\''b'\\\\'c'");
  });

  it('refuses a NUL, which no argument can hold', () => {
    expect(() => quoteWord('a\0b')).toThrow();
  });

  it('means the same words to a real sh, whatever they hold', () => {
    const word = fc.string({
      unit: fc.constantFrom(...Array.from(`ab'"\\$\`!*?~#&|;<>(){}[] \t\n-=%ü🚢`)),
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            word,
            fc.string().filter((each) => !each.includes('\0')),
          ),
          { minLength: 1, maxLength: 8 },
        ),
        (words) => {
          const out = execFileSync('sh', ['-c', `printf '%s\\0' ${quoteCommand(words)}`]);
          expect(out.toString('utf8').split('\0').slice(0, -1)).toEqual(
            words.map((each) => Buffer.from(each).toString('utf8')),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
