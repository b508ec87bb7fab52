/** How important a service is, and so what is repaired first. */
export type ServicePriority = 'high' | 'normal' | 'low';

/**
 * What to do when a service breaks: nothing, whom to call, or which runbook of the project to follow.
 *
 * @example 'leave it'
 * @example 'call anna, +49 30 1234'
 * @example 'runbook restore-archive'
 */
export type IfItBreaks = 'leave it' | `call ${string}` | `runbook ${string}`;

/**
 * What people who do not run a service themselves need to know about it. It is shown when a run fails on the service,
 * and on the page that `play page` writes.
 *
 * @example service: { name: 'Onionoo', owner: 'karsten', priority: 'high', ifItBreaks: 'call karsten, +49 30 1234' }
 */
export interface Service {
  /** What people call it. */
  readonly name: string;
  /** Who runs it: a person or a team. */
  readonly owner: string;
  /** Default `normal`. */
  readonly priority?: ServicePriority;
  /** What to do when it breaks. */
  readonly ifItBreaks: IfItBreaks;
  /** What it is for, in a sentence or two. */
  readonly about?: string;
  /** How to restore its data: free text, or `runbook NAME`. */
  readonly restore?: string;
}

const priorities: readonly unknown[] = ['high', 'normal', 'low'];
const isFilled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isFilledOrNone = (value: unknown): boolean => value === undefined || isFilled(value);
const fields: Readonly<Record<keyof Service, (value: unknown) => boolean>> = {
  name: isFilled,
  owner: isFilled,
  priority: (value) => value === undefined || priorities.includes(value),
  ifItBreaks: (value) => typeof value === 'string' && /^(?:leave it|call \S.*|runbook \S+)$/.test(value),
  about: isFilledOrNone,
  restore: isFilledOrNone,
};

/** Whether a value is a service as it is declared. */
export function isService(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const given = new Map(Object.entries(value));
  return (
    [...given.keys()].every((key) => Object.hasOwn(fields, key)) &&
    Object.entries(fields).every(([key, is]) => is(given.get(key)))
  );
}

/** What must be said of a service, for who said it otherwise. */
export const serviceWords =
  "must be { name, owner, priority, ifItBreaks, about, restore }: name and owner are text, priority is 'high', 'normal' or 'low', ifItBreaks is 'leave it', 'call WHOM' or 'runbook NAME'; priority, about and restore may be left out";

/** The runbook that a service says to follow when it breaks, or to restore it; undefined where it says something else. */
export function runbookOf(text: string | undefined): string | undefined {
  return /^runbook (\S+)$/.exec(text ?? '')?.[1];
}

/**
 * What is to be done about a service that broke, as it is shown.
 *
 * @example serviceText(service)  // Onionoo: priority high, owner karsten. If it breaks: call karsten, +49 30 1234
 */
export function serviceText({ name, owner, priority = 'normal', ifItBreaks }: Service): string {
  const runbook = runbookOf(ifItBreaks);
  return `${name}: priority ${priority}, owner ${owner}. If it breaks: ${runbook === undefined ? ifItBreaks : `play runbook ${runbook}`}`;
}
