import { randomBytes } from 'node:crypto';
import type { Step } from '../../../contract/index.ts';
import { tar } from '../../../formats/archive/tar.ts';
import { unpackZip } from '../../../probes/archive.ts';
import { walkSh } from '../../../probes/index.ts';
import { removeSh } from '../remove-sh.ts';
import type { WantedTree } from './wanted.ts';

/** One thing to do below the tree's root, as words for the script. */
export type Operation =
  | readonly ['rm', name: string]
  | readonly ['mkdir', name: string, mode: string, chown: string]
  /**
   * Puts an unpacked file in place, `from` its path in the archive; `mode` where unpacking does not give it, or chown
   * takes it away again; behind `=` where unpacking gives it unless the folder has default entries (acl(5)), which
   * tar(1) does not reckon with.
   */
  | readonly ['file', name: string, from: string, chown: string, mode: string]
  | readonly ['link', name: string, target: string, chown: string]
  | readonly ['attributes', name: string, mode: string, chown: string];

// New files are unpacked beside their places, in a folder of the same file system that only its maker can enter, get
// their owners there, are synced together, then renamed one by one: old or new, never half. What a killed run left is
// removed first. A file never takes over the very time of one with other content: browsers and Python would go on with
// what they know of the old one (RFC 9110, 8.8; importlib), as many archives give all their files one time. Others may
// swap whatever lies in the tree for a link: each folder is stepped into from the root, which stays open as 4, and what
// is unpacked is reached through 5, the folder of ours, and 7, the one in it where the file is, whatever has become of
// their names. What is in ours of its own (`new`, `plain`, `link`) is all that is ever removed of a folder of that
// name. It is gone before the last operation, for which a file waits in the very folder it is for: a run killed anywhere
// leaves something to do for the next one, which sweeps. So the last operation is done by itself; before it, one process
// renames neighbouring files of a folder (`files`: how many, mode, name and source of the first, then their names). $1 root, $2 where it is to be made or empty, $3 archive on the host or empty, $4 y for zip, $5 owner of all new
// files or empty, $6 y when there are files to unpack, $7 y where links to folders are followed, $8 name of our folder,
// then the operations. stdin: a tar archive where $3 is empty.
const script = `set -e
${unpackZip}
${walkSh}
${removeSh}
root=$1 make=$2 archive=$3 zip=$4 owner=$5 unpack=$6 follows=$7 name=$8; shift 8
stage= waits= entries= here= unpacked=
fail() { echo "$*" >&2; exit 1; }
home() {
  here= entered=
  if [ -n "$opened" ]; then cd -P /proc/self/fd/4; else enter "$root"; fi
}
at() {
  [ "$here" != "/$1" ] || return 0
  home
  left=\${1:+$1/}
  while [ -n "$left" ]; do
    if [ -n "$follows" ] && [ -L "./\${left%%/*}" ]; then enter "\${root%/}/$1"; break; fi
    into "\${left%%/*}"
    left=\${left#*/}
  done
  here=/$1
  for old in .play-tree-*.last; do
    [ ! -f "$old" ] && [ ! -L "$old" ] || rm -f -- "./$old"
  done
}
to() { case $1 in */*) at "\${1%/*}";; *) at "";; esac; }
from() {
  case $1 in */*) left=\${1%/*}/;; *) left=;; esac
  if [ "$unpacked" != "/$left" ]; then
    here= unpacked=/$left
    cd -P /proc/self/fd/5/new
    while [ -n "$left" ]; do into "\${left%%/*}"; left=\${left#*/}; done
    exec 7<.
  fi
  new=/proc/self/fd/7/\${1##*/}
  [ -f "$new" ] && [ ! -L "$new" ] || fail "$1 in the archive is no file any more"
}
# Neighbours of one folder, by their names: a process for all of them.
move() {
  for one do
    shift
    new=/proc/self/fd/7/$one
    [ -f "$new" ] && [ ! -L "$new" ] || fail "$one in the archive is no file any more"
    older "./$one"
    set -- "$@" "$new"
  done
  case $mode in
    =*) [ -z "$entries" ] || chmod -- "\${mode#=}" "$@";;
    ?*) chmod -- "$mode" "$@";;
  esac
  mv -f -- "$@" .
}
older() { [ ! -f "$1" ] || [ "$1" -nt "$new" ] || [ "$new" -nt "$1" ] || touch -- "$new"; }
make_stage() {
  home
  stage=$name
  fresh "$name"
  exec 5<.
}
clear_stage() {
  [ -n "$stage" ] || return 0
  ! cd -P /proc/self/fd/5 2>/dev/null || rm -rf -- ./new ./plain ./link
  home && rmdir -- "./$stage"
}
leave_stage() { clear_stage || :; stage=; }
wait_here() {
  [ -r . ] || return 0
  exec 8<.
  waits=$name.last
  mv -fT -- "$new" "./$waits"
  new=./$waits
  leave_stage
  cd -P /proc/self/fd/8
}
clear() {
  clear_stage || :
  [ -z "$waits" ] || ! cd -P /proc/self/fd/8 || rm -f -- "./$waits"
}
sweep() {
  for old in .play-tree-*; do
    [ -d "$old" ] && [ ! -L "$old" ] && [ -O "$old" ] && [ -k "$old" ] || continue
    ! (into "$old" && [ -O . ] && [ -k . ] && rm -rf -- ./new ./plain ./link) || rmdir -- "./$old" || :
  done
}
change() {
  [ -z "$owner" ] || chown -- "$owner" "$1" || return
  [ -z "$mode" ] || chmod -- "0$mode" "$1"
}
opened=
if [ -n "$make" ] && [ ! -d "$root" ]; then
  enter "\${root%/*}/"
  # A link that leads to nothing yet.
  [ ! -L "./\${root##*/}" ] || [ "$guarded" = y ] || [ -n "\${play_follow-}" ] || fail "$root is a link that others could turn: it is not followed"
  enter "\${make%/*}/"
  fresh "\${make##*/}"
  chmod go+rx,-t .
else enter "$root"
fi
if [ -r . ]; then exec 4<.; opened=y; fi
sweep
trap clear EXIT
trap 'exit 143' HUP INT TERM
if [ -n "$unpack" ]; then
  if [ -n "$archive" ]; then
    enter "\${archive%/*}/"
    [ -f "./\${archive##*/}" ] || fail "$archive is no file any more"
    exec 6<"./\${archive##*/}"
    is_still 6 "\${archive##*/}"
  fi
  make_stage
  mkdir ./new
  if [ -z "$archive" ]; then
    tar -xpof - -C ./new
    (umask 0; : >./plain)
    [ "$(stat -c %a ./plain)" = 666 ] || entries=y
  elif [ -n "$zip" ]; then unpack_zip /proc/self/fd/6 ./new
  else tar -xpof /proc/self/fd/6 -C ./new; fi
  [ -z "$owner" ] || chown -hR -- "$owner" ./new
  sync -f . 2>/dev/null || sync
fi
while [ $# -gt 0 ]; do
  case $1 in
    rm) [ $# -gt 2 ] || leave_stage; to "$2"; remove "\${2##*/}"; shift 2;;
    mkdir)
      [ $# -gt 4 ] || leave_stage
      to "$2"
      fresh "\${2##*/}"
      owner=$4 mode=$3; change .
      here=/$2
      shift 4;;
    file)
      from "$3"
      to "$2"
      at=./\${2##*/}
      older "$at"
      [ -z "$4" ] || chown -h -- "$4" "$new"
      case $5 in
        =*) [ -z "$entries" ] || chmod -- "\${5#=}" "$new";;
        ?*) chmod -- "$5" "$new";;
      esac
      [ $# -gt 5 ] || wait_here
      mv -fT -- "$new" "$at"
      shift 5;;
    files)
      from "$5"
      to "$4"
      mode=$3 names= i=6
      while [ "$i" -lt $((6 + $2)) ]; do names="$names \\"\\\${$i}\\"" i=$((i + 1)); done
      eval "move $names"
      shift $((5 + $2));;
    link)
      [ -n "$stage" ] || make_stage
      new=/proc/self/fd/5/link
      rm -f -- "$new"
      ln -s -- "$3" "$new"
      [ -z "$4" ] || chown -h -- "$4" "$new"
      to "$2"
      [ $# -gt 4 ] || wait_here
      mv -fT -- "$new" "./\${2##*/}"
      shift 4;;
    attributes)
      [ $# -gt 4 ] || leave_stage
      owner=$4 mode=$3
      if [ "$2" = . ]; then home; change .
      else
        to "$2"
        if [ -z "$mode" ] && [ -L "./\${2##*/}" ]; then [ -z "$owner" ] || chown -h -- "$owner" "./\${2##*/}"
        else here=; on_opened "\${2##*/}" change
        fi
      fi
      shift 4;;
  esac
done`;

