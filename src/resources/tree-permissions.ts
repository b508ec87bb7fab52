import type { Change, Known, Step } from '../playbook/index.ts';
import { tree, type Found, type Tree, type TreeEntries } from '../probes/index.ts';
import type { FileOptions } from './file.ts';
import { known } from './known.ts';
import { resolveMode } from './mode.ts';
import { newOwner } from './ownership.ts';

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
export function planTree(path: string, options: FileOptions, found: Found): { changes: Change[]; steps: Step[]; after: Known[] } {
  const { owner, group } = options;
  const entries = withPlanned(found.get(tree(path)), path, found);
  const wanted = (entry: TreeEntries): string => (entry.type === 'l' ? entry.mode : resolveMode(options.mode, entry.mode, entry.type === 'd'));
  const wrongOwner = entries.filter((one) => newOwner('user', owner, one.owner, one.uid, found) !== undefined);
  const wrongGroup = entries.filter((one) => newOwner('group', group, one.group, one.gid, found) !== undefined);
  const wrongMode = entries.filter((one) => wanted(one) !== one.mode);
  const tell = (what: string, wrong: readonly TreeEntries[], to: string): Change[] => (wrong.length === 0 ? [] : [{ what: `${what} of ${plural(count(wrong))} below`, to }]);
  const changes = [...tell('owner', wrongOwner, owner ?? ''), ...tell('group', wrongGroup, group ?? ''), ...tell('mode', wrongMode, options.mode ?? '')];
  if (changes.length === 0) return { changes, steps: [], after: [] };
  const chowns = wrongOwner.length + wrongGroup.length > 0;
  const modes = new Set(wrongMode.flatMap((one) => [one, ...(chowns ? [withoutSetId(one)] : [])].map((now) => `${now.type} ${now.mode} ${wanted(now)}`)));
  // A link has no mode, and a file that chown stripped of its set-user-ID bit is as wanted where nothing is asked of modes.
  const after = entries.map((one) => ({ ...one, mode: wanted(one), ...ownersAfter(one, options, found) }));
  return {
    changes,
    steps: [{ script: treeScript, args: [path, wrongOwner.length > 0 ? (owner ?? '') : '', wrongGroup.length > 0 ? (group ?? '') : '', ...[...modes].flatMap((one) => one.split(' '))], label: `set the permissions below ${path}` }],
    after: [known(tree(path), { ...found.get(tree(path)), entries: after })],
  };
}

function withoutSetId(entry: TreeEntries): TreeEntries {
  return { ...entry, mode: (Number.parseInt(entry.mode, 8) & 0o1777).toString(8).padStart(4, '0') };
}

function ownersAfter(entry: TreeEntries, wanted: FileOptions, found: Found): Partial<TreeEntries> {
  const owner = newOwner('user', wanted.owner, entry.owner, entry.uid, found);
  const group = newOwner('group', wanted.group, entry.group, entry.gid, found);
  return { ...(owner && { owner: owner.name, uid: owner.id }), ...(group && { group: group.name, gid: group.id }) };
}

const letters = { file: 'f', directory: 'd', link: 'l', other: 'p' } as const;

/** The host's count, with what planned changes make of single paths (check mode). */
export function withPlanned({ entries }: Tree, path: string, found: Found): TreeEntries[] {
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

export function count(entries: readonly TreeEntries[]): number {
  return entries.reduce((sum, one) => sum + one.count, 0);
}

export function plural(number: number): string {
  return number === 1 ? '1 entry' : `${number} entries`;
}
