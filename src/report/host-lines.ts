import { Pile } from '../connection/pile.ts';
import type { Redactor } from '../secrets/index.ts';

export interface HostLinesOptions {
  readonly redactor: Redactor;
  /** Called with each whole line, without its line break; with a very long one in parts. */
  readonly onLine: (line: string) => void;
}

/**
 * Longer lines are passed on in parts of this length, in bytes: nobody reads them, and lines must be kept until their
 * end comes.
 */
const longest = 1024 * 1024;

/** Splits one stream of one host into lines as they come; secrets are masked even where they arrive in pieces. */
export class HostLines {
  readonly #options: HostLinesOptions;
  readonly #masked: ReturnType<Redactor['stream']>;
  // Bytes rather than text: a character may arrive in two pieces.
  readonly #rest = new Pile();

  constructor(options: HostLinesOptions) {
    this.#options = options;
    this.#masked = options.redactor.stream();
  }

  write(chunk: Buffer): void {
    this.#push(this.#masked.write(chunk));
  }

  /** A last line without a line break is passed on too. */
  end(): void {
    this.#push(this.#masked.end());
    if (this.#rest.length > 0) this.#tell();
  }

  #push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      const end = rest.indexOf(0x0a);
      const room = longest - this.#rest.length;
      const isCut = (end < 0 ? rest.length : end) > room;
      const part = rest.subarray(0, isCut ? room : end < 0 ? rest.length : end);
      this.#rest.add(part);
      if (!isCut && end < 0) return;
      this.#tell();
      rest = rest.subarray(part.length + (isCut ? 0 : 1));
    }
  }

  #tell(): void {
    const line = this.#rest.take().toString('utf8').replace(/\r$/, '');
    this.#options.onLine(line);
  }
}
