import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Secret } from '../log/secret.ts';
import type { Interruption } from './interruption.ts';

/** Asks a person. Every method gives undefined where nobody can be asked (standard input is no terminal). */
export interface Prompt {
  yesNo(question: string): Promise<boolean | undefined>;
  secret(question: string): Promise<Secret | undefined>;
  /** The next line of a piped standard input, for `--…-stdin` options. */
  pipedLine(): Promise<string | undefined>;
}

/** A prompt on this process's terminal. Questions go to standard error, so results stay clean; secrets are not echoed. */
export function createPrompt(input: NodeJS.ReadStream, err: NodeJS.WriteStream, interruption: Interruption): Prompt {
  let lines: AsyncIterator<string> | undefined;
  const ask = async (question: string, echo: boolean): Promise<string | undefined> => {
    if (!input.isTTY) return undefined;
    const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
    const reader = createInterface({ input, output: echo ? err : mute, terminal: true });
    // While a line is read the terminal is raw: Ctrl-C arrives here as a key, not as a signal; Ctrl-D answers with nothing.
    reader.on('SIGINT', () => interruption.press());
    const { promise: gone, resolve: leave } = Promise.withResolvers<string>();
    reader.once('close', () => leave(''));
    try {
      if (!echo) err.write(question);
      return await Promise.race([reader.question(echo ? question : '', { signal: interruption.signal }), gone]);
    } finally {
      if (!echo || interruption.signal.aborted) err.write('\n');
      reader.close();
    }
  };
  return {
    async yesNo(question) {
      const answer = await ask(`${question} [y/N] `, true);
      return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
    },
    async secret(question) {
      const answer = await ask(`${question}: `, false);
      return answer === undefined ? undefined : new Secret(answer);
    },
    async pipedLine() {
      if (input.isTTY) return undefined;
      lines ??= createInterface({ input })[Symbol.asyncIterator]();
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
  };
}
