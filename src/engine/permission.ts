import { dirname } from 'node:path/posix';
import {
  Unknowable,
  type Prediction,
  type PathState,
  type Plan,
  type Question,
  type Stat,
  type Subject,
} from '../contract/index.ts';
import { access, closedBelow, modeBits, self, stat, type Self } from '../probes/index.ts';
import { hindranceTo } from './emptying.ts';
import type { FoundView } from './found-view.ts';
import { wayTo } from './subjects.ts';

/** Why an account cannot do something, and what would help. */
export interface Refusal {
  readonly what: string;
  readonly hint: string;
}

/**
 * Why the kernel would refuse a plan to the account that carries it out. It is read off the plan's state after: a path
 * that comes, goes or changes its owner needs the same rights whichever resource wants it. Root may do everything. In a
 * run only the kernel's own word on a folder counts here; the rest it says when the change is made.
 *
 * @param isFollowing the task follows links wherever they lead (`follow: true`)
 */
export function refuseByPermission(
  plan: Plan<unknown>,
  probes: readonly Question[],
  found: FoundView,
  isFollowing: boolean,
): Refusal | undefined {
  // A failure is never derived from a guess.
  const paths = pathsAfter(plan.unforeseen ? [] : toCome(plan).filter((one) => one.assumed === undefined));
  const ofRoot = plan.touches.flatMap((subject) => rootsAlone(subject) ?? [])[0];
  const isWork =
    (plan.failure !== undefined || plan.steps.length > 0 || plan.imperative !== undefined) &&
    (paths.size > 0 || ofRoot !== undefined);
  const reads = plannedReads(found);
  const looks = plannedLooks(probes, found);
  if (!isWork && reads.length + looks.length === 0) return undefined;
  const me = found.get(self);
  if (me.uid === 0) return undefined;
  const rights = new Rights(me, paths, found, isFollowing);
  for (const path of looks) {
    const refusal = rights.refuseLooking(path);
    if (refusal !== undefined) return refusal;
  }
  for (const path of reads) {
    const refusal = rights.refuseReading(path);
    if (refusal !== undefined) return refusal;
  }
  if (!isWork) return undefined;
  if (ofRoot !== undefined)
    return {
      what: `only root may change ${ofRoot}, and this runs as ${found.asker}`,
      hint: 'Run the task with `become: true`.',
    };
  for (const [path, after] of paths) {
    const refusal = rights.refuse(path, after);
    if (refusal !== undefined) return refusal;
  }
  return plan.retimed && rights.refuseTimes(plan.retimed);
}

/** Of work that fails half way: what it was to come to, since the account's rights hinder it before that. */
function toCome({ failure, after, tried = [] }: Plan<unknown>): readonly Prediction[] {
  return failure === undefined ? after : tried;
}

/** What only root can change, whatever its files say. */
function rootsAlone(subject: Subject): string | undefined {
  if (subject.on === 'accounts' || subject.on === 'packages') return subject.on;
  return subject.on === 'named' ? subject.ofRoot : undefined;
}

/**
 * Check mode: files whose bytes the plan relies on, where the right to read them is itself only planned: the host has
 * not confirmed it.
 */
function plannedReads(found: FoundView): string[] {
  if (!found.check) return [];
  const read = found.read.flatMap(({ kind, args: [path = ''] }) =>
    ['content', 'sha256', 'sha256-of-size'].includes(kind.kind) ? [path] : [],
  );
  return [...new Set(read)].filter((path) => wholeWay(path, found).some((one) => found.isPlanned(stat(one))));
}

/** Everything that opening a path passes, the links it leads through included. */
function wholeWay(path: string, found: FoundView): string[] {
  const { path: real, followed } = found.leadsTo(path);
  return [...new Set([...followed, real].flatMap(wayTo))];
}

/** The same for paths of which it asks what is there. */
function plannedLooks(probes: readonly Question[], found: FoundView): string[] {
  if (!found.check) return [];
  return probes.flatMap(({ kind, args: [path = ''] }) =>
    kind.kind === 'stat' && wayTo(dirname(path)).some((one) => found.isPlanned(stat(one))) ? [path] : [],
  );
}

/** What a path will be, and whether its bytes are new. */
interface After {
  /** Undefined: what it is, or a file, with permissions that are not known. */
  readonly at: Stat | undefined;
  readonly isWritten: boolean;
  /** Whether it gets another access control list, which is its owner's to give (acl(5)). */
  readonly isListed: boolean;
}

