import type { Found, Plan, Step } from '../../contract/index.ts';
import { asUser, stat } from '../../probes/index.ts';
import { pathAndAbove } from './folder.ts';
import { attributeScript } from './ownership.ts';

/**
 * Whether an account can put something else, a link say, in the place of a path or of a folder above it. Root may do
 * anything anyway.
 */
export function isInHandsOf(uid: number, path: string, found: Found): boolean {
  if (uid === 0) return false;
  return pathAndAbove(path)
    .slice(0, -1)
    .some((above) => {
      const now = found.get(stat(above));
      return now.type !== 'absent' && now.uid === uid;
    });
}

// $1 the user, $2 sh text for which the rest is.
const script = `${asUser}
as "$@"`;

/**
 * The same work with the user's own rights: a link that the user puts in the way leads nowhere they could not go
 * themselves. Only what they cannot do, taking over what is another's, is left to root, and that follows no link.
 */
export function carriedOutAs<R>(user: string, plan: Plan<R>): Plan<R> {
  return { ...plan, steps: plan.steps.flatMap((step) => dressed(user, step)) };
}

function dressed(user: string, step: Step): Step[] {
  const args = step.args ?? [];
  if (step.script !== attributeScript) return [{ ...step, script, args: [user, step.script, ...args], packs: false }];
  const [path = '', mode = '', owner = ''] = args;
  const takeOver: Step = { ...step, args: [path, '', owner] };
  const change: Step = { ...step, script, args: [user, step.script, path, mode, ''] };
  return [...(owner === '' ? [] : [takeOver]), ...(mode === '' ? [] : [change])];
}
