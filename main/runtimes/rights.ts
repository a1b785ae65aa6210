import { problemOf } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import { type HelperLine, startHelper } from './elevation.ts';

/** One password, or one click, for everything that one call does as root: the helper starts when it is first needed and serves all. */
export class Rights {
  readonly #password: Secret | undefined;
  #line: HelperLine | undefined;

  constructor(password: Secret | undefined) {
    this.#password = password;
  }

  /** The started helper; closing what is given leaves it running for the next. Throws `sudo-password-needed` and its kin. */
  async open(): Promise<HelperLine> {
    const line = (this.#line ??= await startHelper(this.#password));
    return {
      ask: async (request, signal) => {
        try {
          return await line.ask(request, signal);
        } catch (error) {
          // The next one to ask gets a new one.
          if (problemOf(error).code === 'helper-ended') this.#line = undefined;
          throw error;
        }
      },
      close: () => Promise.resolve(),
    };
  }

  async close(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    await line?.close();
  }
}
