import { dirname } from 'node:path/posix';
import { ProbeFailed, Unknowable, type Plan, type Question, type Stat, type Step } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { modeBits, realPath, self, stat, type Way } from '../probes/index.ts';
import { behindLinks } from '../resources/kit/folder.ts';
import type { FoundView } from './found-view.ts';
import type { Refusal } from './permission.ts';
import { pathOf, wayTo } from './subjects.ts';

/**
 * The plan, or why it would go where it must not. In that case nothing the plan says of a file's bytes is passed on,
 * not even in a failure.
 * @throws what the plan throws
 */
export function planInSight<R>(plan: () => Plan<R>, found: FoundView): Plan<R> | { readonly refused: Refusal } {
  let made: Plan<R> | undefined;
  try {
    made = plan();
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    const refused = refuseByLinks(undefined, found);
    if (refused !== undefined) return { refused };
    throw error;
  }
  const isWork = made.steps.length > 0 || made.imperative !== undefined;
  const changed = isWork
    ? [
        ...made.after.map(({ question }) => pathOf(question)),
        ...made.touches.map((one) => (one.on === 'path' ? one.path : undefined)),
      ]
    : undefined;
  const refused = refuseByLinks(changed, found);
  return refused === undefined ? made : { refused };
}

/** Questions that bring a file's bytes here, or something derived from them. */
const reading = new Set(['content', 'large-content', 'digest', 'sha256', 'sha256-of-size', 'file-holds']);

/**
 * Why a plan would go through a link that another account could redirect, to a place that account could not reach
 * itself: for all resources, in check mode and run alike, by the rule that scripts follow on their way
 * (probes/walk.ts). It checks the way to everything that the plan changes (undefined: nothing) or whose bytes it read,
 * and the link at the path itself where the plan followed it.
 */
function refuseByLinks(changed: readonly (string | undefined)[] | undefined, found: FoundView): Refusal | undefined {
  const isRead = ({ kind }: Question): boolean => reading.has(kind.kind);
  const all = found.read;
  const isFollowed = changed !== undefined || all.some(isRead);
  const read = all.flatMap((question) =>
    isRead(question) || (isFollowed && question.kind.kind === 'realpath') ? [pathOf(question)] : [],
  );
  const followed = new Set(read);
  const parts = new Set<string>();
  // Thousands of a tree lie in few folders, one beside the other.
  let last = '';
  for (const path of [...(changed ?? []), ...read]) {
    const folder = path?.startsWith('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
    if (path === undefined || folder === '' || folder === last) continue;
    last = folder;
    for (const part of wayTo(path).slice(0, -1)) parts.add(part);
  }
  for (const path of [...parts, ...followed]) {
    if (path === undefined) continue;
    // Where a plan followed a link, the answers it used are what counts: whoever redirects links may have shown another
    // target to the question about the way.
    const refused =
      (isLink(path, found) ? refusedAt(path, found) : undefined) ??
      (followed.has(path) && wasLink(path, found) ? foreseenAt(path, path, found) : undefined);
    if (refused === undefined) continue;
    return {
      what: refused.why,
      hint: `If that is intended, say so: \`follow: true\`. Or work with the rights of the account that may turn it: \`becomeUser: '${refused.owner}'\`.`,
    };
  }
  return undefined;
}

function isLink(path: string, found: FoundView): boolean {
  const target = found.linkAt(path);
  return target === undefined ? wasLink(path, found) : target !== null;
}

/** What the plan took the path to be. */
function wasLink(path: string, found: FoundView): boolean {
  const question = stat(path);
  return found.hasRead(question) && found.get(question).type === 'link';
}

function refusedAt(path: string, found: FoundView): Way['refused'] {
  try {
    // A link may lead to another one.
    const { path: real, followed: links } = found.leadsTo(path);
    if (![path, ...links, real].some((one) => [one, dirname(one)].some((at) => found.isPlanned(stat(at)))))
      return found.wayAt(path).refused;
    for (const link of new Set([path, ...links])) {
      const refused = foreseenAt(link, path, found);
      if (refused !== undefined) return refused;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Unknowable || error instanceof ProbeFailed) return undefined;
    throw error;
  }
}

/**
 * The same from the answers that the plan has: also for a link, or in a folder, that is only planned.
 *
 * @param wanted the path on whose way the link is
 */
function foreseenAt(path: string, wanted: string, found: FoundView): Way['refused'] {
  const [link, folder, target] = [found.get(stat(path)), behindLinks(dirname(path), found), behindLinks(path, found)];
  if (link.type !== 'link' || folder.type !== 'directory' || target.type === 'absent') return undefined;
  const { uid: me, gids } = found.get(self);
  const isClosed = (at: Stat): boolean =>
    at.type === 'directory' && me !== 0 && (modeBits(at, me, gids.includes(at.gid)) & 0o1) === 0;
  // Who does not get there is told that, as by the host.
  if (wayTo(dirname(path)).some((one) => found.isPlanned(stat(one)) && isClosed(found.get(stat(one)))))
    return undefined;
  const isOurs = (uid: number): boolean => uid === 0 || uid === me;
  const isHeld = (above: Stat, uid: number): boolean =>
    above.type === 'directory' &&
    isOurs(above.uid) &&
    (!isWritable(above.mode) || (isSticky(above.mode) && isOurs(uid)));
  if ((target.uid === link.uid && link.uid !== 0) || (target.uid === folder.uid && !isOurs(folder.uid)))
    return undefined;
  if (isOurs(link.uid)) {
    if (isHeld(folder, link.uid)) return undefined;
  } else {
    // The link is theirs and its target is not: the whole way must be root's alone, or its folder may have been another
    // one when it was looked at.
    const above = wayTo(found.leadsTo(dirname(path)).path);
    found.need(...above.map((one) => stat(one)));
    const states = above.map((one) => found.get(stat(one)));
    if (states.every((one, i) => isHeld(one, i + 1 < states.length ? uidOf(states[i + 1]) : link.uid)))
      return undefined;
  }
  const [what, where] =
    target.type === 'directory' ? [`a part of ${wanted}`, found.get(realPath(path)) ?? ''] : [path, 'a file'];
  return {
    why: `${what} is a link that others could turn, and leads to ${where}, which is not theirs`,
    owner: isOurs(link.uid) ? folder.owner : link.owner,
  };
}

function uidOf(at: Stat | undefined): number {
  return at === undefined || at.type === 'absent' ? -1 : at.uid;
}

function isWritable(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o022) !== 0;
}

function isSticky(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o1000) !== 0;
}

/** A plan whose scripts follow every link, as the task says. */
export function followingLinks<R>(plan: Plan<R>): Plan<R> {
  const follow = (step: Step): Step => ({ ...step, script: `play_follow=y\n${step.script}` });
  const { imperative } = plan;
  return {
    ...plan,
    steps: plan.steps.map(follow),
    ...(imperative && {
      imperative: (context) => imperative({ ...context, run: (step) => context.run(follow(step)) }),
    }),
  };
}
