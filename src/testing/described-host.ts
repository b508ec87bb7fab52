import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import {
  predict,
  questionKey,
  type AccountTable,
  type Prediction,
  type PathState,
  type Question,
  type Stat,
  type TableGroup,
  type TableUser,
} from '../contract/index.ts';
import { groupIn, userIn } from '../probes/index.ts';

/** What is at a path of a described host. */
export type PathEntry =
  | ({ readonly type: 'file'; readonly content: Buffer | string } & Permissions)
  | ({ readonly type: 'directory' } & Permissions)
  | ({ readonly type: 'link'; readonly target: string } & Permissions);

interface Permissions {
  /** Default `0644`, `0755` for a directory, `0777` for a link. */
  readonly mode?: string;
  /** By name. Default root; others are to be among `users` and `groups`. */
  readonly owner?: string;
  readonly group?: string;
}

/**
 * A host in a few words, for the cases of a resource: what is not said is as on a fresh Debian, and what lies above a
 * path is there.
 */
export interface HostDescription {
  readonly paths?: Readonly<Record<string, PathEntry>>;
  readonly users?: readonly (Partial<TableUser> & Pick<TableUser, 'name' | 'uid'>)[];
  readonly groups?: readonly (Partial<TableGroup> & Pick<TableGroup, 'name' | 'gid'>)[];
  /** Whom the task works as: one of the users, or root. Default root. */
  readonly as?: string;
  /** Any other answer, by its question: `known(packageState('nginx'), { ... })`. It goes before what is said above. */
  readonly answers?: readonly Prediction[];
}

/** Answers the questions of a plan from a description. */
export class DescribedHost {
  readonly #paths: ReadonlyMap<string, PathEntry>;
  readonly #accounts: AccountTable;
  readonly #answers: ReadonlyMap<string, unknown>;
  readonly #as: string;

  constructor({ paths = {}, users = [], groups = [], answers = [], as = 'root' }: HostDescription) {
    const given = new Map(Object.entries(paths));
    for (const path of debianFolders) if (!given.has(path)) given.set(path, { type: 'directory' });
    for (const path of given.keys())
      for (let above = dirname(path); !given.has(above); above = dirname(above))
        given.set(above, { type: 'directory' });
    this.#paths = given;
    this.#as = as;
    this.#accounts = {
      users: [...debianUsers, ...users].map((one) => ({
        gid: one.uid,
        comment: '',
        home: `/home/${one.name}`,
        shell: '/bin/sh',
        ...one,
      })),
      groups: [...debianGroups, ...groups].map((one) => ({ members: [], ...one })),
      former: { users: [], groups: [] },
    };
    this.#answers = new Map(answers.map(({ question, answer }) => [questionKey(question), answer]));
  }

  /** @throws Error for a question that the description does not answer */
  answer(question: Question): Prediction {
    const [arg = ''] = question.args;
    const given = this.#answers.get(questionKey(question));
    if (given !== undefined || this.#answers.has(questionKey(question))) return predict(question, given);
    const answer = this.#answerers[question.kind.kind];
    if (answer === undefined)
      throw new Error(`The case says nothing of ${[question.kind.kind, ...question.args].join(' ')}`);
    return predict(question, answer(arg));
  }

  readonly #answerers: Readonly<Record<string, (arg: string) => unknown>> = {
    'stat': (path) => this.#stat(path),
    'link': (path) => this.#linkTarget(path),
    'realpath': (path) => this.#real(path),
    'way': (path) => ({ target: this.#linkTarget(path) }),
    'content': (path) => this.#content(path),
    'large-content': (path) => this.#content(path),
    'sha256': (path) => this.#digest(path, 'sha256'),
    'writability': () => writable,
    'self': () => this.#self(),
    'user': (name) => userIn(this.#accounts, name) ?? null,
    'user-number': (uid) => userIn(this.#accounts, Number(uid)) ?? null,
    'group': (name) => groupIn(this.#accounts, name) ?? null,
    'group-number': (gid) => groupIn(this.#accounts, Number(gid)) ?? null,
    'account-table': () => this.#accounts,
    'account-defaults': () => debianDefaults,
    'shadow': () => '*',
    'systemd-manager': () => false,
  };

  #stat(path: string): Stat {
    const entry = this.#paths.get(path);
    if (entry === undefined) return { type: 'absent' };
    const owner = userIn(this.#accounts, entry.owner ?? 'root');
    const group = groupIn(this.#accounts, entry.group ?? 'root');
    if (!owner || !group)
      throw new Error(`The case has no account ${entry.owner ?? ''}:${entry.group ?? ''}, which owns ${path}`);
    const modes = { file: '0644', directory: '0755', link: '0777' };
    const size = entry.type === 'file' ? Buffer.from(entry.content).length : 0;
    const state: PathState = {
      type: entry.type,
      mode: entry.mode ?? modes[entry.type],
      uid: owner.uid,
      gid: group.gid,
      owner: owner.name,
      group: group.name,
      size,
    };
    return state;
  }

  #linkTarget(path: string): string | null {
    const entry = this.#paths.get(path);
    return entry?.type === 'link' ? entry.target : null;
  }

  #real(path: string): string | null {
    const target = this.#linkTarget(path);
    if (target !== null) return this.#real(target.startsWith('/') ? target : `${dirname(path)}/${target}`);
    return this.#paths.has(path) ? path : null;
  }

  #content(path: string): unknown {
    const entry = this.#paths.get(path);
    if (entry === undefined) return { missing: 'absent' };
    return entry.type === 'file' ? { bytes: Buffer.from(entry.content) } : { missing: 'not a regular file' };
  }

  #digest(path: string, algorithm: string): string | null {
    const entry = this.#paths.get(path);
    return entry?.type === 'file' ? createHash(algorithm).update(entry.content).digest('hex') : null;
  }

  #self(): unknown {
    const user = userIn(this.#accounts, this.#as);
    if (!user) throw new Error(`The case has no user ${this.#as}`);
    const gids = this.#accounts.groups
      .filter((one) => one.gid === user.gid || one.members.includes(user.name))
      .map((one) => one.gid);
    return { uid: user.uid, gid: user.gid, owner: user.name, group: user.group, gids };
  }
}

const writable = {
  isMountPoint: false,
  folderMount: '1',
  mount: '1',
  folderReadOnlyAt: undefined,
  readOnlyAt: undefined,
  isSwap: false,
  flags: '',
  folderFlags: '',
};

/** What every Debian has, as far as paths of a case are likely to lie in it: hier(7). */
const debianFolders = [
  '/',
  '/etc',
  '/home',
  '/opt',
  '/root',
  '/run',
  '/srv',
  '/usr',
  '/usr/local',
  '/usr/local/bin',
  '/usr/share',
  '/var',
  '/var/lib',
  '/var/log',
];

const debianUsers = [
  { name: 'root', uid: 0, home: '/root', shell: '/bin/bash' },
  { name: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent', shell: '/usr/sbin/nologin' },
];
const debianGroups = [
  { name: 'root', gid: 0 },
  { name: 'adm', gid: 4 },
  { name: 'users', gid: 100 },
  { name: 'nogroup', gid: 65_534 },
];

const debianDefaults = {
  homes: '/home',
  skeleton: '/etc/skel',
  shell: '/bin/sh',
  homeMode: '0700',
  ownGroup: true,
  group: 'users',
  uids: { min: 1000, max: 60_000 },
  systemUids: { min: 100, max: 999 },
  gids: { min: 1000, max: 60_000 },
  systemGids: { min: 100, max: 999 },
};
