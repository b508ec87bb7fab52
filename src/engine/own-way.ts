import type { Plan, Stat } from '../contract/index.ts';
import { realPath, stat } from '../probes/index.ts';
import type { FoundView } from './found-view.ts';
import type { Refusal } from './permission.ts';
import { isBelow } from './subjects.ts';

/**
 * Why a plan would cut off the way to what it makes: a path that leads through a link to that same link, in whose place
 * something else is to come; or through a link that what is mounted there would hide.
 */
export function refuseOwnWay(plan: Plan<unknown>, found: FoundView): Refusal | undefined {
  if (plan.steps.length === 0 && plan.imperative === undefined) return undefined;
  return refuseInPlaceOfLink(plan, found) ?? refuseOverLink(plan, found);
}

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

function refuseInPlaceOfLink(plan: Plan<unknown>, found: FoundView): Refusal | undefined {
  const turned = new Set(
    plan.after.flatMap(({ question: { kind, args } }) => (kind.kind === 'link' ? [args[0] ?? ''] : [])),
  );
  // Only what the plan looked at is asked for: a package brings thousands of files that nobody did.
  const seen = new Set(found.read.flatMap(({ kind, args }) => (kind.kind === 'stat' ? [args[0] ?? ''] : [])));
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
