import type { Change, Known, Step } from '../playbook/index.ts';
import { stat, tree, type Found, type Tree, type TreeEntries } from '../probes/index.ts';
import type { FileOptions } from './file.ts';
import { known } from './known.ts';
import { resolveMode } from './mode.ts';
import { newOwner, planAttributes } from './ownership.ts';
import { allThatIsThere, below } from './tree/here.ts';

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
  return {
    changes,
    steps: [{ script: treeScript, args: [path, wrongOwner.length > 0 ? (owner ?? '') : '', wrongGroup.length > 0 ? (group ?? '') : '', ...[...modes].flatMap((one) => one.split(' '))], label: `set the permissions below ${path}` }],
    after: found.check ? stateAfter(path, options, found, count(entries)) : [],
  };
}

/** The most paths whose permissions are foreseen one by one. */
const mostForeseen = 50_000;

/** Check mode: every path as it will be, for later tasks that are about one of them or about a folder among them. */
function stateAfter(path: string, options: FileOptions, found: Found, paths: number): Known[] {
  if (paths > mostForeseen) return [{ ...known(stat(path), found.get(stat(path))), below: { unknown: `the permissions of ${paths} paths below ${path} are set before` } }];
  return [...allThatIsThere(path, path, found)].flatMap(([name, now]): Known[] => {
    const { changes, chown, after } = planAttributes(now.type === 'link' ? { ...options, mode: undefined } : options, now, found);
    if (changes.length === 0) return [];
    const isStripped = chown !== '' && now.type !== 'directory' && options.mode === undefined;
    return [known(stat(below(path, name)), isStripped ? { ...after, mode: afterChown(after.mode) } : after)];
  });
}

/** What chown(2) leaves of a file's mode: no set-user-ID bit, and no set-group-ID bit where it means more than locking. */
function afterChown(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  return (bits & ((bits & 0o010) === 0 ? 0o3777 : 0o1777)).toString(8).padStart(4, '0');
}

function withoutSetId(entry: TreeEntries): TreeEntries {
  return { ...entry, mode: (Number.parseInt(entry.mode, 8) & 0o1777).toString(8).padStart(4, '0') };
}

const letters = { file: 'f', directory: 'd', link: 'l', other: 'p' } as const;

/** The host's count; in check mode, once something is planned below, that of the paths as they will be. */
export function withPlanned({ entries }: Tree, path: string, found: Found): readonly TreeEntries[] {
  if (found.plannedBelow(path).length === 0) return entries;
  const all = [...allThatIsThere(path, path, found).values()];
  return all.map(({ type, mode, uid, gid, owner, group }) => ({ type: letters[type], mode, uid, gid, owner, group, count: 1 }));
}

export function count(entries: readonly TreeEntries[]): number {
  return entries.reduce((sum, one) => sum + one.count, 0);
}

export function plural(number: number): string {
  return number === 1 ? '1 entry' : `${number} entries`;
}
