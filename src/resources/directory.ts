import type { Change, Known, Plan, Step } from '../playbook/index.ts';
import { mountsBelow, realPath, self, stat, tree, type Found, type Stat, type Tree, type TreeEntries } from '../probes/index.ts';
import type { FileOptions, FileResult } from './file.ts';
import { idle, planPermissions } from './file-touch.ts';
import { gone, known } from './known.ts';
import { resolveMode } from './mode.ts';
import { isAccount, planAttributes, type AttributePlan } from './ownership.ts';

type Present = Exclude<Stat, { type: 'absent' }>;

/** `/a`, `/a/b`, `/a/b/c`. */
export function pathAndAbove(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

/** A directory with all that is missing above it; each new one gets the permissions asked for, as in Ansible. */
export function planDirectory(options: FileOptions, found: Found): Plan<FileResult> {
  const result = { path: options.path, state: 'directory' };
  const made: { readonly path: string; readonly attributes: AttributePlan }[] = [];
  let above: Present | undefined;
  for (const path of pathAndAbove(options.path)) {
    const now = through(path, found);
    if (now.type === 'directory') {
      above = now;
      continue;
    }
    if (now.type !== 'absent') return idle(options.path, now.type, `${path} is ${now.type === 'file' ? 'a file' : 'not a directory'}`);
    const attributes = planAttributes(options, freshDirectory(above, found));
    above = attributes.after;
    made.push({ path, attributes });
  }
  const [first] = made;
  if (!first) return above ? planPresent(options, above, found) : idle(options.path, 'directory');
  const told = first.attributes.changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) }));
  return {
    changes: [...made.map(({ path }): Change => ({ what: made.length === 1 ? 'state' : path, from: 'absent', to: 'directory' })), ...told],
    steps: [{ script: makeScript, args: made.flatMap(({ path, attributes: { changes, mode, chown } }) => [changes.length > 0 ? mode : '', chown, path]), label: `make the directory ${options.path}` }],
    after: made.map(({ path, attributes }) => known(stat(path), attributes.after)),
    touches: [],
    result,
  };
}

/** A directory that is there: its permissions, and with `recurse` those of all below. */
function planPresent(options: FileOptions, now: Present, found: Found): Plan<FileResult> {
  const path = real(options.path, found);
  const own = planPermissions(path, options, now, 'directory');
  if (!options.recurse) return { ...own, result: { path: options.path, state: 'directory' } };
  const below = planTree(path, options, found);
  return {
    changes: [...own.changes, ...below.changes],
    steps: [...own.steps, ...below.steps],
    after: [...own.after, ...below.after],
    touches: below.steps.length > 0 ? [{ on: 'path', path }] : [],
    result: { path: options.path, state: 'directory' },
  };
}

// Never readable for a moment by whom it should not be: made closed, then owned, then opened.
const makeScript = `set -e
while [ $# -gt 0 ]; do
  if [ -n "$1" ]; then (umask 077; mkdir -- "$3"); else mkdir -- "$3"; fi
  [ -z "$2" ] || chown -- "$2" "$3"
  [ -z "$1" ] || chmod -- "0$1" "$3"
  shift 3
done`;

/** What is at a path, links on the way to a directory followed. */
function through(path: string, found: Found): Stat {
  const now = found.get(stat(path));
  if (now.type !== 'link') return now;
  const target = found.get(realPath(path));
  return target === null ? now : found.get(stat(target));
}

function real(path: string, found: Found): string {
  return found.get(stat(path)).type === 'link' ? (found.get(realPath(path)) ?? path) : path;
}

/** What mkdir(1) makes under the lane's umask 022. A set-group-ID parent hands on its group and that bit (inode(7)). */
function freshDirectory(above: Present | undefined, found: Found): Present {
  const { uid, gid, owner, group } = found.get(self);
  const inherits = above !== undefined && (Number.parseInt(above.mode, 8) & 0o2000) !== 0;
  return { type: 'directory', uid, owner, size: 0, ...(inherits ? { mode: '2755', gid: above.gid, group: above.group } : { mode: '0755', gid, group }) };
}

// $1 path, $2 owner, $3 group, then for each kind of entry to mend: type, mode now, mode wanted. chown(1) clears set-user-ID
// bits, so modes come last.
const treeScript = `set -e
p=$1/ owner=$2 group=$3; shift 3
[ -z "$owner" ] || find "$p" -xdev -mindepth 1 ! -user "$owner" -exec chown -h -- "$owner" {} +
[ -z "$group" ] || find "$p" -xdev -mindepth 1 ! -group "$group" -exec chgrp -h -- "$group" {} +
while [ $# -gt 0 ]; do
  find "$p" -xdev -mindepth 1 -type "$1" -perm "$2" -exec chmod -- "0$3" {} +
  shift 3
done`;

