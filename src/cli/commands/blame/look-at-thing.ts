import { BecomeFailed, type Connection } from '../../../connection/index.ts';
import { ProbeFailure, type Question } from '../../../contract/index.ts';
import {
  decodeChanges,
  HostSession,
  readChanges,
  thingKey,
  type Left,
  type LoggedChange,
  type Thing,
} from '../../../engine/index.ts';
import { content, linkTarget, realPath, sha256, stat, unit } from '../../../probes/index.ts';
import { packageState } from '../../../resources/packages/package.probe.ts';
import type { ChosenHosts } from '../../../targets/chosen-hosts.ts';

/** What a host has of a thing, and what its log says of it. */
export interface LookedAt {
  readonly thing: Thing;
  /** Changes on record, the oldest first; those of a folder above, where its whole tree was changed. */
  readonly changes: readonly LoggedChange[];
  readonly now: Left;
  /** The bytes of a file, where it is not too large. */
  readonly bytes: Buffer | undefined;
  /** When it was last changed by the clock of the host, as far as that is known: of a path the time of its inode. */
  readonly changedAt: Date | undefined;
  /** What dpkg did with a package, the oldest first. */
  readonly packageLog: readonly string[];
  /** Only the log of the login user could be read. */
  readonly isPartial: boolean;
}

// ctime cannot be set by anyone (stat(2)): a copy with an old mtime was made just now all the same.
const timeSh = `stat -c %Z -- "$1" 2>/dev/null; exit 0`;
const dpkgLogSh = `for f in /var/log/dpkg.log.1 /var/log/dpkg.log; do
  [ ! -r "$f" ] || grep -E "^[0-9: -]+ (install|upgrade|remove|purge) $1(:| )" "$f"
done | tail -n 5; exit 0`;

/** Looks at a thing in one exchange; a second one follows a link, or a folder that was changed whole. */
export async function lookAt(
  thing: Thing,
  host: string,
  open: () => Promise<Connection>,
  chosen: ChosenHosts,
): Promise<LookedAt> {
  const session = new HostSession(
    host,
    await open(),
    { become: (user) => chosen.become(host, user) },
    () => undefined,
    false,
    open,
  );
  const account = await accountOf(session);
  const questions = questionsOf(thing);
  const keys = [thing, ...foldersAbove(thing)].map(thingKey);
  const [log, more] = await session.exchange(account.name, [readChanges({ things: keys }), extraOf(thing)], questions);
  const answer = <A>(question: Question<A>): A | undefined => {
    const known = session.state.answer(account.name, question)?.answer;
    return known === undefined || known instanceof ProbeFailure ? undefined : (known as A);
  };
  const text = more?.stdout.toString('utf8').trim() ?? '';
  const found = decodeChanges(log?.stdout.toString('utf8') ?? '');
  const own = thingKey(thing);
  const mine = found.filter(({ on, isTree }) => on === own || isTree === true);
  const elsewhere = mine.length === 0 ? otherName(thing, answer) : undefined;
  const changes =
    elsewhere === undefined
      ? mine
      : decodeChanges(
          (
            await session.exchange(account.name, [readChanges({ things: [thingKey(elsewhere)] })], [])
          )[0]?.stdout.toString('utf8') ?? '',
        );
  const file = thing.kind === 'path' ? answer(content(thing.name)) : undefined;
  return {
    thing: elsewhere ?? thing,
    changes,
    now: stateOf(thing, answer),
    bytes: file && 'bytes' in file ? file.bytes : undefined,
    changedAt: thing.kind === 'path' && text !== '' ? new Date(Number(text) * 1000) : undefined,
    packageLog: thing.kind === 'package' && text !== '' ? text.split('\n') : [],
    isPartial: account.isPartial,
  };
}

/** root's, where we may become root. */
async function accountOf(session: HostSession): Promise<{ readonly name: string; readonly isPartial: boolean }> {
  if ((await session.lane('')).greeting.uid === 0) return { name: '', isPartial: false };
  try {
    await session.lane('root');
    return { name: 'root', isPartial: false };
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    return { name: '', isPartial: true };
  }
}

function questionsOf({ kind, name }: Thing): Question[] {
  switch (kind) {
    case 'path':
      return [stat(name), sha256(name), linkTarget(name), realPath(name), content(name)];
    case 'unit':
      return [unit(name)];
    case 'package':
      return [packageState(name)];
    case 'account':
      return [];
  }
}

function extraOf({ kind, name }: Thing): { readonly script: string; readonly args?: readonly string[] } {
  if (kind === 'path') return { script: timeSh, args: [name] };
  if (kind === 'package') return { script: dpkgLogSh, args: [name.replace(/[.+]/g, '\\$&')] };
  return { script: ':' };
}

/** Folders whose whole tree a task may have changed. */
function foldersAbove({ kind, name }: Thing): Thing[] {
  if (kind !== 'path') return [];
  const parts = name.split('/');
  return parts.slice(2).map((_, i) => ({ kind, name: parts.slice(0, i + 2).join('/') }));
}

/** Its name without links, or a unit's own name, where that is another one. */
function otherName(thing: Thing, answer: <A>(question: Question<A>) => A | undefined): Thing | undefined {
  const { kind, name } = thing;
  const other = kind === 'path' ? answer(realPath(name)) : kind === 'unit' ? answer(unit(name))?.names[0] : undefined;
  return other === undefined || other === null || other === name ? undefined : { kind, name: other };
}

function stateOf({ kind, name }: Thing, answer: <A>(question: Question<A>) => A | undefined): Left {
  switch (kind) {
    case 'path': {
      const at = answer(stat(name));
      if (at === undefined) return {};
      if (at.type === 'absent') return { type: 'absent' };
      const sha = answer(sha256(name)) ?? undefined;
      const target = answer(linkTarget(name)) ?? undefined;
      const { type, mode, owner, group } = at;
      return {
        type,
        mode,
        owner,
        group,
        ...(sha === undefined ? {} : { sha }),
        ...(target === undefined ? {} : { target }),
      };
    }
    case 'unit': {
      const now = answer(unit(name));
      return now === undefined ? {} : { enabled: now.enabled, active: now.active };
    }
    case 'package': {
      const now = answer(packageState(name));
      return now === undefined ? {} : { version: now.installed ? now.version : '' };
    }
    case 'account':
      return {};
  }
}
