import type { LoggedEnd, MarkedTask, OnceResult, WrittenResult } from '../engine/index.ts';
import type { ShownEvent } from '../report/index.ts';
import type { Holder, PartEnd } from '../run/index.ts';

/**
 * What a run and its workers tell each other. All of it is sealed by who has the key; a worker is believed no more than what
 * it may say of the hosts it was given.
 */

/** What a run is made of, as far as a worker has to be told: the rest it reads in its own copy of the project. */
export interface RunInputs {
  /** The id of the run's record. */
  readonly id: string;
  /** The build of play, which has to be the worker's. */
  readonly build: string;
  readonly version: string;
  /** The playbook, from the project's folder. */
  readonly playbook: string;
  /** The command line, for the same options there. */
  readonly args: readonly string[];
  /** The limit with nothing of this machine in it (`@failed`, files). */
  readonly limit: string | undefined;
  /** The project's files that the run was made from, each with a digest. */
  readonly files: Readonly<Record<string, string>>;
  readonly commit: string | undefined;
  readonly project: string;
  readonly kind: 'playbook';
  /** Passwords that the operator typed; those in files a worker reads itself. */
  readonly passwords: { readonly login?: string; readonly become?: string };
  readonly by: string;
  readonly lock: { readonly run: string; readonly holder: Holder };
  readonly foretells: boolean;
  readonly trace: boolean;
  readonly command: string;
  /** Seconds of silence after which a worker counts as lost, and a run for its workers. */
  readonly lostAfter: number;
}

/** The outcome of a task that runs once. */
export interface WrittenOnce extends Omit<OnceResult, 'result'> {
  readonly result: WrittenResult | null;
}

/** A job of the queue: a host waits for a worker. Which one it is, the run says. */
export interface WaitingHost {
  readonly run: string;
  readonly seat: string;
}

/** A host's part of a play, given to a worker. */
export interface PartOrder {
  readonly call: number;
  /** The number of the play in the playbook. */
  readonly play: number;
  /** Watch the canary rather than run the play. */
  readonly watches: boolean;
  readonly marks: readonly MarkedTask[];
  /** Check mode: the first change planned on any host so far. */
  readonly changed: string | undefined;
}

export type ToWorker =
  | { readonly is: 'go'; readonly seat: string; readonly host: string; readonly former: readonly string[] }
  | { readonly is: 'inputs'; readonly inputs: RunInputs }
  | { readonly is: 'drop'; readonly seat: string }
  | { readonly is: 'part'; readonly seat: string; readonly order: PartOrder }
  | { readonly is: 'abort'; readonly seat: string }
  | { readonly is: 'answer'; readonly seat: string; readonly id: number; readonly value: unknown }
  | { readonly is: 'over'; readonly ends: Readonly<Record<string, LoggedEnd>> };

/** What a host waits for while others are at work, or people think. */
export type Need =
  | { readonly for: 'once'; readonly key: string }
  | { readonly for: 'place'; readonly key: string; readonly most: number }
  | { readonly for: 'pace'; readonly at: number | { readonly handler: string } | 'handlers' }
  | { readonly for: 'operator'; readonly text: string };

export type ToRun =
  | { readonly is: 'claim'; readonly seat: string; readonly worker: string }
  | { readonly is: 'refuse'; readonly seat: string; readonly why: string; readonly hint: string | undefined }
  | { readonly is: 'event'; readonly seat: string; readonly call: number; readonly event: ShownEvent }
  | { readonly is: 'need'; readonly seat: string; readonly call: number; readonly id: number; readonly need: Need }
  | { readonly is: 'left'; readonly seat: string; readonly id: number }
  | { readonly is: 'settled'; readonly seat: string; readonly key: string; readonly result: WrittenOnce }
  | {
      readonly is: 'end';
      readonly seat: string;
      readonly call: number;
      readonly end: PartEnd;
      readonly changed: string | undefined;
    }
  /** It has closed its connections, as the run is over; or it leaves before that. */
  | { readonly is: 'closed' }
  | { readonly is: 'bye' };
