import type { Redactor } from '../secrets/index.ts';
import { printable } from './style.ts';

export interface HostLinesOptions {
  readonly redactor: Redactor;
  /** Told each whole line, without its end. */
  readonly onLine: (line: string) => void;
  /** Make control characters visible: for a terminal. */
  readonly visible: boolean;
}

/** Cuts one stream of one host into lines as they come, secrets masked also where they arrive in pieces. */
export class HostLines {
  readonly #options: HostLinesOptions;
  readonly #masked: ReturnType<Redactor['stream']>;
  // Bytes and not text: a character may arrive in two pieces.
  #rest: Buffer = Buffer.alloc(0);

  constructor(options: HostLinesOptions) {
    this.#options = options;
    this.#masked = options.redactor.stream();
  }

  write(chunk: Buffer): void {
    this.#push(this.#masked.write(chunk));
  }

  /** A last line that has no end is told too. */
  end(): void {
    this.#push(this.#masked.end());
    if (this.#rest.length > 0) this.#tell(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #push(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      this.#tell(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    this.#rest = rest;
  }

  #tell(bytes: Buffer): void {
    const line = bytes.toString('utf8').replace(/\r$/, '');
    this.#options.onLine(this.#options.visible ? printable(line) : line);
  }
}
