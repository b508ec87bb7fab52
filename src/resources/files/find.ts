import * as v from 'valibot';
import { toBytes } from '../../connection/byte-text.ts';
import { settled, Unknowable, type Found, type Plan } from '../../contract/index.ts';
import { toRegExp } from '../../formats/regexp.ts';
import { defineResource } from '../../playbook/index.ts';
import { listing, type Listed } from '../../probes/listing.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { globSource } from '../kit/tree/wanted.ts';
import { fileHolds } from './file-holds.probe.ts';

export interface FoundFile {
  /** Its full path. */
  readonly path: string;
  /** What it is. */
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** The number of the user that owns it. */
  readonly uid: number;
  /** The number of the group that owns it. */
  readonly gid: number;
  /** The name of the user that owns it. */
  readonly pwName: string;
  /** The name of the group that owns it. */
  readonly grName: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last read, in seconds since 1970. */
  readonly atime: number;
  /** When its content was last changed, in seconds since 1970. */
  readonly mtime: number;
  /** When its content, owner or permissions were last changed, in seconds since 1970. */
  readonly ctime: number;
}

export interface FindResult {
  /** The files that were found. */
  readonly files: readonly FoundFile[];
  /** How many were found. */
  readonly matched: number;
  /** How many paths were looked at. */
  readonly examined: number;
}

const list = (schema: v.GenericSchema<string, string>, description: string) =>
  v.pipe(
    v.union([
      v.pipe(
        schema,
        v.transform((one) => [one]),
      ),
      v.array(schema),
    ]),
    v.description(description),
  );
const limit = (pattern: RegExp, what: string, description: string) =>
  v.optional(v.pipe(v.string(), v.regex(pattern, what), v.description(description)));
const types = v.picklist(['file', 'directory', 'link', 'any']);

const options = {
  paths: list(
    path('A directory to look in.'),
    'The directory to search, or a list of them. One that does not exist counts as empty.',
  ),
  patterns: v.optional(
    list(
      v.string(),
      'What the last part of the path must match: shell patterns (`*.log`), or regular expressions with `useRegex`. One match is enough. Default: everything.',
    ),
    [],
  ),
  excludes: v.optional(list(v.string(), 'Like `patterns`; whatever matches is left out.'), []),
  useRegex: flag(
    "`patterns` and `excludes` are regular expressions in Python's dialect, as in Ansible's playbooks, matched from the first character on.",
    false,
  ),
  fileType: v.optional(v.pipe(types, v.description('What to find. Default `file`.')), 'file'),
  recurse: flag('Search subdirectories too. Other file systems are not entered.', false),
  depth: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description('With `recurse`: how many levels deep. Default: all.'),
    ),
  ),
  hidden: flag('Include names that begin with a dot.', false),
  age: limit(
    /^-?\d+[smhdw]?$/,
    "must be a number and s, m, h, d or w: '2d'",
    'Minimum age (`2d`), or maximum age (`-2d`): in seconds, or with `m`, `h`, `d`, `w`.',
  ),
  ageStamp: v.optional(
    v.pipe(v.picklist(['atime', 'mtime', 'ctime']), v.description('The time that `age` refers to. Default `mtime`.')),
    'mtime',
  ),
  size: limit(
    /^-?\d+[bkmgt]?$/,
    "must be a number and b, k, m, g or t: '10m'",
    'Minimum size (`10m`), or maximum size (`-10m`): in bytes, or with `k`, `m`, `g`, `t`.',
  ),
  contains: v.optional(
    text(
      'A line of the file must match this extended regular expression (regex(7)) from its beginning. Only files that match everything else are searched.',
    ),
  ),
};

