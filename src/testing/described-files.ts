import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path/posix';
import type { Stat } from '../contract/index.ts';
import {
  modeBits,
  type Access,
  type ClosedFolder,
  type Frozen,
  type Self,
  type Tree,
  type Writability,
} from '../probes/index.ts';
import type { Listed } from '../probes/listing.ts';
import type { PathEntry } from './described-host.ts';

/** What every Debian has above whatever a case is about. */
const debianFolders: Readonly<Record<string, PathEntry>> = {
  '/': { type: 'directory' },
  '/etc': { type: 'directory' },
  '/etc/skel': { type: 'directory' },
  '/home': { type: 'directory' },
  '/opt': { type: 'directory' },
  '/root': { type: 'directory', mode: '0700' },
  '/srv': { type: 'directory' },
  '/tmp': { type: 'directory', mode: '1777' },
  '/usr': { type: 'directory' },
  '/usr/local': { type: 'directory' },
  '/usr/local/bin': { type: 'directory' },
  '/var': { type: 'directory' },
};

/** The paths of a described host, reached as the kernel does: through links on the way. */
export class DescribedPaths {
  readonly #entries: ReadonlyMap<string, PathEntry>;

  constructor(paths: Readonly<Record<string, PathEntry>>) {
    const all = new Map([...Object.entries(debianFolders), ...Object.entries(paths)]);
    for (const path of all.keys())
      for (let above = dirname(path); !all.has(above); above = dirname(above)) all.set(above, { type: 'directory' });
    this.#entries = all;
  }

  /** A link in the place itself is not followed. */
  get(path: string): PathEntry | undefined {
    const at = this.#reach(path);
    return at === null ? undefined : this.#entries.get(at);
  }

  /** As realpath(3), but that the last part need not be there; null where the way ends before it. */
  real(path: string, rounds = 40): string | null {
    const at = this.#reach(path, rounds);
    const entry = at === null ? undefined : this.#entries.get(at);
    if (at === null || entry?.type !== 'link') return at;
    return rounds === 0 ? null : this.real(resolve(dirname(at), entry.target), rounds - 1);
  }

  /** All below a folder, by their paths from it, in the order of their names. */
  below(path: string, depth = Number.POSITIVE_INFINITY): (readonly [name: string, entry: PathEntry])[] {
    const root = this.real(path);
    const start = root === '/' ? '/' : `${root}/`;
    return [...this.#entries]
      .filter(([one]) => root !== null && one.startsWith(start) && one !== '/')
      .map(([one, entry]) => [one.slice(start.length), entry] as const)
      .filter(([name]) => name.split('/').length <= depth)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #reach(path: string, rounds = 40): string | null {
    if (path === '/') return path;
    const folder = this.real(dirname(path), rounds);
    if (folder === null || this.#entries.get(folder)?.type !== 'directory') return null;
    return resolve(folder, path.slice(path.lastIndexOf('/') + 1));
  }
}

type Answer = (arg: string, second: string) => unknown;

/** The answers of what is asked of files beyond what they are and hold. */
export function fileAnswers(
  paths: DescribedPaths,
  stat: (path: string) => Stat,
  self: () => Self,
): Readonly<Record<string, Answer>> {
  const bytes = (path: string): Buffer | undefined => {
    const entry = paths.get(paths.real(path) ?? path);
    return entry?.type === 'file' ? Buffer.from(entry.content) : undefined;
  };
  const listed = (path: string, depth: string): Listed[] =>
    paths.below(path, depth === '' ? undefined : Number(depth)).flatMap(([name, entry]): Listed[] => {
      const at = stat(`${path === '/' ? '' : path}/${name}`);
      if (at.type === 'absent') return [];
      const target = entry.type === 'link' ? entry.target : '';
      return [{ ...at, name, target, accessed: 0, modified: 0, changed: 0 }];
    });
  const tree = (path: string): Tree => ({
    entries: listed(path, '').map(({ type, mode, uid, gid, owner, group }) => ({
      type: { file: 'f', directory: 'd', link: 'l', other: 'p' }[type],
      mode,
      uid,
      gid,
      owner,
      group,
      count: 1,
    })),
    mounts: [],
  });
  return {
    'listing': listed,
    'tree': tree,
    'same-file': () => false,
    'contentAs': (path) => (bytes(path) ? { bytes: bytes(path) } : { missing: 'absent' }),
    'digest': (path, algorithm) => {
      const content = bytes(path);
      return content === undefined ? null : createHash(algorithm).update(content).digest('hex');
    },
    'file-holds': (path, pattern) => new RegExp(pattern, 'm').test(bytes(path)?.toString() ?? ''),
    // Neither acl nor anything with capabilities.
    'acl-entries': () => null,
    'capabilities': () => ({ text: '' }),
    'access': (path) => accessTo(stat(paths.real(path) ?? path), self()),
    'writability': (path) => writabilityOf(path, paths),
    'frozen-below': (path) => frozenIn(path, paths),
    'closed-below': (path) => closedIn(stat(path), listed(path, ''), self()),
  };
}

function accessTo(at: Stat, { uid, gids }: Self): Access {
  if (at.type === 'absent') return { read: false, write: false, execute: false };
  if (uid === 0) return { read: true, write: true, execute: true };
  const bits = modeBits(at, uid, gids.includes(at.gid));
  return { read: (bits & 4) !== 0, write: (bits & 2) !== 0, execute: (bits & 1) !== 0 };
}

function closedIn(top: Stat, within: readonly Listed[], me: Self): ClosedFolder[] {
  const folders = [{ name: '', at: top }, ...within.map((at) => ({ name: at.name, at }))];
  return folders.flatMap(({ name, at }): ClosedFolder[] => {
    if (at.type !== 'directory') return [];
    const holds = within.filter((one) => dirname(`/${one.name}`) === `/${name}`);
    const may = accessTo(at, me);
    if (!may.read) return [{ name, why: 'unread' }];
    if (!may.write || !may.execute) return [{ name, why: holds.length > 0 ? 'write' : 'empty' }];
    const isSticky = (Number.parseInt(at.mode, 8) & 0o1000) !== 0 && me.uid !== 0 && at.uid !== me.uid;
    return isSticky && holds.some(({ uid }) => uid !== me.uid) ? [{ name, why: 'sticky' }] : [];
  });
}

function frozenIn(folder: string, paths: DescribedPaths): Frozen[] {
  return paths.below(folder, undefined).flatMap(([name]): Frozen[] => {
    const path = `${folder === '/' ? '' : folder}/${name}`;
    const flags = paths.get(path)?.flags ?? '';
    if (flags.includes('i')) return [{ path, is: 'immutable' }];
    return flags.includes('a') ? [{ path, is: 'append-only' }] : [];
  });
}

function writabilityOf(path: string, paths: DescribedPaths): Writability {
  return {
    isMountPoint: paths.get(path)?.isMountPoint === true,
    folderMount: '1',
    mount: '1',
    folderReadOnlyAt: undefined,
    readOnlyAt: undefined,
    isSwap: false,
    flags: paths.get(path)?.flags ?? '',
    folderFlags: paths.get(paths.real(dirname(path)) ?? '/')?.flags ?? '',
  };
}
