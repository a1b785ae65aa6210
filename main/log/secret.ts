import { inspect } from 'node:util';

const shown = '[redacted]';

/**
 * A string that must not be seen. It prints, serialises and inspects as `[redacted]`; only {@link Secret.reveal} gives the text, at
 * the one place where it leaves the program (an SSH handshake, a stdin of sudo, a sealed file).
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