function pathsAfter(after: readonly Prediction[]): Map<string, After> {
  const paths = new Map<string, After>();
  const written = new Set(
    after.flatMap(({ question }) =>
      ['content', 'sha256', 'link'].includes(question.kind.kind) ? [question.args[0]] : [],
    ),
  );
  const isListed = after.some(({ question }) => ['acl', 'acl-entries'].includes(question.kind.kind));
  for (const { question, answer, unknown } of after) {
    const [path = ''] = question.args;
    const isWritten = written.has(path);
    if (question.kind.kind === 'stat' && (unknown === undefined || isListed || isWritten))
      paths.set(path, { at: unknown === undefined ? (answer as Stat) : undefined, isWritten, isListed });
  }
  return paths;
}

class Rights {
  readonly #me: Self;
  readonly #paths: ReadonlyMap<string, After>;
  readonly #found: FoundView;
  readonly #isFollowing: boolean;

  constructor(me: Self, paths: ReadonlyMap<string, After>, found: FoundView, isFollowing: boolean) {
    this.#me = me;
    this.#paths = paths;
    this.#found = found;
    this.#isFollowing = isFollowing;
  }

  refuseLooking(path: string): Refusal | undefined {
    return this.#isReached(path) ? undefined : this.#refusal(`may not look at ${path}`, dirname(path));
  }

  #isReached(path: string): boolean {
    return wayTo(dirname(path)).every((one) => this.#mayByMode(one, 0o1));
  }

