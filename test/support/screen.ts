/** As much of a terminal as play makes use of: what stands on its screen after what was written, scrolled away lines included. */
export class Screen {
  readonly #columns: number;
  readonly #rows: number;
  readonly #lines: string[] = [''];
  #row = 0;
  #column = 0;
  #rest = '';

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  write(given: string): void {
    const text = this.#rest + given;
    this.#rest = '';
    for (let i = 0; i < text.length;) {
      const [control, count = '', letter = ''] = /^\x1b\[([0-9;]*)([A-Za-z])/.exec(text.slice(i, i + 20)) ?? [];
      if (control !== undefined) {
        this.#obey(letter, Number(count || 0));
        i += control.length;
      } else if (text[i] === '\x1b' && text.length - i < 20) {
        this.#rest = text.slice(i);
        return;
      } else this.#put(text[i++] ?? '');
    }
  }

  /** Without blank lines at its end. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  #put(c: string): void {
    if (c === '\r') this.#column = 0;
    else if (c === '\n') this.#down();
    else {
      if (this.#column === this.#columns) {
        this.#column = 0;
        this.#down();
      }
      const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
      this.#lines[this.#row] = line.slice(0, this.#column) + c + line.slice(this.#column + 1);
      this.#column++;
    }
  }

  #down(): void {
    this.#row++;
    this.#lines[this.#row] ??= '';
  }

  #obey(letter: string, count: number): void {
    const line = this.#lines[this.#row] ?? '';
    if (letter === 'K') this.#lines[this.#row] = line.slice(0, this.#column);
    else if (letter === 'J') {
      this.#lines[this.#row] = line.slice(0, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (letter === 'A') {
      // No cursor gets to what has scrolled away.
      this.#row = Math.max(0, this.#lines.length - this.#rows, this.#row - Math.max(1, count));
    } else if (letter !== 'm') throw new Error(`the screen does not know ESC [ ${count} ${letter}`);
  }
}
