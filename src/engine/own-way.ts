import type { Plan, Stat } from '../contract/index.ts';
import { realPath, stat } from '../probes/index.ts';
import type { FoundView } from './found-view.ts';
import type { Refusal } from './permission.ts';
import { isBelow } from './subjects.ts';

/** Why a plan would cut off the way to what it makes. */
export function refuseOwnWay(plan: Plan<unknown>, found: FoundView): Refusal | undefined {
  if (plan.steps.length === 0 && plan.imperative === undefined) return undefined;
  return refuseTurned(plan, found) ?? refuseRemoved(plan, found) ?? refuseOverLink(plan, found);
}

/** A path that leads through a link which what is mounted there would hide. */
function refuseOverLink(plan: Plan<unknown>, found: FoundView): Refusal | undefined {
  for (const { question, answer } of plan.after) {
    const [path = ''] = question.args;
    if (question.kind.kind !== 'mounted' || answer === null || found.get(question) !== null) continue;
    const isLink = found.get(stat(path)).type === 'link';
    if (!isLink && !found.passesLink(path)) continue;
    if (isLink) found.get(realPath(path));
    const { path: real, followed } = found.leadsTo(path);
    const link = followed.find((one) => isBelow(one, [real]));
    if (link !== undefined)
      return {
        what: `${path} leads to ${real} by way of the link ${link}, which what is mounted there would hide`,
        hint: `Name it without links: ${real}`,
      };
  }
  return undefined;
}

/** A path that leads through a link to that same link, in whose place something else is to come. */
function refuseTurned(plan: Plan<unknown>, found: FoundView): Refusal | undefined {
  const turned = new Set(
    plan.after.flatMap(({ question: { kind, args } }) => (kind.kind === 'link' ? [args[0] ?? ''] : [])),
  );
  // Only what the plan looked at is asked for: a package brings thousands of files that nobody did.
  const seen = new Set(seenBy(found));
  for (const { question, answer, unknown } of plan.after) {
    const [path = ''] = question.args;
    if (question.kind.kind !== 'stat' || unknown !== undefined || !seen.has(path)) continue;
    const { type } = answer as Stat;
    if (type === 'absent' || (type === 'link' && !turned.has(path)) || !found.passesLink(path)) continue;
    if (found.get(stat(path)).type !== 'link') continue;
    const { path: real, followed } = found.wayOf(path);
    if (followed.includes(real))
      return {
        what: `${path} leads to the link ${real} by way of that link itself: with anything else in its place, nothing is there any more`,
        hint: `Name it without links: ${real}`,
      };
  }
  return undefined;
}

/** A path that leads through a link which goes with what is removed, while there is work to do where it leads. */
function refuseRemoved({ after, touches }: Plan<unknown>, found: FoundView): Refusal | undefined {
  const removed = after.flatMap(({ question, answer }) =>
    question.kind.kind === 'stat' && (answer as Stat | null)?.type === 'absent' ? [question.args[0] ?? ''] : [],
  );
  if (removed.length === 0) return undefined;
  const changed = [
    ...touches.flatMap((one) => (one.on === 'path' ? [one.path] : [])),
    ...after.flatMap(({ question: { kind, args } }) => (kind.kind === 'stat' ? [args[0] ?? ''] : [])),
  ];
  const worked = changed.filter((path) => !isBelow(path, removed));
  for (const path of seenBy(found)) {
    const { path: real, followed } = found.leadsTo(path);
    const link = followed.find((one) => isBelow(one, removed));
    if (link !== undefined && !isBelow(real, removed) && worked.some((one) => isBelow(one, [real])))
      return {
        what: `${link === path ? `${path} is a link that` : `${path} leads through the link ${link}, which`} would be removed with all that is not wanted`,
        hint: `Name it without links: ${real}`,
      };
  }
  return undefined;
}

const seenBy = ({ read }: FoundView): string[] =>
  read.flatMap(({ kind, args: [path = ''] }) => (kind.kind === 'stat' ? [path] : []));
