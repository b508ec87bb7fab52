import { toBytes } from '../../connection/byte-text.ts';
import { settled, Unknowable, type Found, type Plan, type Stat } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { linkTarget, realPath, sha256, stat as statOf } from '../../probes/index.ts';
import { flag, path } from '../kit/schemas.ts';

/** What is at a path, named as in Ansible's answer. */
export interface StatAnswer {
  /** The path, as given in the task. */
  readonly path: string;
  /** Whether anything is there. */
  readonly exists: boolean;
  /** It is a regular file. */
  readonly isreg: boolean;
  /** It is a directory. */
  readonly isdir: boolean;
  /** It is a symbolic link. */
  readonly islnk: boolean;
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** The number of the user that owns it. */
  readonly uid: number;
  /** The number of the group that owns it. */
  readonly gid: number;
  /** The name of the user that owns it; `UNKNOWN` if that number has none. */
  readonly pwName: string;
  /** The name of the group that owns it; `UNKNOWN` if that number has none. */
  readonly grName: string;
  /** In bytes; for a link, the length of its target. */
  readonly size: number;
  /** Where a link points, as written in it. */
  readonly lnkTarget: string;
  /** SHA-256 of a file's content, with `getChecksum`. */
  readonly checksum: string;
}

export interface StatResult {
  /** What is at the path. If nothing is there, only `exists` and `path` are meaningful. */
  readonly stat: StatAnswer;
}

interface Wanted {
  readonly path: string;
  readonly follow: boolean;
  readonly getChecksum: boolean;
}

/** What is at a path, for later tasks to read. */
export const stat = defineResource({
  name: 'stat',
  summary: 'Examines a path for later tasks. Changes nothing; in check mode it sees what is planned.',
  options: {
    path: path('What to look at.'),
    follow: flag('If it is a link, examine what it leads to.', false),
    getChecksum: flag("Compute the SHA-256 of a file's content.", true),
  },
  example: `const flag = stat({ path: '/run/reboot-required' });
reboot({}, { when: ({ results }) => results(flag).stat.exists })`,
  title: (options) => options.path ?? '',
  prepare: (options): Wanted => options,
  probes: ({ path: at, follow, getChecksum }) => [
    statOf(at),
    linkTarget(at),
    ...(follow ? [realPath(at)] : []),
    ...(getChecksum ? [sha256(at)] : []),
  ],
  plan(wanted, found): Plan<StatResult> {
    const at = wanted.follow ? (found.get(realPath(wanted.path)) ?? wanted.path) : wanted.path;
    const now = found.get(statOf(at));
    return {
      ...settled({ stat: toResult(wanted, at, now, found) }),
      unforeseen: now.type === 'absent' && found.mayDiffer(),
    };
  },
});

function toResult(wanted: Wanted, at: string, now: Stat, found: Found): StatResult['stat'] {
  const none = {
    path: wanted.path,
    exists: false,
    isreg: false,
    isdir: false,
    islnk: false,
    mode: '',
    uid: -1,
    gid: -1,
    pwName: '',
    grName: '',
    size: 0,
    lnkTarget: '',
    checksum: '',
  };
  if (now.type === 'absent') return none;
  const target = now.type === 'link' ? (found.get(linkTarget(at)) ?? '') : '';
  const isOnlyPlanned = now.type === 'directory' && now.size === 0 && found.planned(statOf(at)) !== undefined;
  return {
    ...none,
    exists: true,
    isreg: now.type === 'file',
    isdir: now.type === 'directory',
    islnk: now.type === 'link',
    mode: now.mode,
    get uid(): number {
      return certain(now.uid, now.owner);
    },
    get gid(): number {
      return certain(now.gid, now.group);
    },
    pwName: now.owner,
    grName: now.group,
    // How large a directory is that is only planned depends on its file system.
    get size(): number {
      if (isOnlyPlanned) throw new Unknowable(`the size of ${at} is not known before it is made`);
      return now.type === 'link' ? toBytes(target).length : now.size;
    },
    lnkTarget: target,
    checksum: wanted.getChecksum && now.type === 'file' ? (found.get(sha256(at)) ?? '') : '',
  };
}

/** Which number an account gets that a package makes is not known before. */
function certain(id: number, name: string): number {
  if (id < 0) throw new Unknowable(`the number of ${name} is not known before it is made`);
  return id;
}
