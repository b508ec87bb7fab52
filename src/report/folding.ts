import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Line } from './shown.ts';

/** What may be told of several hosts at once. */
export interface Entry {
  readonly host: string;
  /** Entries of other hosts with the same are told with it. */
  readonly identity: string;
  /** What it is called where it is told again: `changed`, coloured, and `nginx : configuration`. */
  readonly word: string;
  readonly name: string;
  readonly seconds: number;
  /** It is printed at once, as failures are; what repeats it soon. */
  readonly isUrgent: boolean;
  readonly lines: (of: EntryHosts) => readonly Line[];
}

/** Of whom an entry is told. */
export interface EntryHosts {
  readonly hosts: readonly string[];
  /** Those of the play. */
  readonly all: readonly string[];
  /** The longest it took one of them. */
  readonly seconds: number;
}

/** That a host came to what was told of another before. */
export interface Repeat {
  readonly word: string;
  readonly name: string;
  /** The host it was told of. */
  readonly on: string;
}

/** An entry that waits for more hosts. */
interface Open {
  readonly entry: Entry;
  readonly key: string;
  readonly hosts: Set<string>;
  readonly number: number;
  readonly opened: number;
  last: number;
  seconds: number;
}

type Held = { readonly open: Open } | { readonly repeat: Repeat };

interface FoldingOptions {
  readonly clock: Clock;
  readonly print: (lines: readonly Line[]) => void;
  /**
   * The lines that tell of hosts that they came to the same as another did; `before`: those of whom the very same was told
   * last.
   */
  readonly repeated: (
    of: Pick<EntryHosts, 'hosts' | 'all'>,
    repeats: readonly Repeat[],
    before: readonly string[] | undefined,
  ) => readonly Line[];
}

/** Milliseconds without another host, and at most, for what repeats what was told: that has time. */
const late = { quiet: 3000, most: 12_000 };
/** For what is news: the further apart hosts may be by then, the longer, as a part of the time since the play began. */
const soon = { least: 500, part: 0.25, longest: 2000, times: 3 };

/**
 * Joins what many hosts have in common. An entry is printed once all hosts came to it, or shortly after no more do; those
 * that come later are told of by name. What is told of one host keeps its order. In a play with one host all is printed at
 * once.
 */
export class Folding {
  readonly #options: FoldingOptions;
  #all: readonly string[] = [];
  readonly #out = new Set<string>();
  #count = 0;
  #began = 0;
  /** What was printed, and the host it was printed of first. */
  readonly #told = new Map<string, string>();
  readonly #open = new Map<string, Open>();
  /** Of each host what is held back, in order. */
  readonly #held = new Map<string, Held[]>();
  /** The last line of what was repeated: most often that of the next hosts is the same. */
  #lastLine: { readonly key: string; readonly hosts: readonly string[] } | undefined;
  readonly #repeats = { count: 0, since: 0, last: 0, isUrgent: false };
  #waiting: { readonly until: number; readonly cancel: () => void } | undefined;

  constructor(options: FoldingOptions) {
    this.#options = options;
  }

  /** Another play begins. */
  begin(hosts: readonly string[]): void {
    this.flush();
    this.#all = hosts;
    this.#began = this.#options.clock.now();
    this.#told.clear();
    this.#lastLine = undefined;
    this.#out.clear();
  }

