/** What a host's disk holds beyond what it began with: the upper layer of its overlay, read from this machine. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/** Each path with its kind, mode, owners and content, in a line. */
export type Tree = ReadonlyMap<string, string>;

/** What services, dpkg and every login write, in any run. */
const never = [
  'var/log',
  'var/cache',
  'var/lib/systemd',
  'var/lib/apt',
  'var/lib/ucf',
  'var/lib/dpkg/status-old',
  'var/lib/dpkg/available-old',
  'var/lib/private',
  'var/lib/dbus',
  'var/lib/play/log',
  'var/lib/play/backups',
  'var/spool/postfix',
  // By a timer, a minute after it was set up; by those of the host, at midnight.
  'var/lib/dehydrated',
  'var/lib/logrotate',
  'var/backups',
  'etc/ld.so.cache',
  'etc/.pwd.lock',
  'usr/local/sbin/sh',
  ...['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((name) => `etc/${name}-`),
];
/** Made anew at each boot. */
const ofBoot = /^(?:var\/)?tmp\/systemd-private-/;
const mostSearched = 4 * 1024 * 1024;

/** Seconds by which the clock of files may be behind the other. */
export const clockStep = 0.05;

export interface TreeReading {
  readonly tree: Tree;
  /** Files that hold a secret. */
  readonly telling: readonly string[];
}

/** What a file was found to be, and by what it is known again without reading it. */
interface KnownFile {
  readonly stamp: string;
  readonly content: string;
  readonly tells: boolean;
}

/** A disk that is read again and again: of what did not change meanwhile nothing is opened. */
export class DiskReader {
  readonly #upper: string;
  readonly #secrets: () => readonly Buffer[];
  readonly #known = new Map<string, KnownFile>();

  /**
   * @param upper the folder of the layer
   * @param secrets what is looked for in files
   */
  constructor(upper: string, secrets: () => readonly Buffer[]) {
    this.#upper = upper;
    this.#secrets = secrets;
  }

  /** @param left paths, or folders with all below, that are not read */
  read(left: ReadonlySet<string> = new Set()): TreeReading {
    const tree = new Map<string, string>();
    const telling: string[] = [];
    const skipped = new Set([...never, ...left]);
    const secrets = this.#secrets();
    const walk = (folder: string): void => {
      for (const name of list(join(this.#upper, folder))) {
        const path = folder === '' ? name : `${folder}/${name}`;
        if (skipped.has(path) || ofBoot.test(path)) continue;
        const found = lstatSync(join(this.#upper, path), { throwIfNoEntry: false, bigint: true });
        if (found === undefined) continue;
        const file = found.isFile() ? this.#look(path, found, secrets) : undefined;
        if (file?.tells === true) telling.push(path);
        tree.set(
          path,
          stateOf(join(this.#upper, path), found, () => file?.content ?? ''),
        );
        if (found.isDirectory()) walk(path);
      }
    };
    walk('');
    return { tree, telling };
  }

  #look(path: string, found: BigIntStats, secrets: readonly Buffer[]): KnownFile {
    const stamp = [found.ino, found.size, found.mtimeNs, found.ctimeNs, secrets.length].join(' ');
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known;
    const bytes = found.size > mostSearched ? undefined : read(join(this.#upper, path));
    const tells = bytes !== undefined && secrets.some((secret) => bytes.includes(secret));
    const fresh: KnownFile = { stamp, content: contentOf(path, bytes, found), tells };
    // Within a step of the clock of files it may change once more and look the same.
    const isSettled = Date.now() - Number(found.ctimeNs / 1_000_000n) > clockStep * 1000;
    if (isSettled) this.#known.set(path, fresh);
    else this.#known.delete(path);
    return fresh;
  }
}

/** @param content of a file */
function stateOf(path: string, found: BigIntStats, content: () => string): string {
  const rights = `${(Number(found.mode) & 0o7777).toString(8).padStart(4, '0')} ${found.uid}:${found.gid}`;
  if (found.isDirectory()) return `folder ${rights}`;
  if (found.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  // overlayfs' mark of what was removed from the layer below.
  if (found.isCharacterDevice()) return 'gone';
  return found.isFile() ? `file ${rights} ${content()}` : `other ${rights}`;
}

/** @param path below `/`: shadow(5) has the day on which a password was last changed, and a survey may be older. */
const contentOf = (path: string, bytes: Buffer | undefined, { size }: BigIntStats): string => {
  if (bytes === undefined) return `${size} bytes`;
  const steady = path === 'etc/shadow' ? bytes.toString('latin1').replaceAll(/^([^:]*:[^:]*:)\d+/gm, '$1') : bytes;
  return `${createHash('sha256').update(steady).digest('base64url').slice(0, 16)} ${bytes.length}`;
};

/** How a path is in the uppermost of these layers that has it. */
export function stateInLayers(layers: readonly string[], path: string): string | undefined {
  for (const layer of layers) {
    const file = join(layer, path);
    const found = lstatSync(file, { throwIfNoEntry: false, bigint: true });
    if (found !== undefined)
      return stateOf(file, found, () => contentOf(path, found.size > mostSearched ? undefined : read(file), found));
  }
  return undefined;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // gone meanwhile
  }
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * What differs between two runs that nothing happened to, and is thus no sign of anything: in the folders of services
 * all of the service's, elsewhere the path.
 */
export function unsteady(one: Tree, other: Tree): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
  return paths.map(
    (path) => /^(?:var\/(?:lib|spool)\/(?!play\/)[^/]+|srv\/[^/]+\/[^/]+)(?=\/)/.exec(path)?.[0] ?? path,
  );
}

/** Whether a path is one of these or below one of them. */
export function isBelow(path: string, some: ReadonlySet<string>): boolean {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) if (some.has(at)) return true;
  return false;
}

/**
 * Where a tree is not what it should be, a line each.
 *
 * @param atFirst how a path was on the new disk: what is put back as it was lies in the layer as if it were new
 */
export function treeDifferences(
  wanted: Tree,
  found: Tree,
  unsteadyPaths: ReadonlySet<string>,
  atFirst: (path: string) => string | undefined = () => undefined,
): string[] {
  const lines: string[] = [];
  for (const path of new Set([...wanted.keys(), ...found.keys()])) {
    if (wanted.get(path) === found.get(path) || isBelow(path, unsteadyPaths)) continue;
    const should = wanted.get(path) ?? atFirst(path);
    const is = found.get(path) ?? atFirst(path);
    if (should === is) continue;
    lines.push(`/${path}: ${is ?? 'not there'}, and without the fault: ${should ?? 'not there'}`);
  }
  return lines;
}

/** When a file last changed, in seconds of the monotonic clock; 0 where there is none. */
export function changedAt(upper: string, path: string): number {
  const found = lstatSync(join(upper, path), { throwIfNoEntry: false });
  return found === undefined ? 0 : found.ctimeMs / 1000 - (Date.now() / 1000 - uptime());
}
