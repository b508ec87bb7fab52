import type { RecordEntry } from '../../report/index.ts';
import type { RunModel } from '../run-model.ts';

/** Where the local pages get what they show. All of it is read anew for each request. */
export interface UiDesk {
  /** Runs on record, the last one first. */
  runIds(): readonly string[];
  /** A run in short; undefined where its record is damaged. */
  runInShort(id: string): ShortRun | undefined;
  entries(id: string): readonly RecordEntry[];
  /** Another text whenever there is something new of a run. */
  stateOf(id: string): string;
  plans(): readonly KnownPlan[];
  standings(): readonly KnownStanding[];
}

export interface ShortRun {
  readonly command: string;
  readonly by: string;
  readonly started: string;
  readonly check: boolean;
  readonly hosts: readonly string[];
  readonly isAlive: boolean;
  readonly exit: number | undefined;
  /** What it is doing, host by host. */
  readonly doing: readonly { readonly host: string; readonly task: string; readonly since: string }[];
  readonly question: string | null;
}

export interface KnownPlan {
  /** Its path as one would type it. */
  readonly file: string;
  readonly made: string;
  readonly playbook: string;
  readonly hosts: number;
  readonly model: () => RunModel;
}

/** How a host stands to a playbook, by the last `play drift`. */
export interface KnownStanding {
  readonly host: string;
  readonly playbook: string;
  readonly status: string;
  readonly since: string | null;
  readonly tasks: readonly { readonly role: string | null; readonly task: string; readonly since: string }[];
  readonly unknown: number;
  readonly reason: string | null;
  readonly checked: string;
}