  add(entry: Entry): void {
    const { host, seconds } = entry;
    if (this.#all.length < 2) return this.#options.print(entry.lines({ hosts: [host], all: this.#all, seconds }));
    const key = createHash('sha256').update(entry.identity).digest('base64url');
    const open = this.#open.get(key);
    if (open !== undefined && this.#mayJoin(host, open)) this.#join(entry, open);
    else {
      if (open !== undefined) this.#tell(open);
      const on = this.#told.get(key);
      if (on === undefined) this.#begin(entry, key);
      else this.#repeat(entry, on);
    }
    this.#tellComplete();
    this.#wait();
  }

  /** A host takes no further part: nothing waits for it. */
  left(host: string): void {
    this.#out.add(host);
    this.#tellComplete();
    this.#wait();
  }

  /** Prints what is held back of a host, before something else is told of it. */
  before(host: string): void {
    for (const held of this.#held.get(host) ?? []) if ('open' in held) this.#tell(held.open);
    this.#tellRepeats([host]);
    this.#wait();
  }

  /** Prints all that is held back. */
  flush(): void {
    for (const open of [...this.#open.values()].sort((a, b) => a.number - b.number)) this.#tell(open);
    this.#tellRepeats(this.#inOrder(this.#held));
    this.#wait();
  }

  #inOrder(hosts: ReadonlySet<string> | ReadonlyMap<string, unknown>): string[] {
    const known = new Set(this.#all);
    return [...this.#all.filter((host) => hosts.has(host)), ...[...hosts.keys()].filter((host) => !known.has(host))];
  }

  /** What a host came to after it must not be told before it. */
  #mayJoin(host: string, open: Open): boolean {
    return (this.#held.get(host) ?? []).every((held) => !('open' in held) || held.open.number < open.number);
  }

  #begin(entry: Entry, key: string): void {
    const now = this.#options.clock.now();
    this.#count += 1;
    const open: Open = { entry, key, hosts: new Set(), number: this.#count, opened: now, last: now, seconds: 0 };
    this.#open.set(key, open);
    this.#join(entry, open);
    if (entry.isUrgent) this.#tell(open);
  }

  #join({ host, seconds }: Entry, open: Open): void {
    open.hosts.add(host);
    open.last = this.#options.clock.now();
    open.seconds = Math.max(open.seconds, seconds);
    this.#hold(host, { open });
  }

  #repeat({ host, word, name, isUrgent }: Entry, on: string): void {
    const now = this.#options.clock.now();
    if (this.#repeats.count === 0) Object.assign(this.#repeats, { since: now, isUrgent: false });
    this.#repeats.isUrgent ||= isUrgent;
    this.#repeats.count += 1;
    this.#repeats.last = now;
    this.#hold(host, { repeat: { word, name, on } });
  }

  #hold(host: string, held: Held): void {
    const list = this.#held.get(host);
    if (list) list.push(held);
    else this.#held.set(host, [held]);
  }

  /** Prints an entry; before it what its hosts came to before. */
  #tell(open: Open): void {
    if (!this.#open.has(open.key)) return;
    const told = this.#inOrder(open.hosts);
    for (const host of told)
      for (const held of this.#held.get(host) ?? []) {
        if ('open' in held && held.open === open) break;
        if ('open' in held) this.#tell(held.open);
      }
    this.#tellRepeats(told);
    for (const host of told) this.#held.set(host, (this.#held.get(host) ?? []).slice(1));
    this.#open.delete(open.key);
    this.#told.set(open.key, told[0] ?? '');
    this.#options.print(open.entry.lines({ hosts: told, all: this.#all, seconds: open.seconds }));
  }

  #tellComplete(): void {
    const present = this.#all.length - this.#out.size;
    for (const open of this.#open.values())
      if (open.hosts.size >= present && this.#all.every((host) => open.hosts.has(host) || this.#out.has(host)))
        this.#tell(open);
  }

  /** Prints what these hosts repeat, up to the first of their entries that waits; hosts with the same as one. */
  #tellRepeats(hosts: readonly string[]): void {
    const groups = new Map<string, { readonly hosts: string[]; readonly repeats: readonly Repeat[] }>();
    for (const host of hosts) {
      const held = this.#held.get(host) ?? [];
      const end = held.findIndex((one) => 'open' in one);
      const repeats = held
        .slice(0, end < 0 ? held.length : end)
        .flatMap((one) => ('repeat' in one ? [one.repeat] : []));
      if (repeats.length === held.length) this.#held.delete(host);
      else this.#held.set(host, held.slice(repeats.length));
      this.#repeats.count -= repeats.length;
      if (repeats.length === 0) continue;
      const key = JSON.stringify(repeats);
      const group = groups.get(key);
      if (group) group.hosts.push(host);
      else groups.set(key, { hosts: [host], repeats });
    }
    for (const [key, group] of groups) {
      const before = this.#lastLine?.key === key ? this.#lastLine.hosts : undefined;
      this.#options.print(this.#options.repeated({ hosts: group.hosts, all: this.#all }, group.repeats, before));
      this.#lastLine = { key, hosts: group.hosts };
    }
  }

  /** Comes back when the first of what is held back has waited long enough. */
  #wait(): void {
    const { clock } = this.#options;
    const until = Math.min(...[...this.#open.values()].map((open) => this.#dueOf(open)), this.#repeatsDue());
    // One that comes too early looks again.
    if (this.#waiting && this.#waiting.until <= until && until < Infinity) return;
    this.#waiting?.cancel();
    this.#waiting = undefined;
    if (until === Infinity) return;
    const stops = [
      clock.after(Math.max(0, until - clock.now()), () => this.#tellDue()),
      clock.atExit(() => this.flush()),
    ];
    const cancel = (): void => {
      for (const stop of stops) stop();
    };
    this.#waiting = { until, cancel };
  }

  #tellDue(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
    const now = this.#options.clock.now();
    for (const open of this.#open.values()) if (this.#dueOf(open) <= now) this.#tell(open);
    if (this.#repeatsDue() <= now) {
      this.#tellRepeats(this.#inOrder(this.#held));
      // What is left stands behind an entry that still waits.
      this.#repeats.since = this.#repeats.last = now;
    }
    this.#wait();
  }

  #repeatsDue(): number {
    const { count, since, last, isUrgent } = this.#repeats;
    const { quiet, most } = isUrgent ? this.#patience(since) : late;
    return count === 0 ? Infinity : Math.min(last + quiet, since + most);
  }

  #dueOf({ opened, last }: Open): number {
    const { quiet, most } = this.#patience(opened);
    return Math.min(last + quiet, opened + most);
  }

  #patience(since: number): typeof late {
    const quiet = Math.min(soon.longest, Math.max(soon.least, (since - this.#began) * soon.part));
    return { quiet, most: quiet * soon.times };
  }
}
