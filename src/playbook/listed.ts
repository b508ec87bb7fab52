import type { Deferrable } from './deferred.ts';
import type { ListedGate } from './gate.ts';
import type { Handler } from './handler.ts';
import type { CommitConfirmed, SharedKeywords, Task } from './task.ts';
import type { ListedTransaction } from './transaction.ts';

/** One task with all it inherits from play, role and blocks. */
export interface ListedTask {
  readonly task: Task;
  /** As output shows it: the task's name, a handler's own. */
  readonly name: string;
  readonly role: string | null;
  readonly tags: readonly string[];
  readonly become: boolean;
  readonly becomeUser: string;
  readonly notify: readonly ListedHandler[];
  /** All of them must hold: those of its blocks, then its own. */
  readonly conditions: readonly Deferrable<boolean>[];
  readonly inherited: Inherited;
  /** Set for the tasks of a gate. */
  readonly gate?: ListedGate;
  /** What it goes by on its host, from one run to the next: role, name, and which of that name. */
  readonly key: string;
  /** What it goes by on all hosts where they take turns at it (`runOnce`, `throttle`). Default: its key. */
  readonly shared?: string;
}

/** Keywords a task may have from its blocks. */
export type Inherited = Omit<SharedKeywords, 'tags' | 'become' | 'becomeUser'>;

/** Listed tasks that fail and are made good together. */
export interface ListedBlock {
  /** What its tasks change stands only once a new login works. */
  readonly commitConfirmed?: CommitConfirmed;
  readonly block: readonly ListedItem[];
  readonly rescue: readonly ListedItem[];
  readonly always: readonly ListedItem[];
  /** Set where all of its changes are made or none. */
  readonly transaction?: ListedTransaction;
}
/** The handlers that are due run here. */
export interface ListedFlush {
  readonly flush: true;
}
export type ListedItem = ListedTask | ListedBlock | ListedFlush;

/** A handler made for one host. */
export interface ListedHandler {
  /** Unique in the playbook: `role : name`, or `play web : name`. What is owed is recorded under it. */
  readonly id: string;
  readonly handler: Handler;
  readonly listed: ListedTask;
}