type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** Files by name, age, size and content, for later tasks to read. */
export const find = defineResource({
  name: 'find',
  summary:
    'Finds files by name, type, age, size and content, for later tasks, ordered by name. Changes nothing; in check mode it sees what is planned.',
  options,
  example: `const old = find({ paths: '/var/backups', patterns: '*.sql.gz', age: '30d', recurse: true });
assert({ that: ({ results }) => results(old).matched < 100 })`,
  validateOptions({ patterns, excludes, useRegex, depth, recurse }) {
    if (depth !== undefined && !recurse) return '`depth` needs `recurse: true`';
    const wrong = useRegex ? [...patterns, ...excludes].find((pattern) => !isRegExp(pattern)) : undefined;
    return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is not a regular expression`;
  },
  title: ({ paths = [] }) => paths.join(', '),
  prepare: (given): Wanted => given,
  probes: (wanted) => wanted.paths.map((one) => listing(one, depthOf(wanted))),
  plan(wanted, found): Plan<FindResult> {
    const fits = matcher(wanted);
    const all = wanted.paths.map((folder) => ({ folder, there: below(folder, wanted, found) }));
    const fitting = all.flatMap(({ folder, there }) =>
      there
        .filter(fits)
        .sort(byName)
        .map((one) => ({ one, file: toFile(folder, one) })),
    );
    // Check mode: when a planned file will have been written, and what will be in it, is not asked of the host.
    const isOpen =
      found.mayDiffer() ||
      fitting.some(({ one }) => one.isPlanned && (wanted.age !== undefined || wanted.contains !== undefined));
    // What rests on a guess; of an open answer nothing is read.
    for (const { one } of fitting) if (!isOpen && one.assumed !== undefined) found.assume(one.assumed);
    const files =
      wanted.contains === undefined || isOpen
        ? fitting.map(({ file }) => file)
        : holding(
            fitting.map(({ file }) => file),
            wanted.contains,
            found,
          );
    const examined = all.reduce((sum, { there }) => sum + there.length, 0);
    return { ...settled({ files, matched: files.length, examined }), unforeseen: isOpen };
  },
});

/** By the order of their bytes: that of the host's own lists is another one after every change. */
function byName(a: Listed, b: Listed): number {
  return Buffer.compare(toBytes(a.name), toBytes(b.name));
}

/** A path below a folder; what an earlier task plans has no times yet. */
type Entry = Listed & { readonly isPlanned?: boolean; readonly assumed?: string | undefined };

/** The host's own list, with what planned changes make of it (check mode). */
function below(folder: string, wanted: Wanted, found: Found): readonly Entry[] {
  const depth = depthOf(wanted);
  const listed = found.get(listing(folder, depth));
  const planned = found.plannedBelow(folder);
  if (planned.length === 0) return listed;
  const all = new Map(listed.map((one): [string, Entry] => [one.name, one]));
  for (const { path: at, after, assumed } of planned) {
    const name = at.slice(folder === '/' ? 1 : folder.length + 1);
    // What takes a directory's place takes away what was in it.
    if (after.type !== 'directory') for (const one of all.keys()) if (one.startsWith(`${name}/`)) all.delete(one);
    if (after.type === 'absent') all.delete(name);
    else if (depth === undefined || name.split('/').length <= depth)
      all.set(name, { ...after, name, accessed: 0, modified: 0, changed: 0, target: '', isPlanned: true, assumed });
  }
  return [...all.values()];
}

const depthOf = ({ recurse, depth }: Wanted): number | undefined => (recurse ? depth : 1);

function isRegExp(pattern: string): boolean {
  try {
    return Boolean(toRegExp(pattern));
  } catch {
    return false;
  }
}

function matcher(wanted: Wanted): (one: Entry) => boolean {
  // A match at the begin, as of Python's re.match.
  const compile = (patterns: readonly string[]): RegExp[] =>
    patterns.map((one) =>
      wanted.useRegex ? toRegExp(one, { ascii: false }) : new RegExp(`^${globSource(one)}$`, 'su'),
    );
  const patterns = compile(wanted.patterns);
  const excludes = compile(wanted.excludes);
  const age =
    wanted.age === undefined ? undefined : amount(wanted.age, { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });
  const size =
    wanted.size === undefined
      ? undefined
      : amount(wanted.size, { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 });
  const now = Date.now() / 1000;
  return (one) => {
    const base = one.name.slice(one.name.lastIndexOf('/') + 1);
    if (wanted.fileType !== 'any' && one.type !== wanted.fileType) return false;
    if (!wanted.hidden && base.startsWith('.')) return false;
    if (patterns.length > 0 && !patterns.some((pattern) => pattern.exec(base)?.index === 0)) return false;
    if (excludes.some((pattern) => pattern.exec(base)?.index === 0)) return false;
    return isWithin(size, one.size) && (one.isPlanned === true || isWithin(age, now - stampOf(one, wanted.ageStamp)));
  };
}

function stampOf(one: Listed, stamp: Wanted['ageStamp']): number {
  return stamp === 'atime' ? one.accessed : stamp === 'ctime' ? one.changed : one.modified;
}

interface Amount {
  readonly value: number;
  readonly isMost: boolean;
}

function amount(text: string, units: Readonly<Record<string, number>>): Amount {
  const [, minus = '', digits = '0', unit = ''] = /^(-?)(\d+)([a-z]?)$/.exec(text) ?? [];
  return { value: Number(digits) * (units[unit] ?? 1), isMost: minus !== '' };
}

function isWithin(limits: Amount | undefined, value: number): boolean {
  return limits === undefined || (limits.isMost ? value <= limits.value : value >= limits.value);
}

function holding(files: readonly FoundFile[], pattern: string, found: Found): FoundFile[] {
  const regular = files.filter((one) => one.type === 'file');
  const ask = (one: FoundFile) => fileHolds(one.path, `^(${pattern.replace(/^\^/, '')})`);
  found.need(...regular.map(ask));
  return regular.filter((one) => found.get(ask(one)));
}

function toFile(folder: string, one: Entry): FoundFile {
  const { name, type, mode, uid, gid, owner, group, size, accessed, modified, changed, isPlanned } = one;
  const at = `${folder === '/' ? '' : folder}/${name}`;
  const known = { path: at, type, mode, uid, gid, pwName: owner, grName: group, size };
  return isPlanned ? withoutTimes(known) : { ...known, atime: accessed, mtime: modified, ctime: changed };
}

/** Check mode: who reads the time of what is only planned may do anything. */
function withoutTimes(known: Omit<FoundFile, 'atime' | 'mtime' | 'ctime'>): FoundFile {
  const unknown = (): never => {
    throw new Unknowable(`the times of ${known.path} are not known before it is written`);
  };
  return {
    ...known,
    get size(): number {
      return known.type === 'directory' ? unknown() : known.size;
    },
    get atime(): number {
      return unknown();
    },
    get mtime(): number {
      return unknown();
    },
    get ctime(): number {
      return unknown();
    },
  };
}