  refuseReading(path: string): Refusal | undefined {
    const { path: real, followed } = this.#found.leadsTo(path);
    const at = this.#seen(stat(real));
    if (at === undefined || at.type === 'absent' || at.type === 'link') return undefined;
    return [...followed, real].every((one) => this.#isReached(one)) && this.#mayByMode(real, 0o4)
      ? undefined
      : this.#refusal(`may not read ${path}`, real);
  }

  refuseTimes({ path, isByOwner }: NonNullable<Plan<unknown>['retimed']>): Refusal | undefined {
    const at = this.#seen(stat(path));
    if (!this.#found.check || at === undefined || at.type === 'absent' || at.uid === this.#me.uid) return undefined;
    // A link has all rights (symlink(7)).
    const isAllowed = !isByOwner && (at.type === 'link' || this.#mayByMode(path, 0o2));
    return isAllowed ? undefined : this.#refusal(`may not set the times of ${path}`, path);
  }

  refuse(path: string, { at: known, isWritten, isListed }: After): Refusal | undefined {
    const now = this.#seen(stat(path));
    if (now === undefined) return undefined;
    const at = known ?? now;
    const isSame = now.type === at.type && !isWritten;
    if (isSame && (now.type === 'absent' || at.type === 'absent')) return undefined;
    const isEmptied = this.#isEmptied(path, now, at);
    if (isEmptied) this.#found.need(closedBelow(path));
    const moved = isSame
      ? undefined
      : (this.#refuseEntry(path, now) ?? (isEmptied ? this.#refuseEmptying(path) : undefined));
    const isOpen = known === undefined && !isListed;
    if (moved !== undefined || at.type === 'absent' || isOpen || !this.#found.check) return moved;
    return this.#refuseOwner(path, isSame && now.type !== 'absent' ? now : undefined, at, isListed);
  }

  /** A name that is made, replaced or removed in a folder. */
  #refuseEntry(path: string, now: Stat): Refusal | undefined {
    const folder = dirname(path);
    // A folder that this plan makes, or removes with everything in it, is checked by itself.
    if (this.#paths.has(folder)) return undefined;
    if (!this.#mayWriteIn(folder)) return this.#refusal(`may not write in ${folder}`, folder);
    const above = this.#seen(stat(folder));
    const isSticky = above?.type === 'directory' && (Number.parseInt(above.mode, 8) & 0o1000) !== 0;
    if (isSticky && now.type !== 'absent' && now.uid !== this.#me.uid && above.uid !== this.#me.uid)
      return this.#refusal(`may not replace or remove what is not theirs in ${folder}, which is sticky`, path);
    return undefined;
  }

  /** Whether all that is in a folder goes; what lies in one that goes itself is looked at with that. */
  #isEmptied(path: string, now: Stat, at: Stat): boolean {
    return now.type === 'directory' && at.type !== 'directory' && this.#paths.get(dirname(path))?.at?.type !== 'absent';
  }

  #refuseEmptying(path: string): Refusal | undefined {
    const hindrance = hindranceTo(path, this.#me, this.#found);
    return hindrance && this.#refusal(hindrance.what, hindrance.folder);
  }

  /** Owner and mode of a path that stays (`now`) or is made. */
  #refuseOwner(path: string, now: PathState | undefined, at: PathState, isListed: boolean): Refusal | undefined {
    const { uid, gids } = this.#me;
    const isChanged =
      isListed ||
      now === undefined ||
      now.uid !== at.uid ||
      now.gid !== at.gid ||
      (now.mode !== at.mode && at.type !== 'link');
    if (!isChanged || at.uid < 0) return undefined;
    if (now !== undefined && now.uid !== uid) return this.#refusal(`may not change the permissions of ${path}`, path);
    if (now !== undefined && !this.#isHeld(path, now))
      return this.#refusal(`may not open ${path}, which others could swap meanwhile`, path);
    if (at.uid !== uid)
      return this.#refusal(`may not give ${path} to ${at.owner === 'UNKNOWN' ? at.uid : at.owner}`, path);
    const inherited = this.#seen(stat(dirname(path)));
    const isGiven =
      gids.includes(at.gid) || (inherited?.type === 'directory' && inherited.gid === at.gid) || now?.gid === at.gid;
    return isGiven || at.gid < 0
      ? undefined
      : this.#refusal(
          `is not in the group ${at.group === 'UNKNOWN' ? at.gid : at.group}, so may not give ${path} to it`,
          path,
        );
  }

  /** Whether what is there can be opened, so that it is changed and nothing else, or nobody else can swap it (`walkSh`). */
  #isHeld(path: string, now: PathState): boolean {
    if (now.type === 'link' || this.#isFollowing) return true;
    if (now.type === 'file' ? this.#mayByMode(path, 0o4) : now.type === 'directory' && this.#mayByMode(path, 0o1))
      return true;
    const folder = this.#seen(stat(dirname(path)));
    if (folder === undefined || folder.type === 'absent') return true;
    return [0, this.#me.uid].includes(folder.uid) && (Number.parseInt(folder.mode, 8) & 0o022) === 0;
  }

  #mayWriteIn(folder: string): boolean {
    const { path: real } = this.#found.leadsTo(folder);
    const way = wholeWay(folder, this.#found);
    if (this.#found.changesAsker || way.some((one) => this.#found.isPlanned(stat(one))))
      return way.every((one) => this.#mayByMode(one, one === real ? 0o3 : 0o1));
    const { write, execute } = this.#found.get(access(folder));
    return write && execute;
  }

  /**
   * By the mode bits that are planned. What the host has may have an access control list too, which only the host
   * evaluates.
   */
  #mayByMode(path: string, wanted: number): boolean {
    const at = this.#seen(stat(path));
    if (at === undefined || at.type === 'absent' || at.type === 'link') return true;
    const { uid, gids } = this.#me;
    if ((modeBits(at, uid, gids.includes(at.gid)) & wanted) === wanted) return true;
    if (this.#found.isPlanned(stat(path)) || this.#found.changesAsker) return false;
    const { read, write, execute } = this.#found.get(access(path));
    const has = (read ? 0o4 : 0) | (write ? 0o2 : 0) | (execute ? 0o1 : 0);
    return (has & wanted) === wanted;
  }

  /** Undefined where it cannot be known. */
  #seen(question: Question<Stat>): Stat | undefined {
    try {
      return this.#found.get(question);
    } catch (error) {
      if (error instanceof Unknowable) return undefined;
      throw error;
    }
  }

  /** Undefined where a planned change may grant it in ways not modelled here. */
  #refusal(what: string, path: string): Refusal | undefined {
    const why = this.#found.forecast?.mayAppearBecause ?? this.#found.plannedList(path);
    if (why !== undefined) {
      this.#found.assume(`${this.#found.asker} may have the right by then: now it ${what} (${why})`);
      return undefined;
    }
    const at = this.#seen(stat(path));
    const whose = at === undefined || at.type === 'absent' ? '' : ` (${at.owner}:${at.group}, ${at.mode})`;
    return {
      what: `${this.#found.asker} ${what}${whose}`,
      hint: 'Run the task as an account that may (`become`, `becomeUser`), or grant the right before it.',
    };
  }
}
