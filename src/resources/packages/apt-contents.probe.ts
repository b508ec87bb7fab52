/** What a package brings, as its .deb says. */
export interface PackageContents {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly paths: readonly PackagedPath[];
  /** Bytes by path: of what lies below /etc, of unit files, of sysusers.d and tmpfiles.d. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly conffiles: readonly Conffile[];
  /** Text of the installation scripts; empty where there is none. */
  readonly preinst: string;
  readonly postinst: string;
}

export interface PackagedPath {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  /** Of a symbolic link. */
  readonly target: string;
}

/** A file of configuration (deb-conffiles(5)). */
export interface Conffile {
  readonly path: string;
  /** MD5 of what the host has there, in hex; null where it has no regular file. */
  readonly there: string | null;
}

/** A package that goes: its files on the host, and which of them are configuration. */
export interface RemovedPackage {
  readonly name: string;
  readonly paths: readonly string[];
  readonly conffiles: readonly string[];
  /** Folders that no other package has, and what else lies in them. */
  readonly folders: readonly string[];
  readonly others: readonly string[];
  /** It leaves a script to be run when it is purged, for which dpkg remembers it. */
  readonly hasScript: boolean;
}

/**
 * What keeps a new unit from being enabled and started as its package says: it is masked on the host, a preset disables
 * it, policy-rc.d forbids the start, or the host has something of that name already, so that nobody knows.
 */
export type UnitHold = 'mask' | 'preset' | 'policy' | 'doubt';

interface Contents {
  readonly contents: readonly PackageContents[] | null;
  readonly contentsProblem: string | null;
  readonly removed: readonly RemovedPackage[];
  readonly startsNothing: boolean;
  readonly held: ReadonlyMap<string, ReadonlySet<UnitHold>>;
}

/** Reads the sections that follow a simulation; each begins with `@@` and its kind. */
export function decodeContents(sections: readonly string[]): Contents {
  const packages: (PackageContents & {
    files: Map<string, Buffer>;
    conffiles: Conffile[];
    preinst: string;
    postinst: string;
  })[] = [];
  const removed: (RemovedPackage & {
    conffiles: string[];
    folders: string[];
    others: string[];
    hasScript: boolean;
  })[] = [];
  let contentsProblem: string | null = null;
  let startsNothing = false;
  const held = new Map<string, Set<UnitHold>>();
  for (const section of sections) {
    const end = section.indexOf('\n');
    const head = section.slice(2, end < 0 ? undefined : end);
    const body =
      end < 0
        ? []
        : section
            .slice(end + 1)
            .split('\n')
            .filter((line) => line !== '');
    const blank = head.indexOf(' ');
    const kind = blank < 0 ? head : head.slice(0, blank);
    const rest = blank < 0 ? '' : head.slice(blank + 1);
    const last = packages.at(-1);
    if (kind === 'pkg') {
      const [name = '', version = '', arch = ''] = rest.split(' ');
      packages.push({
        name,
        version,
        arch,
        paths: body.flatMap(parseListing),
        files: new Map(),
        conffiles: [],
        preinst: '',
        postinst: '',
      });
    } else if (kind === 'nodebs') contentsProblem = body.join('\n') || 'the packages could not be fetched';
    else if (kind === 'nosystemd') startsNothing = true;
    else if (kind === 'held') {
      const [hold, unit = ''] = rest.split(' ');
      const known = holds.find((one) => one === hold);
      if (known) held.set(unit, new Set([...(held.get(unit) ?? []), known]));
    } else if (kind === 'gone')
      removed.push({ name: rest, paths: body, conffiles: [], folders: [], others: [], hasScript: false });
    else if (kind === 'goneconf') removed.at(-1)?.conffiles.push(rest);
    else if (kind === 'gonefolder') removed.at(-1)?.folders.push(rest);
    else if (kind === 'goneelse') removed.at(-1)?.others.push(rest);
    else if (kind === 'gonescript') markScript(removed.at(-1));
    else if (last && (kind === 'preinst' || kind === 'postinst'))
      last[kind] = Buffer.from(rest, 'base64').toString('utf8');
    else if (last && kind === 'conf') last.conffiles.push(parseConffile(rest));
    else if (last && kind === 'file') {
      const at = rest.indexOf(' ');
      last.files.set(rest.slice(at + 1), Buffer.from(rest.slice(0, at), 'base64'));
    }
  }
  return { contents: packages, contentsProblem, removed, startsNothing, held };
}

function markScript(removed: { hasScript: boolean } | undefined): void {
  if (removed) removed.hasScript = true;
}

const holds: readonly UnitHold[] = ['mask', 'preset', 'policy', 'doubt'];

function parseConffile(text: string): Conffile {
  const at = text.indexOf(' ');
  const sum = text.slice(0, at);
  return { path: text.slice(at + 1), there: sum === '-' ? null : sum };
}

const types: Record<string, PackagedPath['type']> = { '-': 'file', 'h': 'file', 'd': 'directory', 'l': 'link' };

/** A line of `dpkg-deb -c`, which is tar's own verbose listing. */
export function parseListing(line: string): PackagedPath[] {
  const match = /^(.)(.{9}) ([^/\s]+)\/(\S+)\s+(\d+(?:,\s*\d+)?) \S+ \S+ \.(\/.*)$/.exec(line);
  if (!match) return [];
  const [, kind = '', permissions = '', owner = '', group = '', size = '', rest = ''] = match;
  const separator = kind === 'l' ? ' -> ' : kind === 'h' ? ' link to ' : undefined;
  const at = separator === undefined ? -1 : rest.indexOf(separator);
  const path = (at < 0 ? rest : rest.slice(0, at)).replace(/(.)\/$/, '$1');
  const target = at < 0 || kind === 'h' ? '' : rest.slice(at + 4);
  return [
    { path, type: types[kind] ?? 'other', mode: octalMode(permissions), owner, group, size: Number(size) || 0, target },
  ];
}

/** `rwxr-sr-x` as four octal digits. */
function octalMode(text: string): string {
  let bits = 0;
  [...text].forEach((letter, i) => {
    if (letter !== '-' && letter !== 'S' && letter !== 'T') bits |= 1 << (8 - i);
    if (/[sStT]/.test(letter)) bits |= [0o4000, 0o2000, 0o1000][Math.floor(i / 3)] ?? 0;
  });
  return bits.toString(8).padStart(4, '0');
}
