import type { Clock } from './clock.ts';
import { TaskEntries, entryLines } from './entry.ts';
import { failureLines, serviceLines } from './failure.ts';
import { Folding, type Entry } from './folding.ts';
import { nameless } from './host-names.ts';
import type { ShownEvent, ShownTaskEvent } from './masked.ts';
import { Reasons } from './reasons.ts';
import { saidLines, type Line } from './shown.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';
import { indented } from './wrapped.ts';

interface EntriesOptions {
  readonly stream: Terminal;
  readonly style: Style;
  readonly check: boolean;
  readonly diff: boolean | 'full';
  readonly verbosity: number;
  readonly clock: Clock;
  readonly print: (lines: readonly Line[]) => void;
}

type HostFailure = Extract<ShownEvent, { event: 'unreachable' | 'host-failed' }>;

/** The width of a line where there is no terminal that has one. */
const usualWidth = 120;

/** What hosts came to, as entries that hosts with the same share. */
export class Entries {
  readonly #options: EntriesOptions;
  readonly #reasons = new Reasons();
  readonly #tasks: TaskEntries;
  readonly #folding: Folding;

  constructor(options: EntriesOptions) {
    this.#options = options;
    const { stream, clock, print } = options;
    this.#tasks = new TaskEntries({ ...options, isTerminal: stream.isTTY, width: () => this.#width }, this.#reasons);
    this.#folding = new Folding({ clock, print, repeated: (...told) => this.#tasks.repeated(...told) });
  }

  get #width(): number {
    const { isTTY, columns } = this.#options.stream;
    return isTTY ? Math.max(40, columns || 80) : usualWidth;
  }

  begin(hosts: readonly string[]): void {
    this.#folding.begin(hosts);
  }

  task(event: ShownTaskEvent): void {
    const entry = this.#tasks.of(event);
    if (entry) this.#folding.add(entry);
  }

  /** What is told of a host, or of none, in a sentence. */
  remark(word: string, host: string | null, text: string): void {
    const name = saidLines(text);
    if (host === null) {
      this.flush();
      return this.#options.print([`${word}  ${name}`]);
    }
    this.#add({
      host,
      word,
      name,
      identity: JSON.stringify([word, name]),
      isUrgent: false,
      lines: (of) => entryLines(word, of, name, [], this.#width),
    });
  }

  failedHost({ event, host, error }: HostFailure): void {
    const { style } = this.#options;
    const below = indented([...failureLines(error, { style }), ...serviceLines(error)]);
    const word = style.red(event === 'unreachable' ? 'unreachable' : 'failed');
    this.#add({
      host,
      word,
      name: saidLines(error.what).split('\n', 1)[0] ?? '',
      identity: JSON.stringify([event, below]),
      isUrgent: true,
      lines: (of) => [...entryLines(word, of, '', [], this.#width), ...below],
    });
    this.left(host);
  }

  /** A host takes no further part. */
  left(host: string): void {
    this.#folding.left(host);
  }

  /** Before something else is printed of a host. */
  before(host: string): void {
    this.#folding.before(host);
  }

  /** Before something else is printed. */
  flush(): void {
    this.#folding.flush();
  }

  /** All hosts are done: what there is to say of all of it. */
  end(): void {
    this.flush();
    this.#options.print(this.#reasons.lines(this.#options.style, this.#width));
  }

  #add(entry: Omit<Entry, 'seconds'>): void {
    this.#folding.add({ ...entry, seconds: 0, identity: nameless(entry.identity, entry.host) });
  }
}