/** All below a directory, counted on the host and mended there: a million right files cost one line of answer. */
function planTree(path: string, options: FileOptions, found: Found): { changes: Change[]; steps: Step[]; after: Known[] } {
  const { owner, group } = options;
  const entries = withPlanned(found.get(tree(path)), path, found);
  const wanted = (entry: TreeEntries): string => (entry.type === 'l' ? entry.mode : resolveMode(options.mode, entry.mode, entry.type === 'd'));
  const wrongOwner = entries.filter((one) => owner !== undefined && !isAccount(owner, one.owner, one.uid));
  const wrongGroup = entries.filter((one) => group !== undefined && !isAccount(group, one.group, one.gid));
  const wrongMode = entries.filter((one) => wanted(one) !== one.mode);
  const tell = (what: string, wrong: readonly TreeEntries[], to: string): Change[] => (wrong.length === 0 ? [] : [{ what: `${what} of ${plural(count(wrong))} below`, to }]);
  const changes = [...tell('owner', wrongOwner, owner ?? ''), ...tell('group', wrongGroup, group ?? ''), ...tell('mode', wrongMode, options.mode ?? '')];
  if (changes.length === 0) return { changes, steps: [], after: [] };
  const chowns = wrongOwner.length + wrongGroup.length > 0;
  const modes = new Set(wrongMode.flatMap((one) => [one, ...(chowns ? [withoutSetId(one)] : [])].map((now) => `${now.type} ${now.mode} ${wanted(now)}`)));
  // A link has no mode, and a file that chown stripped of its set-user-ID bit is as wanted where nothing is asked of modes.
  const after = entries.map((one) => ({ ...one, mode: wanted(one), ...(owner === undefined ? {} : { owner, uid: idOf(owner) }), ...(group === undefined ? {} : { group, gid: idOf(group) }) }));
  return {
    changes,
    steps: [{ script: treeScript, args: [path, wrongOwner.length > 0 ? (owner ?? '') : '', wrongGroup.length > 0 ? (group ?? '') : '', ...[...modes].flatMap((one) => one.split(' '))], label: `set the permissions below ${path}` }],
    after: [known(tree(path), { ...found.get(tree(path)), entries: after })],
  };
}

function withoutSetId(entry: TreeEntries): TreeEntries {
  return { ...entry, mode: (Number.parseInt(entry.mode, 8) & 0o1777).toString(8).padStart(4, '0') };
}

function idOf(account: string): number {
  return /^\d+$/.test(account) ? Number(account) : -1;
}

const letters = { file: 'f', directory: 'd', link: 'l', other: 'p' } as const;

/** The host's count, with what planned changes make of single paths (check mode). */
function withPlanned({ entries }: Tree, path: string, found: Found): TreeEntries[] {
  const all = entries.map((one) => ({ ...one }));
  for (const { before, after } of found.plannedBelow(path)) {
    if (before !== undefined && before.type !== 'absent') {
      const same = all.find((one) => one.type === letters[before.type] && one.mode === before.mode && one.uid === before.uid && one.gid === before.gid && one.count > 0);
      if (same) same.count -= 1;
    }
    if (after.type !== 'absent') all.push({ type: letters[after.type], mode: after.mode, uid: after.uid, gid: after.gid, owner: after.owner, group: after.group, count: 1 });
  }
  return all.filter((one) => one.count > 0);
}

function count(entries: readonly TreeEntries[]): number {
  return entries.reduce((sum, one) => sum + one.count, 0);
}

function plural(number: number): string {
  return number === 1 ? '1 entry' : `${number} entries`;
}

// The mounts are looked for again: one may have come since the question was asked.
const removeScript = `set -e
${mountsBelow}
if [ -d "$1" ] && [ ! -L "$1" ]; then
  m=$(mounts_below "$1")
  [ -z "$m" ] || { printf 'mounted there: %s\\n' "$m" >&2; exit 1; }
  one=; if rm --help 2>&1 | grep -q one-file-system; then one=--one-file-system; fi
  rm -rf $one -- "$1"
else rm -f -- "$1"; fi`;

/** Nothing at the path any more, whatever it was. Mount points below it are never crossed. */
export function planRemoval({ path }: FileOptions, found: Found): Plan<FileResult> {
  const now = found.get(stat(path));
  if (now.type === 'absent') return idle(path, 'absent');
  let from: string = now.type;
  if (now.type === 'directory') {
    const below = found.get(tree(path));
    if (below.mounts.length > 0) return idle(path, 'directory', `${path} is not removed: ${below.mounts.slice(0, 5).join(', ')} ${below.mounts.length === 1 ? 'is a mount point' : 'are mount points'}; unmount first`);
    from = `directory (${plural(count(withPlanned(below, path, found)))} below)`;
  }
  return {
    changes: [{ what: 'state', from, to: 'absent' }],
    steps: [{ script: removeScript, args: [path], label: `remove ${path}` }],
    after: gone(path),
    touches: [{ on: 'path', path }],
    result: { path, state: 'absent' },
  };
}