/** The work of a tree as one step, with the bytes of the files that differ. @param made where the root is to be made */
export function treeStep(tree: WantedTree, made: string | undefined, operations: readonly Operation[]): Step {
  const written = new Set(operations.flatMap(([verb, name]) => (verb === 'file' ? [name] : [])));
  const files = tree.entries.flatMap((entry) => (entry.type === 'file' && written.has(entry.name) ? [entry] : []));
  const owner = ownerOf(tree);
  const { archive } = tree;
  const sent = archive
    ? []
    : files.map(({ name, mode, content = Buffer.alloc(0), modified }) => ({ name, mode, content, modified }));
  return {
    script,
    args: [
      tree.dest,
      made ?? '',
      archive?.path ?? '',
      flag(archive?.isZip),
      owner,
      flag(files.length > 0),
      flag(tree.keepsFolderLinks),
      `.play-tree-${randomBytes(6).toString('hex')}`,
      ...wordsOf(operations),
    ],
    ...(sent.length > 0 ? { stdin: tar(sent) } : {}),
    label: `write the files below ${tree.dest}`,
  };
}

/** How many files a process puts in place: some 50 kB of its arguments. */
const mostAtOnce = 200;

/** What the script is told: neighbours that go to one folder from one folder, with no owner of their own, share an operation. */
function wordsOf(operations: readonly Operation[]): string[] {
  const words: string[] = [];
  let run: FileOperation[] = [];
  const close = (): void => {
    const [first] = run;
    if (first !== undefined && run.length > 1)
      words.push('files', String(run.length), first[4], first[1], first[2], ...run.map(([, name]) => baseOf(name)));
    else words.push(...run.flat());
    run = [];
  };
  for (const [i, one] of operations.entries()) {
    // The last one is done by itself, when all else is and our folder is gone.
    if (one[0] !== 'file' || one[3] !== '' || baseOf(one[1]) !== baseOf(one[2]) || i === operations.length - 1) {
      close();
      words.push(...one);
      continue;
    }
    if (!run[0] || !areNeighbours(run[0], one) || run.length === mostAtOnce) close();
    run.push(one);
  }
  close();
  return words;
}

type FileOperation = Operation & { readonly 0: 'file' };

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);

function areNeighbours(a: FileOperation, b: FileOperation): boolean {
  return folderOf(a[1]) === folderOf(b[1]) && folderOf(a[2]) === folderOf(b[2]) && a[4] === b[4];
}

/** Operand of chown(1) for all that is new; empty where nothing is asked of the tree. */
export function ownerOf({ owner, group }: Pick<WantedTree, 'owner' | 'group'>): string {
  return owner === undefined && group === undefined ? '' : `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
}

function flag(is = false): string {
  return is ? 'y' : '';
}
