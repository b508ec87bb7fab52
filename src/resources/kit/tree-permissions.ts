import { predict, type Change, type Found, type Prediction, type Stat, type Step } from '../../contract/index.ts';
import { stat, tree, walkSh, type Tree, type TreeEntries } from '../../probes/index.ts';
import type { FileOptions } from './file-options.ts';
import { afterChown, resolveMode } from './mode.ts';
import { requireNothingFrozen } from './obstacle.ts';
import { newOwner, planAttributes } from './ownership.ts';
import { allThatIsThere, below } from './tree/here.ts';

// Where others own a folder on the way or in the tree, or shall own one, they may swap what lies in it while we are at
// work. Then each folder in which something is due is stepped into from the top, which stays open as 4, so that names
// are those of entries, and files are opened to be given a mode: chown(1) and chgrp(1) can be told not to follow links,
// chmod(1) cannot. $1 `owner`, `group` or `mode`, $2 which, then paths as find(1) gives them.
const mendScript = `
${walkSh}
what=$1 wanted=$2; shift 2
go() {
  entered= left=\${1#.}
  cd -P /proc/self/fd/4 || exit
  while [ -n "$left" ]; do left=\${left#/}; into "\${left%%/*}" || exit; case $left in */*) left=/\${left#*/};; *) left=;; esac; done
}
change() { chmod -- "0$wanted" "$@"; }
fix() {
  case $what in
    owner) chown -h -- "$wanted" "$@" || exit; return;;
    group) chgrp -h -- "$wanted" "$@" || exit; return;;
  esac
  # Five at once, as far as they are files: the other descriptors of one digit are taken.
  while [ $# -ge 5 ] && [ -f "$1" ] && [ -f "$2" ] && [ -f "$3" ] && [ -f "$4" ] && [ -f "$5" ]; do
    five "$@" 5<"$1" 6<"$2" 7<"$3" 8<"$4" 9<"$5" || exit
    shift 5
  done
  for one do (on_opened "\${one#./}" change) || exit; done
}
five() {
  is_still 5 "\${1#./}" && is_still 6 "\${2#./}" && is_still 7 "\${3#./}" && is_still 8 "\${4#./}" && is_still 9 "\${5#./}" || return
  change /proc/self/fd/5 /proc/self/fd/6 /proc/self/fd/7 /proc/self/fd/8 /proc/self/fd/9
}
folder=
for path do
  [ -n "$folder" ] || set --
  if [ "\${path%/*}" != "$folder" ] || [ $# = 200 ]; then
    [ $# = 0 ] || fix "$@"
    set --
    [ "\${path%/*}" = "$folder" ] || { folder=\${path%/*}; go "$folder"; }
  fi
  set -- "$@" "./\${path##*/}"
done
[ $# = 0 ] || fix "$@"`;

// $1 path, $2 owner, $3 group, $4 the script above, then for each kind of entry to fix: type, mode now, mode wanted.
// chown(1) clears set-user-ID bits, so modes come last.
const treeScript = `set -e
${walkSh}
path=$1 owner=$2 group=$3 fix=$4; shift 4
enter "\${path%/}/"
me=$(id -u) safe=
if [ -n "$sure" ] && [ "$guarded" = y ] && [ -z "$(find . -xdev -type d \\( ! -user 0 ! -user "$me" -o -perm -020 -o -perm -002 \\) -print | head -c 1)" ]; then safe=y; else exec 4<.; fi
below() { find . -xdev -mindepth 1 "$@"; }
step_in() { [ -z "$safe" ] || { safe=; exec 4<.; }; }
if [ -n "$group" ]; then
  if [ -n "$safe" ]; then below ! -group "$group" -exec chgrp -h -- "$group" {} +
  else below ! -group "$group" -exec sh -c "$fix" sh group "$group" {} +; fi
fi
if [ -n "$owner" ]; then
  # A folder goes after what is in it: before that nobody else can do anything in it.
  if [ -n "$safe" ]; then below -depth ! -user "$owner" -exec chown -h -- "$owner" {} +
  else below ! -user "$owner" -exec sh -c "$fix" sh owner "$owner" {} +; fi
  case $owner in 0|root|"$me") ;; *) step_in;; esac
fi
while [ $# -gt 0 ]; do
  case $1 in d) [ $((0$3 & 022)) = 0 ] || step_in;; esac
  if [ -n "$safe" ]; then below -type "$1" -perm "$2" -exec chmod -- "0$3" {} +
  else below -type "$1" -perm "$2" -exec sh -c "$fix" sh mode "$3" {} +; fi
  shift 3
done`;

