import type { Found, Plan, Stat, Step } from '../../contract/index.ts';
import { aclEntries, asUser, modeBits, stat, type User } from '../../probes/index.ts';
import { behindLinks, pathAndAbove } from './folder.ts';
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
 *
 * @param path what is changed
 * @throws PlayError where the user may not even get there
 */
export function carriedOutAs<R>(user: User, path: string, plan: Plan<R>, found: Found): Plan<R> {
  const closed = plan.steps.length === 0 ? undefined : closedTo(user, path, found.with(plan));
  found.require(closed === undefined, {
    failure: `${user.name} may not enter ${closed}, but ${path} is changed with the rights of ${user.name}`,
    hint: `Make them its owner: file({ path: '${closed}', owner: '${user.name}' })`,
    by: null,
  });
  return { ...plan, steps: plan.steps.flatMap((step) => dressed(user.name, step)) };
}

/** The folder above a path that an account may not enter, once the plan has taken over what is theirs; undefined where it gets there. */
function closedTo(user: User, path: string, found: Found): string | undefined {
  const above = pathAndAbove(path).slice(0, -1);
  found.need(...above.map((one) => stat(one)));
  return above.find((one) => {
    const at = behindLinks(one, found);
    return at.type === 'directory' && !mayEnter(user, at) && !isListed(user, one, found);
  });
}

function mayEnter({ uid, gid, groups }: User, at: Exclude<Stat, { type: 'absent' }>): boolean {
  return (modeBits(at, uid, at.gid === gid || groups.includes(at.group)) & 0o1) !== 0;
}

/** Whether an access control list lets in whom the mode does not. */
function isListed({ name, group, groups }: User, path: string, found: Found): boolean {
  const entries = (found.get(aclEntries(path)) ?? []).filter((one) => !one.isDefault);
  const mask = entries.find((one) => one.type === 'mask')?.permissions ?? 7;
  return entries.some(
    (one) =>
      one.name !== '' &&
      (one.type === 'user' ? one.name === name : one.type === 'group' && [group, ...groups].includes(one.name)) &&
      (one.permissions & mask & 1) === 1,
  );
}

function dressed(user: string, step: Step): Step[] {
  const args = step.args ?? [];
  if (step.script !== attributeScript) return [{ ...step, script, args: [user, step.script, ...args], packs: false }];
  const [path = '', mode = '', owner = ''] = args;
  const takeOver: Step = { ...step, args: [path, '', owner] };
  const change: Step = { ...step, script, args: [user, step.script, path, mode, ''] };
  return [...(owner === '' ? [] : [takeOver]), ...(mode === '' ? [] : [change])];
}
