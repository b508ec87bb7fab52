import type { LogLine } from './log-line.ts';

/**
 * Merges streams into one by time. Each is in order for itself; clocks of hosts differ, and the order is theirs.
 *
 * While streams have an end, a line is printed once every other stream has a later one, or is over. Streams without an
 * end would make all wait for the quietest: there lines wait `window` milliseconds for older ones of others.
 */
export class Merge {
  readonly #streams = new Map<string, { readonly lines: LogLine[]; isOver: boolean }>();
  readonly #print: (line: LogLine) => void;
  readonly #window: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param window undefined: the streams end */
  constructor(streams: readonly string[], print: (line: LogLine) => void, window?: number) {
    for (const stream of streams) this.#streams.set(stream, { lines: [], isOver: false });
    this.#print = print;
    this.#window = window;
  }

  push(stream: string, line: LogLine): void {
    this.#streams.get(stream)?.lines.push(line);
    if (this.#window === undefined) this.#printKnown();
    else this.#timer ??= setTimeout(() => this.flush(), this.#window);
  }

  /** The stream is over: nobody waits for it. */
  end(stream: string): void {
    const ended = this.#streams.get(stream);
    if (ended !== undefined) ended.isOver = true;
    if (this.#window === undefined) this.#printKnown();
  }

  /** Prints what is there. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = [...this.#streams.values()].flatMap((stream) => stream.lines.splice(0));
    for (const line of lines.toSorted((a, b) => timeOf(a) - timeOf(b))) this.#print(line);
  }

  /** Prints what no other stream can have an older line than. */
  #printKnown(): void {
    for (;;) {
      let first: LogLine[] | undefined;
      for (const { lines, isOver } of this.#streams.values()) {
        if (lines.length === 0 && !isOver) return;
        if (lines.length > 0 && (first === undefined || timeOf(lines[0]) < timeOf(first[0]))) first = lines;
      }
      const line = first?.shift();
      if (line === undefined) return;
      this.#print(line);
    }
  }
}

/** Passes on the last lines of each stream once it is over: with --grep, journalctl -n begins with the newest. */
export class LastLines {
  readonly #most: number;
  readonly #next: Merge;
  readonly #lines = new Map<string, LogLine[]>();

  constructor(most: number, next: Merge) {
    this.#most = most;
    this.#next = next;
  }

  push(stream: string, line: LogLine): void {
    const lines = this.#lines.get(stream) ?? [];
    this.#lines.set(stream, lines);
    lines.push(line);
  }

  end(stream: string): void {
    const lines = (this.#lines.get(stream) ?? []).toSorted((a, b) => timeOf(a) - timeOf(b));
    for (const line of lines.slice(-this.#most)) this.#next.push(stream, line);
    this.#next.end(stream);
  }
}

/** What has no time stands where it came: as if it were as old as can be. */
function timeOf(line: LogLine | undefined): number {
  return line?.time ?? 0;
}