/** All below a directory, counted on the host and fixed there: a million right files cost one line of answer. */
export function planTree(
  path: string,
  options: FileOptions,
  found: Found,
): { changes: Change[]; steps: Step[]; foreseen: () => Prediction[] } {
  const { owner, group } = options;
  const entries = withPlanned(found.get(tree(path)), path, found);
  const wanted = (entry: TreeEntries): string =>
    entry.type === 'l' ? entry.mode : resolveMode(options.mode, entry.mode, entry.type === 'd');
  const wrongOwner = entries.filter((one) => newOwner('user', owner, one.owner, one.uid, found) !== undefined);
  const wrongGroup = entries.filter((one) => newOwner('group', group, one.group, one.gid, found) !== undefined);
  const wrongMode = entries.filter((one) => wanted(one) !== one.mode);
  const tell = (what: string, wrong: readonly TreeEntries[], to: string): Change[] =>
    wrong.length === 0 ? [] : [{ what: `${what} of ${plural(count(wrong))} below`, to }];
  const changes = [
    ...tell('owner', wrongOwner, owner ?? ''),
    ...tell('group', wrongGroup, group ?? ''),
    ...tell('mode', wrongMode, options.mode ?? ''),
  ];
  if (changes.length === 0) return { changes, steps: [], foreseen: () => [] };
  requireNothingFrozen(path, (one) => isWrong(found.get(stat(one)), options, found), found);
  const chowns = wrongOwner.length + wrongGroup.length > 0;
  const modes = new Set(
    wrongMode.flatMap((one) =>
      [one, ...(chowns ? [withoutSetId(one)] : [])].map((now) => `${now.type} ${now.mode} ${wanted(now)}`),
    ),
  );
  return {
    changes,
    steps: [
      {
        script: treeScript,
        args: [
          options.path,
          wrongOwner.length > 0 ? (owner ?? '') : '',
          wrongGroup.length > 0 ? (group ?? '') : '',
          mendScript,
          ...[...modes].flatMap((one) => one.split(' ')),
        ],
        label: `set the permissions below ${path}`,
      },
    ],
    foreseen: () => stateAfter(path, options, found, count(entries)),
  };
}

function isWrong(now: Stat, options: FileOptions, found: Found): boolean {
  return now.type !== 'absent' && planAttributes(options, now, found).changes.length > 0;
}

/** The most paths whose permissions are foreseen one by one. */
const mostForeseen = 50_000;

/** Every path as it will be, for later tasks that are about one of them or about a folder among them. */
function stateAfter(path: string, options: FileOptions, found: Found, paths: number): Prediction[] {
  if (paths > mostForeseen)
    return [
      {
        ...predict(stat(path), found.get(stat(path))),
        below: { unknown: `an earlier task sets the permissions of ${paths} paths below ${path}` },
      },
    ];
  return [...allThatIsThere(path, path, found)].flatMap(([name, now]): Prediction[] => {
    const { changes, chown, after } = planAttributes(
      now.type === 'link' ? { ...options, mode: undefined } : options,
      now,
      found,
    );
    if (changes.length === 0) return [];
    const isStripped = chown !== '' && now.type !== 'directory' && options.mode === undefined;
    return [
      predict(stat(below(path, name)), isStripped ? { ...after, mode: afterChown(after.mode) } : after, now.assumed),
    ];
  });
}

function withoutSetId(entry: TreeEntries): TreeEntries {
  return { ...entry, mode: (Number.parseInt(entry.mode, 8) & 0o1777).toString(8).padStart(4, '0') };
}

const letters = { file: 'f', directory: 'd', link: 'l', other: 'p' } as const;

/** The host's count; in check mode, once something is planned below, that of the paths as they will be. */
export function withPlanned({ entries }: Tree, path: string, found: Found): readonly TreeEntries[] {
  if (!found.mayChangeBelow(path)) return entries;
  const all = [...allThatIsThere(path, path, found).values()];
  return all.map(({ type, mode, uid, gid, owner, group }) => ({
    type: letters[type],
    mode,
    uid,
    gid,
    owner,
    group,
    count: 1,
  }));
}

export function count(entries: readonly TreeEntries[]): number {
  return entries.reduce((sum, one) => sum + one.count, 0);
}

export function plural(number: number): string {
  return number === 1 ? '1 entry' : `${number} entries`;
}
