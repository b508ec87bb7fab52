import { createHash } from 'node:crypto';
import type { Plan } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { sharedKeyOf, type ListedTask } from '../playbook/index.ts';
import { Redactor } from '../secrets/index.ts';
import type { LeftResult } from './evaluate.ts';
import type { HostContext } from './host-context.ts';

/** How far an earlier run came, for one that goes on with it. */
export interface Earlier {
  /** Whether a host had all of a play. @param part the number of the play in the playbook */
  isOver(part: number, host: string): boolean;
  /** Whether anything of a play was begun on a host. */
  hasBegun(part: number, host: string): boolean;
  /**
   * What became of a task that does its work every time it is run. `begun`: it was sent, and nobody knows how it ended.
   * Undefined: it was not begun, or failed.
   *
   * @param host undefined: on whichever host
   */
  of(part: number, host: string | undefined, key: string): EarlierTask | undefined;
}

export type EarlierTask =
  | { readonly is: 'begun'; readonly at: string }
  /** `result`: undefined where it was not fit to be kept. */
  | { readonly is: 'done'; readonly at: string; readonly changed: boolean; readonly result: object | undefined };

/** Bytes of a result that are kept. */
const mostKept = 64 * 1024;

/**
 * Whether a plan does its work anew each time it is run, so that one that goes on with a killed run has to know of it. All
 * others are planned again: the host says what is left of them. A gate is about the moment at which it stands.
 */
export function isMarked({ gate }: ListedTask, plan: Plan<unknown>): boolean {
  return plan.always === true && gate === undefined;
}

/** A task's name in the records: it may hold what a command line holds. Of one that runs once any host may ask. */
export function markKey(listed: ListedTask): string {
  return createHash('sha256')
    .update(listed.inherited.runOnce ? sharedKeyOf(listed) : listed.key)
    .digest('hex')
    .slice(0, 16);
}

/** A result as it may lie on the disk; undefined where it holds secrets, or is too much. */
export function keptResult(result: unknown, { inherited }: ListedTask): object | undefined {
  if (typeof result !== 'object' || result === null || inherited.noLog) return undefined;
  const text = JSON.stringify(result);
  return text.length <= mostKept && new Redactor().redact(text) === text ? result : undefined;
}

/** Of results that were not kept: the task's name. */
export const lostNames = new WeakMap<object, string>();

/**
 * What later tasks read of a task whose result was not kept. @throws PlayError where they read more than whether it changed
 * something
 */
export function lostResult(name: string, changed: boolean): LeftResult['result'] {
  const known = { changed, failed: false, skipped: false };
  const lost = new Proxy<LeftResult['result']>(known, {
    get(target, field) {
      if (field in target || typeof field === 'symbol') return Reflect.get(target, field);
      throw new PlayError(`What the task "${name}" gave was not kept by the run that this one goes on with`, {
        hint: 'It holds secrets, has noLog, or is too much. Begin anew: play with the same arguments.',
      });
    },
  });
  lostNames.set(lost, name);
  return lost;
}

/** Asks the operator whether a task was done. @returns undefined where nobody can be asked */
export async function askWhetherDone(
  { input, session, signal }: HostContext,
  name: string,
  at: string,
): Promise<boolean | undefined> {
  const text = `Was "${name}" done on ${session.host}? It was running at ${at} when the run ended. (y)es, it was done; (n)o, do it now: `;
  for (;;) {
    const answer = await input.ask?.({ host: session.host, text }, signal).catch((thrown: unknown) => {
      if (thrown instanceof PlayError) return undefined;
      throw thrown;
    });
    if (answer === undefined) return undefined;
    if (/^y(es)?$/i.test(answer.trim())) return true;
    if (/^n(o)?$/i.test(answer.trim())) return false;
  }
}
