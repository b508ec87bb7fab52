import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Why something on this machine is not to be believed: somebody else could have put it there. */
export interface Distrust {
  /** The file or folder that is at fault: the thing itself, or one on the way to it. */
  readonly path: string;
  /** As a clause: `everybody may write /srv/x`. */
  readonly why: string;
  readonly hint: string;
}

/**
 * Who could have written a file: undefined where only we and root could. Looks at the file, at each folder on the way
 * to it, and at where links on that way lead. In a folder with the sticky bit (/tmp) others may add but not replace:
 * there an entry counts by its own owner. What is not there is judged by its folder.
 */
export function distrust(path: string): Distrust | undefined {
  const whole = resolve(path);
  const judge = new Judge(owners(), trustedFolders);
  return isDescriptor(whole) ? judge.descriptor(whole) : judge.path(whole, 'end', 0);
}

/** Folders that were found good, which a project's files share. */
const trustedFolders = new Set<string>();

/** Whoever owns the play that runs could make it do anything: to doubt their other files would protect nobody. */
let installer: number | undefined;

/**
 * Believes files of one more account, that which owns this installation: a checkout mounted into a container, say,
 * where root starts it.
 */
export function trustInstaller(uid: number): void {
  installer = uid;
}

/** As many links as Linux follows. */
const mostLinks = 40;

class Judge {
  readonly #owners: ReadonlySet<number>;
  readonly #trusted: Set<string>;

  constructor(trustedOwners: ReadonlySet<number>, trusted: Set<string>) {
    this.#owners = trustedOwners;
    this.#trusted = trusted;
  }

  path(path: string, place: 'end' | 'on the way', links: number): Distrust | undefined {
    if (place === 'on the way' && this.#trusted.has(path)) return undefined;
    const folder = dirname(path);
    const before = folder === path ? undefined : this.path(folder, 'on the way', links);
    if (before) return before;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return undefined;
    if (found.isSymbolicLink()) {
      // Where only we may write, whose the link is says nothing; in /tmp anybody may make one.
      const owner = isShared(lstatSync(folder)) ? this.#ofOwner(path, found) : undefined;
      return (
        owner ?? (links < mostLinks ? this.path(resolve(folder, readlinkSync(path)), place, links + 1) : undefined)
      );
    }
    const bad =
      this.#ofOwner(path, found) ?? (place === 'on the way' && isSticky(found) ? undefined : this.#ofMode(path, found));
    if (!bad && place === 'on the way') this.#trusted.add(path);
    return bad;
  }

  /**
   * There is no way to it that others could change. What is no file (a pipe, a terminal) was opened by whoever started
   * us.
   */
  descriptor(path: string): Distrust | undefined {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? (this.#ofOwner(path, found) ?? this.#ofMode(path, found)) : undefined;
  }

  #ofOwner(path: string, { uid }: Stats): Distrust | undefined {
    if (this.#owners.has(uid)) return undefined;
    return {
      path,
      why: `${path} belongs to ${nameOf('/etc/passwd', uid)}`,
      hint: `To use it, make it yours: chown ${nameOf('/etc/passwd', process.geteuid?.() ?? 0)} ${path}. Else work in a folder of your own.`,
    };
  }

  #ofMode(path: string, { mode, gid }: Stats): Distrust | undefined {
    if ((mode & 0o002) !== 0)
      return { path, why: `everybody may write ${path}`, hint: `chmod o-w ${path}, or work in a folder of your own.` };
    if ((mode & 0o020) === 0 || (this.#isPrivate(gid) && !hasAccessList(path))) return undefined;
    return {
      path,
      why: `the group ${nameOf('/etc/group', gid)} may write ${path}`,
      hint: `chmod g-w ${path}, or work in a folder of your own.`,
    };
  }

  /**
   * A group of nobody but trusted accounts, as a umask of 002 is meant for. Accounts that are not in the files cannot
   * be told.
   */
  #isPrivate(gid: number): boolean {
    const group = lines('/etc/group').find((fields) => Number(fields[2]) === gid);
    if (!group) return false;
    const accounts = lines('/etc/passwd').map(([name = '', , uid, primary]) => ({
      name,
      uid: Number(uid),
      primary: Number(primary),
    }));
    const members = (group[3] ?? '')
      .split(',')
      .filter((name) => name !== '')
      .map((name) => accounts.find((one) => one.name === name)?.uid);
    return [...members, ...accounts.filter((one) => one.primary === gid).map(({ uid }) => uid)].every(
      (uid) => uid !== undefined && this.#owners.has(uid),
    );
  }
}

/** `<(program)` and standard input. */
function isDescriptor(path: string): boolean {
  return /^\/(?:dev\/(?:fd\/|std(?:in|out|err)$|null$|tty$)|proc\/(?:self|\d+)\/fd\/)/.test(path);
}

/** With sudo, who called it is as good as root: git judges the same way (safe.directory). */
function owners(): ReadonlySet<number> {
  const own = process.geteuid?.() ?? 0;
  const caller = own === 0 ? Number(process.env['SUDO_UID'] ?? 0) : 0;
  return new Set([
    0,
    own,
    ...(Number.isInteger(caller) ? [caller] : []),
    ...(installer === undefined ? [] : [installer]),
  ]);
}

const isShared = (stats: Stats): boolean => (stats.mode & 0o022) !== 0;
const isSticky = (stats: Stats): boolean => (stats.mode & 0o1000) !== 0;

/** With an access list the group's bits are its mask: who may write is in the list, which Node cannot read. */
function hasAccessList(path: string): boolean {
  try {
    return /^\S{10}\+/.test(
      execFileSync('ls', ['-ld', '--', path], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }),
    );
  } catch {
    return true;
  }
}

function lines(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}

function nameOf(file: string, id: number): string {
  return lines(file).find((fields) => Number(fields[2]) === id)?.[0] ?? String(id);
}
