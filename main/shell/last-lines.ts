/** Lines that are kept, and how long one may be. */
const most = 40;
const longest = 400;

/** The last lines of what a process writes, so that its last words are there when it is not. */
export class LastLines {
  #lines: string[] = [];
  #unfinished = '';

  add(text: string): void {
    const parts = (this.#unfinished + text).split('\n');
    this.#unfinished = (parts.pop() ?? '').slice(-longest);
    this.#lines = [...this.#lines, ...parts.filter((part) => part.trim() !== '')].slice(-most);
  }

  all(): readonly string[] {
    return [...this.#lines, ...(this.#unfinished.trim() === '' ? [] : [this.#unfinished])].map((line) =>
      line.slice(0, longest),
    );
  }
}
