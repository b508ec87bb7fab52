import type { WriteStream } from 'node:tty';
import type { Style } from './style.ts';

/** What is used of a stream: one that is no terminal need not be one. */
export type Terminal = Pick<WriteStream, 'isTTY' | 'columns'> & { readonly write: (text: string) => unknown };

/** One line at the bottom of a terminal that says what each host is doing; it makes way for everything else. */
export class Progress {
  readonly #stream: Terminal;
  readonly #style: Style;
  readonly #doing = new Map<string, string>();
  #total = 0;
  #done = 0;
  #shown = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Terminal, style: Style) {
    this.#stream = stream;
    this.#style = style;
  }

  hosts(count: number): void {
    this.#total = count;
    this.#done = 0;
    this.#doing.clear();
  }

  working(host: string, task: string): void {
    this.#doing.set(host, task);
    // Redrawn at most ten times a second: a converged host goes through its tasks faster than anyone can read.
    this.#timer ??= setTimeout(() => this.#draw(), 100).unref();
  }

  finished(host: string): void {
    if (this.#doing.delete(host)) this.#done += 1;
  }

  /** Removes the line before something is printed. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }

  /** Hides the line until something happens again. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.clear();
  }

  end(): void {
    this.pause();
    this.#doing.clear();
  }

  #draw(): void {
    this.#timer = undefined;
    if (this.#doing.size === 0) return;
    const hosts = [...this.#doing].map(([host, task]) => `${host}: ${task}`).join('  ');
    const left = this.#total > 1 ? `${this.#total - this.#done} of ${this.#total} hosts left  ` : '';
    const width = Math.max(20, (this.#stream.columns || 80) - 1);
    this.#stream.write(
      `\r${this.#style.dim(`${left}${hosts}`.replace(/[\x00-\x1f\x7f-\x9f]/g, '?').slice(0, width))}\x1b[K`,
    );
    this.#shown = true;
  }
}
