import { createHash } from 'node:crypto';
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
import { groupIn, unit, userIn, type Self, type Unit } from '../probes/index.ts';
import { DescribedPaths, fileAnswers } from './described-files.ts';

/** What is at a path of the described host. */
export type PathEntry =
  | ({ readonly type: 'file'; readonly content: Buffer | string } & Permissions)
  | ({ readonly type: 'directory' } & Permissions)
  | ({ readonly type: 'link'; readonly target: string } & Permissions);

interface Permissions {
  /** Default `0644`, `0755` for a directory, `0777` for a link. */
  readonly mode?: string;
  /** By name. Default root; others are to be among `users` and `groups`, or numbers. */
  readonly owner?: string;
  readonly group?: string;
  /** As lsattr(1) prints them: `i` for what is immutable. */
  readonly flags?: string;
  readonly isMountPoint?: boolean;
}

/**
 * A short description of a host, for the cases of a resource. Everything else is as on a fresh Debian, and parent
 * folders of the paths exist.
 */
export interface HostDescription {
  /** What is at each path. */
  readonly paths?: Readonly<Record<string, PathEntry>>;
  /** Accounts besides those of a fresh Debian. */
  readonly users?: readonly (Partial<TableUser> & Pick<TableUser, 'name' | 'uid'>)[];
  /** Groups besides those of a fresh Debian. */
  readonly groups?: readonly (Partial<TableGroup> & Pick<TableGroup, 'name' | 'gid'>)[];
  /** The account the task works as: one of the users, or root. Default root. */
  readonly as?: string;
  /**
   * Any other answer, by its question: `predict(packageState('nginx'), { ... })`. It takes precedence over the above.
   */
  readonly answers?: readonly Prediction[];
  /**
   * Answers to all other questions of a kind, by the name of the kind, given their arguments: for answers that only the
   * resource itself can make up (`{ 'apt-simulate': () => ({ ... }) }`).
   */
  readonly answersOfKind?: Readonly<Record<string, (args: readonly string[]) => unknown>>;
}

/** Answers the questions of a plan from a description. */
export class DescribedHost {
  readonly #paths: DescribedPaths;
  readonly #accounts: AccountTable;
  readonly #answers: ReadonlyMap<string, unknown>;
  readonly #answersOfKind: NonNullable<HostDescription['answersOfKind']>;
  readonly #as: string;
  readonly #fileAnswers: ReturnType<typeof fileAnswers>;

  constructor({ paths = {}, users = [], groups = [], answers = [], answersOfKind = {}, as = 'root' }: HostDescription) {
    this.#paths = new DescribedPaths(paths);
    this.#fileAnswers = fileAnswers(
      this.#paths,
      (path) => this.#stat(path),
      () => this.#self(),
    );
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
    this.#answersOfKind = answersOfKind;
    this.#answers = new Map(answers.map(({ question, answer }) => [questionKey(question), answer]));
  }

  /** @throws Error for a question that the description does not answer */
  answer(question: Question): Prediction {
    const [arg = '', second = ''] = question.args;
    const given = this.#answers.get(questionKey(question));
    if (given !== undefined || this.#answers.has(questionKey(question))) return predict(question, given);
    const ofKind = this.#answersOfKind[question.kind.kind];
    if (ofKind !== undefined) return predict(question, ofKind(question.args));
    const answer = this.#answerers[question.kind.kind] ?? this.#fileAnswers[question.kind.kind];
    if (answer === undefined)
      throw new Error(`The case says nothing of ${[question.kind.kind, ...question.args].join(' ')}`);
    return predict(question, answer(arg, second));
  }

  readonly #answerers: Readonly<Record<string, (arg: string, second: string) => unknown>> = {
    'stat': (path) => this.#stat(path),
    'link': (path) => this.#linkTarget(path),
    'realpath': (path) => this.#paths.real(path),
    'binds': () => [],
    'way': (path) => ({ target: this.#linkTarget(path) }),
    'content': (path) => this.#content(path),
    'large-content': (path) => this.#content(path),
    'sha256': (path) => this.#digest(path, 'sha256'),
    'sha256-of-size': (path) => this.#digest(path, 'sha256'),
    'self': () => this.#self(),
    'user': (name) => userIn(this.#accounts, name) ?? null,
    'user-number': (uid) => userIn(this.#accounts, Number(uid)) ?? null,
    'group': (name) => groupIn(this.#accounts, name) ?? null,
    'group-number': (gid) => groupIn(this.#accounts, Number(gid)) ?? null,
    'local-user': (name) => userIn(this.#accounts, name) ?? null,
    'local-group': (name) => groupIn(this.#accounts, name) ?? null,
    'account-table': () => this.#accounts,
    'account-defaults': () => debianDefaults,
    'account-process': () => null,
    'shadow': () => '*',
    'systemd-manager': () => false,
    'unit-enabled': (name) => (this.answer(unit(name)).answer as Unit).enabled,
  };

  #stat(path: string): Stat {
    const entry = this.#paths.get(path);
    if (entry === undefined) return { type: 'absent' };
    const owner = this.#owner('user', entry.owner ?? 'root', path);
    const group = this.#owner('group', entry.group ?? 'root', path);
    const modes = { file: '0644', directory: '0755', link: '0777' };
    const size = entry.type === 'file' ? Buffer.from(entry.content).length : 0;
    const state: PathState = {
      type: entry.type,
      mode: entry.mode ?? modes[entry.type],
      uid: owner.id,
      gid: group.id,
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

  #owner(kind: 'user' | 'group', name: string, path: string): { readonly name: string; readonly id: number } {
    const id = kind === 'user' ? userIn(this.#accounts, name)?.uid : groupIn(this.#accounts, name)?.gid;
    if (id === undefined && !/^\d+$/.test(name)) throw new Error(`The case has no ${kind} ${name}, who owns ${path}`);
    return id === undefined ? { name: 'UNKNOWN', id: Number(name) } : { name, id };
  }

  #content(path: string): unknown {
    const entry = this.#paths.get(this.#paths.real(path) ?? path);
    if (entry === undefined || entry.type === 'link') return { missing: 'absent' };
    return entry.type === 'file' ? { bytes: Buffer.from(entry.content) } : { missing: 'not a regular file' };
  }

  #digest(path: string, algorithm: string): string | null {
    const entry = this.#paths.get(this.#paths.real(path) ?? path);
    return entry?.type === 'file' ? createHash(algorithm).update(entry.content).digest('hex') : null;
  }

  #self(): Self {
    const user = userIn(this.#accounts, this.#as);
    if (!user) throw new Error(`The case has no user ${this.#as}`);
    const gids = this.#accounts.groups
      .filter((one) => one.gid === user.gid || one.members.includes(user.name))
      .map((one) => one.gid);
    return { uid: user.uid, gid: user.gid, owner: user.name, group: user.group, gids };
  }
}

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
