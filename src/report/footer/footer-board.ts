import type { ShownEvent } from '../masked.ts';

/** What a host is at, as the footer shows it. */
export interface Doing {
  readonly host: string;
  readonly what: string;
  /** Since when, in milliseconds since the epoch; undefined where `what` says how long. */
  readonly since: number | undefined;
  /** Something runs there whose output may be shown. */
  readonly hasOutput: boolean;
}

/** How far a run is. */
export interface Standing {
  /** What hosts are at, the longest first. */
  readonly doing: readonly Doing[];
  readonly hosts: number;
  /** Those that are through with all, and did not fail. */
  readonly done: number;
  readonly failed: number;
  /** Tasks of all hosts, and those not done yet; undefined where nobody counted them. */
  readonly tasks: { readonly all: number; readonly left: number } | undefined;
  /** When the run began, in milliseconds since the epoch. */
  readonly began: number;
}

/** Remembers how far a run is, by its events. */
export class FooterBoard {
  readonly #doing = new Map<string, Doing>();
  readonly #hosts = new Set<string>();
  readonly #over = new Set<string>();
  readonly #failed = new Set<string>();
  /** Tasks of plays that a host has been through, and those it came to in the present one. */
  readonly #finished = new Map<string, number>();
  readonly #seen = new Map<string, number>();
  /** Tasks that were begun, of those that were sent together: what came of them is told once all of them are over. */
  readonly #begun = new Map<string, number>();
  readonly #tasks: ReadonlyMap<string, number> | undefined;
  readonly #now: () => number;
  readonly #began: number;

  /** @param tasks how many tasks each host has in all plays */
  constructor(tasks?: ReadonlyMap<string, number>, now: () => number = Date.now) {
    this.#tasks = tasks;
    this.#now = now;
    this.#began = now();
    for (const host of tasks?.keys() ?? []) this.#hosts.add(host);
  }

  hear(event: ShownEvent): void {
    switch (event.event) {
      case 'play':
        for (const host of event.hosts) this.#hosts.add(host);
        break;
      case 'connected':
        // Not one that tasks are only delegated to: it has no part in the play.
        if (this.#hosts.has(event.host)) this.#set(event.host, 'looking', { hasOutput: false });
        break;
      case 'working': {
        const { host, task, wait, hidden } = event;
        if (nameOf(this.#doing.get(host)?.what ?? '') !== nameOf(task)) add(this.#begun, host, 1);
        this.#set(host, task, { hasOutput: wait === undefined && hidden !== true, isTimed: wait === undefined });
        break;
      }
      case 'notice':
        if (event.host !== null) this.#hearNotice(event.host, event.text);
        break;
      case 'task':
      case 'handler': {
        const { host, gate, status } = event;
        this.#begun.set(host, Math.max(0, (this.#begun.get(host) ?? 0) - 1));
        if (event.event === 'task' && gate !== 'healthy') add(this.#seen, host, 1);
        const hasFailed = (status === 'failed' || status === 'unreachable') && !event.ignored && !event.rescued;
        if (hasFailed) this.#end(host, true);
        else this.#doing.set(host, { host, what: 'looking', since: this.#now(), hasOutput: false });
        break;
      }
      case 'unreachable':
      case 'host-failed':
        this.#end(event.host, true);
        break;
      case 'held':
      case 'gone':
        this.#end(event.host, false);
        break;
      case 'recap':
        this.#doing.clear();
        break;
      default:
    }
  }

  connecting(host: string): void {
    if (this.#hosts.has(host)) this.#set(host, 'connecting', { hasOutput: false });
  }

  /** A host has been through a play. @param tasks how many it had there */
  through(host: string, tasks: number): void {
    add(this.#finished, host, tasks);
    this.#seen.delete(host);
    this.#begun.delete(host);
    this.#doing.delete(host);
  }

  get isBusy(): boolean {
    return this.#doing.size > 0;
  }

  standing(): Standing {
    const all = sum(this.#tasks?.values() ?? []);
    const leftOf = (host: string): number => {
      if (this.#over.has(host)) return 0;
      const rest = (this.#tasks?.get(host) ?? 0) - (this.#finished.get(host) ?? 0);
      const before = Math.max(0, (this.#begun.get(host) ?? 0) - 1);
      return Math.max(0, rest - (this.#seen.get(host) ?? 0) - before);
    };
    const isDone = (host: string): boolean =>
      this.#over.has(host) ||
      (this.#tasks !== undefined && (this.#finished.get(host) ?? 0) >= (this.#tasks.get(host) ?? 0));
    const hosts = [...this.#hosts];
    return {
      doing: [...this.#doing.values()].sort((a, b) => (a.since ?? 0) - (b.since ?? 0)),
      hosts: hosts.length,
      done: hosts.filter((host) => isDone(host) && !this.#failed.has(host)).length,
      failed: this.#failed.size,
      tasks: this.#tasks === undefined ? undefined : { all, left: sum(hosts.map(leftOf)) },
      began: this.#began,
    };
  }

  /** For another run's lock, for apt: whoever looks at the footer wants to know just that. */
  #hearNotice(host: string, text: string): void {
    const isWait = text.startsWith('waiting for ');
    if (isWait && this.#doing.has(host)) this.#set(host, text, { hasOutput: false });
    else if (this.#doing.get(host)?.what.startsWith('waiting for ')) this.#set(host, 'looking', { hasOutput: false });
  }

  #set(host: string, what: string, { hasOutput, isTimed = true }: { hasOutput: boolean; isTimed?: boolean }): void {
    const before = this.#doing.get(host);
    // What tells of its progress in brackets is the same work still.
    const isSame = before !== undefined && nameOf(before.what) === nameOf(what);
    const since = isTimed ? ((isSame ? before.since : undefined) ?? this.#now()) : undefined;
    this.#doing.set(host, { host, what, since, hasOutput });
  }

  #end(host: string, hasFailed: boolean): void {
    this.#doing.delete(host);
    this.#over.add(host);
    if (hasFailed) this.#failed.add(host);
  }
}

const nameOf = (what: string): string => what.replace(/ \(.*$/s, '');

function add(counts: Map<string, number>, host: string, count: number): void {
  counts.set(host, (counts.get(host) ?? 0) + count);
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
