import type { Step } from '../../playbook/index.ts';
import { unpackZip } from '../../probes/index.ts';
import { tar } from '../archive/tar.ts';
import type { WantedTree } from './wanted.ts';

/** One thing to do below the tree's root, as words for the script. */
export type Operation =
  | readonly ['rm', name: string]
  | readonly ['mkdir', name: string, mode: string, chown: string]
  /**
   * Puts an unpacked file in place, `from` its path in the archive; `mode` where unpacking does not give it, or chown takes it away
   * again; behind `=` where unpacking gives it unless the folder has default entries (acl(5)), which tar(1) does not reckon with.
   */
  | readonly ['file', name: string, from: string, chown: string, mode: string]
  | readonly ['link', name: string, target: string, chown: string]
  | readonly ['attributes', name: string, mode: string, chown: string];

// New files are unpacked beside their places, in a folder of the same file system that only its maker can enter, get their
// owners there, are synced together, then renamed one by one: old or new, never half. What a killed run left is removed first.
// A file never takes over the very time of one with other content: browsers and Python would go on with what they know of the
// old one (RFC 9110, 8.8; importlib), as many archives give all their files one time.
// $1 root, $2 y when it is to be made, $3 archive on the host or empty, $4 y for zip, $5 owner of all new files or empty, $6 y
// when there are files to unpack, then the operations. stdin: a tar archive where $3 is empty.
const script = `set -e
${unpackZip}
root=$1 make=$2 archive=$3 zip=$4 owner=$5 unpack=$6; shift 6
[ -z "$make" ] || [ -d "$root" ] || mkdir -- "$root"
cd -- "$root"
for old in .play-tree-*; do [ ! -d "$old" ] || [ -L "$old" ] || rm -rf -- "$old"; done
stage= entries=
trap '[ -z "$stage" ] || rm -rf -- "$stage"' EXIT
trap 'exit 143' HUP INT TERM
one=; if rm --help 2>&1 | grep -q one-file-system; then one=--one-file-system; fi
if [ -n "$unpack" ]; then
  stage=$(mktemp -d ./.play-tree-XXXXXX)
  mkdir "$stage/new"
  if [ -z "$archive" ]; then
    tar -xpof - -C "$stage/new"
    (umask 0; : >"$stage/plain")
    [ "$(stat -c %a "$stage/plain")" = 666 ] || entries=y
  elif [ -n "$zip" ]; then unpack_zip "$archive" "$stage/new"
  else tar -xpof "$archive" -C "$stage/new"; fi
  [ -z "$owner" ] || chown -hR -- "$owner" "$stage/new"
  sync -f "$stage" 2>/dev/null || sync
fi
while [ $# -gt 0 ]; do
  case $1 in
    rm) rm -rf $one -- "./$2"; shift 2;;
    mkdir)
      mkdir -m 0700 -- "./$2"
      [ -z "$4" ] || chown -- "$4" "./$2"
      chmod -- "0$3" "./$2"
      shift 4;;
    file)
      new=$stage/new/$3
      [ ! -f "./$2" ] || [ "./$2" -nt "$new" ] || [ "$new" -nt "./$2" ] || touch -- "$new"
      [ -z "$4" ] || chown -h -- "$4" "$new"
      case $5 in
        =*) [ -z "$entries" ] || chmod -- "\${5#=}" "$new";;
        ?*) chmod -- "$5" "$new";;
      esac
      mv -fT -- "$new" "./$2"
      shift 5;;
    link)
      [ -n "$stage" ] || stage=$(mktemp -d ./.play-tree-XXXXXX)
      rm -f -- "$stage/link"
      ln -s -- "$3" "$stage/link"
      [ -z "$4" ] || chown -h -- "$4" "$stage/link"
      mv -fT -- "$stage/link" "./$2"
      shift 4;;
    attributes)
      [ -z "$4" ] || chown -h -- "$4" "./$2"
      [ -z "$3" ] || chmod -- "0$3" "./$2"
      shift 4;;
  esac
done`;

/** The work of a tree as one step, with the bytes of the files that differ. */
export function treeStep(tree: WantedTree, root: string, makesRoot: boolean, operations: readonly Operation[]): Step {
  const written = new Set(operations.flatMap(([verb, name]) => (verb === 'file' ? [name] : [])));
  const files = tree.entries.flatMap((entry) => (entry.type === 'file' && written.has(entry.name) ? [entry] : []));
  const owner = ownerOf(tree);
  const { archive } = tree;
  const sent = archive ? [] : files.map(({ name, mode, content = Buffer.alloc(0), modified }) => ({ name, mode, content, modified }));
  return {
    script,
    args: [root, makesRoot ? 'y' : '', archive?.path ?? '', archive?.isZip ? 'y' : '', owner, files.length > 0 ? 'y' : '', ...operations.flat()],
    ...(sent.length > 0 ? { stdin: tar(sent) } : {}),
    label: `write the files below ${root}`,
  };
}

/** Operand of chown(1) for all that is new; empty where nothing is asked of the tree. */
export function ownerOf({ owner, group }: Pick<WantedTree, 'owner' | 'group'>): string {
  return owner === undefined && group === undefined ? '' : `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
}
