/** The changes of a transaction are checked together, where all of them are in place and nobody else sees them. */
import type { ListedTask } from '../playbook/index.ts';
import type { TaskEvent } from './events.ts';
import type { PendingChange } from './pack.ts';
import { pendingOf } from './sender.ts';
import { noStaging, stagedRequest } from './staging.ts';
import { applyKeywords } from './step-keywords.ts';
import { checkStep } from './validate.ts';

/** How the changes of a list are checked. */
export interface Together {
  /** Checks all of them, beside the checks that they have of their own. */
  readonly validate: ListedTask | undefined;
  /** It did so, before any of them was made. */
  isChecked: boolean;
}

/** What the checker prints where there can be no private view of the new files. */
const unchecked = 'play: not checked';

// What is in place is checked in place then, before anything reads it.
const whereStaged = (script: string): string => `( ${script}
)
c=$?
[ "$c" != ${noStaging} ] || { echo '${unchecked}'; exit 0; }
exit "$c"`;

/** Whether the checker had the new files in place. */
export function wasChecked(stdout: string): boolean {
  return !stdout.includes(unchecked);
}

const refusedWords = {
  what: 'The new files are refused together',
  hint: "Nothing was changed. Fix the content; the checker's own words are above.",
};

/** The checks that changes have of their own, made where all of them are in place. */
export function ownChecks(pending: readonly PendingChange[]): PendingChange[] {
  const after = pending.flatMap(({ plan }) => plan.after);
  return pending.flatMap(({ listed, place, plan }) => {
    if (plan.validate === undefined) return [];
    const step = checkStep(place.session.state, plan.validate, { after }, true);
    return [checking(listed, place, plan.changes, [step])];
  });
}

/** The check of all of them. @returns undefined where it cannot be made before */
export function checkOfAll(validate: ListedTask, pending: readonly PendingChange[]): PendingChange | undefined {
  const command: unknown = validate.task.body.options['cmd'];
  const [first] = pending;
  if (typeof command !== 'string' || first === undefined || first.plan.imperative) return undefined;
  const { place } = first;
  const stage = place.session.state.stage(pending.flatMap(({ plan }) => plan.after));
  const { script, ...request } = stagedRequest(stage, { script: `exec </dev/null\n${command}`, timeout: 300 });
  const step = {
    ...request,
    script: whereStaged(script),
    label: `check the new files: ${command}`,
    looks: { ...refusedWords, what: `${refusedWords.what} by: ${command.trim().split('\n')[0] ?? ''}` },
  };
  return checking(
    validate,
    place,
    pending.flatMap(({ plan }) => plan.changes),
    [step],
  );
}

function checking(
  listed: ListedTask,
  place: PendingChange['place'],
  changes: PendingChange['plan']['changes'],
  steps: PendingChange['plan']['steps'],
): PendingChange {
  const plan = { changes, steps: applyKeywords(listed, steps), after: [], touches: [], quiet: true, again: true };
  return pendingOf(listed, place, { ...plan, result: {} }, { probes: [], read: [], files: [] });
}

/** Check mode: what the common checker refused is reported as the run would: nothing is changed, and this was planned. */
export function refusedTogether(event: TaskEvent, told: readonly TaskEvent[]): TaskEvent {
  if (event.error === null) return event;
  const by = event.task;
  return {
    ...event,
    changes: told.flatMap(({ changes }) => changes),
    error: { ...event.error, what: `${refusedWords.what} by: ${by}`, hint: refusedWords.hint },
  };
}
