import type { HostCounts, ShownChange, TaskFailure } from '../engine/index.ts';

/** What a page says of a run as a whole. */
export interface About {
  /** What was run: the playbook's name. */
  readonly title: string;
  /** As it was typed, secrets masked. */
  readonly command: string;
  /** `anna@laptop`. */
  readonly by: string;
  /** ISO 8601. */
  readonly started: string;
  readonly check: boolean;
  /** What was known of it: events as they came, a plan, or a record, which has only what changed or failed. */
  readonly source: 'run' | 'plan' | 'record';
  readonly id?: string | undefined;
  readonly commit?: string | undefined;
}

/** What a task came to on a host, as a cell shows it. */
export type Outcome =
  | 'ok'
  | 'changed'
  | 'may'
  | 'failed'
  | 'unreachable'
  | 'ignored'
  | 'rescued'
  | 'held'
  | 'gone'
  | 'skipped';

export interface Cell {
  readonly outcome: Outcome;
  /** The number of the outcome that is told of it; undefined: there is no more to say. */
  readonly told: number | undefined;
  readonly seconds: number;
}

export interface Row {
  readonly kind: 'task' | 'handler' | 'host';
  readonly role: string | null;
  readonly task: string;
  readonly resource: string;
  readonly tags: readonly string[];
  readonly gate: string | undefined;
  /** By host. */
  readonly cells: Map<string, Cell>;
}

export interface PlayRows {
  readonly name: string;
  readonly rows: Row[];
}

/** One outcome of a task with all there is to say of it, and the hosts it is the same on. */
export interface Told {
  readonly row: Row;
  readonly play: string;
  readonly outcome: Outcome;
  readonly hosts: string[];
  readonly changes: readonly Change[];
  readonly message: string | null;
  readonly may: string | null;
  readonly assumed: readonly string[];
  readonly error: TaskFailure | null;
  /** `noLog`. */
  readonly isHidden: boolean;
}

export interface Change extends Omit<ShownChange, 'text'> {
  readonly path?: string;
  readonly diff?: string;
}

export interface HostRow {
  readonly name: string;
  /** Ansible's counts; undefined before the end. */
  counts: HostCounts | undefined;
  /** Seconds that its tasks took. */
  seconds: number;
}

/** A run as pages, JUnit and Markdown tell it: hosts by tasks, and what is to be said of each cell. */
export interface RunModel {
  readonly about: About;
  readonly hosts: readonly HostRow[];
  readonly plays: readonly PlayRows[];
  readonly told: readonly Told[];
  readonly notices: readonly { readonly host: string | null; readonly text: string }[];
  /** Undefined before the end. */
  readonly exit: number | undefined;
  readonly seconds: number | undefined;
}

/** @example nameOf({ role: 'nginx', task: 'write config', ... })  // 'nginx : write config' */
export function nameOf({ role, task, kind, gate }: Row): string {
  const name = role === null ? task : `${role} : ${task}`;
  if (kind === 'handler') return `${name} (handler)`;
  return gate === undefined ? name : `${name} (${gate === 'healthy' ? gate : `gate ${gate}`})`;
}

/** The outcome in the words that a run has for it. */
export function wordOf(outcome: Outcome, isCheck: boolean): string {
  switch (outcome) {
    case 'changed':
      return isCheck ? 'would change' : 'changed';
    case 'may':
      return 'may change';
    case 'failed':
      return isCheck ? 'would fail' : 'failed';
    case 'ignored':
      return 'failed, ignored';
    case 'rescued':
      return 'failed, rescued';
    default:
      return outcome;
  }
}

export const isFailure = (outcome: Outcome): boolean => outcome === 'failed' || outcome === 'unreachable';
export const isChange = (outcome: Outcome): boolean => outcome === 'changed' || outcome === 'may';

/** How many cells of the run came to this. */
export function countOf({ plays }: RunModel, is: (outcome: Outcome) => boolean): number {
  let count = 0;
  for (const { rows } of plays)
    for (const { cells } of rows) for (const { outcome } of cells.values()) if (is(outcome)) count++;
  return count;
}
