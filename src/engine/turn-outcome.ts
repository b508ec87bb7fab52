import type { Plan } from '../contract/index.ts';
import type { TaskEvent } from './events.ts';
import type { Judgement } from './judge.ts';
import type { PendingChange } from './pack.ts';
import type { Place } from './place.ts';

/** The outcome of a task, before functions of the playbook judge it. */
export interface Outcome {
  readonly event: TaskEvent;
  /** What later tasks read. */
  readonly result: unknown;
  readonly changed: boolean;
  /** Why it failed; undefined where it did not. */
  readonly failure: string | undefined;
  /** Check mode: why its result is not known before it has run. */
  readonly open?: string | undefined;
  /** Neither judged nor tried again: it was skipped, refused, or cannot be known. */
  readonly isFinal?: boolean;
  /** It failed for want of a tool: a gate need not be tried again. */
  readonly isHopeless?: boolean;
  /** The change was made, though it did not hold: its handlers are due. */
  readonly isMade?: boolean;
  /** An earlier run did it, and told its handlers: the result counts, and is no change of this one. */
  readonly isDoneBefore?: boolean;
  /** It was only to tell what it would do: it counts as no change, though its result says that there is one. */
  readonly isOnlyTold?: boolean;
  /** It was refused at its turn (`refuse`): the host stops here, however the task or its block treats failures. */
  readonly isStop?: boolean;
  /** Check mode: what it would make of the host. */
  readonly foreseen?: { readonly place: Place; readonly plan: Plan<unknown> };
}

/** What follows from a plan: the task is finished, or its change is due to be sent. */
export type Decision =
  | { readonly is: 'came'; readonly outcome: Outcome }
  | { readonly is: 'due'; readonly change: PendingChange };

/** The outcome of a task once it was judged. */
export interface Concluded {
  readonly event: TaskEvent;
  readonly result: unknown;
  readonly judged: Judgement;
  readonly isFinal: boolean;
  readonly isHopeless: boolean;
  /** Nothing failed on the host, whatever the judgement. */
  readonly isSound: boolean;
  readonly isMade: boolean;
  /** The host stops here, however its tasks and blocks treat failures. */
  readonly isStop: boolean;
}
