import { fromBytes } from '../../../connection/byte-text.ts';
import type { LaneRequest } from '../../../connection/index.ts';
import { walkSh } from '../../../probes/index.ts';

/** What takes room on a host. */
export interface Big {
  readonly host: string;
  /** `deleted`: it has no name any more, and a process still holds it open. */
  readonly kind: 'file' | 'folder' | 'deleted';
  readonly path: string;
  /** In bytes; of a folder what lies in it, without the folders in it that are listed themselves. */
  readonly size: number;
  /** When a file was last written, in seconds since the epoch. */
  readonly modified: number | undefined;
  /** Which file it is: device, inode, size. */
  readonly id: string | undefined;
  /** `nginx[812]`. */
  readonly process: string | undefined;
}

/** The file system that was looked at. */
export interface Disk {
  /** The folder without links in its path. */
  readonly folder: string;
  readonly mount: string;
  /** Bytes. */
  readonly total: number;
  readonly free: number;
  /** 0 to 100, as df(1) counts. */
  readonly used: number;
}

export interface Wanted {
  readonly folder: string;
  readonly min: number;
  readonly top: number;
  /** `all`, `dumps`, or `named` by one of the globs. */
  readonly what: 'all' | 'dumps' | 'named';
  readonly names: readonly string[];
}

/** What crashes leave: heap dumps and error logs of Java, cores by whichever name, and where Debian collects them. */
const dumpNames = ['*.hprof', 'hs_err_pid*', '*.mdmp'];
const dumpFolders = ['/var/crash/*', '/var/lib/systemd/coredump/*'];
/** By these names only what the kernel wrote: ELF files of the type `core` (elf(5), e_type 4). */
const coreNames = ['core', 'core.*', '*.core'];
const isCore = String.raw`[ "$(head -c 17 "$1" | od -An -v -tx1 | tr -d " \n" | sed "s/^\(7f454c46\).*\(..\)$/\1\2/")" = 7f454c4604 ]`;

const quoted = (name: string): string => `'${name}'`;
const dumpTests = [
  ...dumpNames.map((name) => `-name ${quoted(name)}`),
  ...dumpFolders.map((path) => `-path ${quoted(path)}`),
  `'(' '(' ${coreNames.map((name) => `-name ${quoted(name)}`).join(' -o ')} ')' -exec sh -c '${isCore}' sh '{}' ';' ')'`,
].join(' -o ');

/**
 * Lists what is big, in records that end with NUL: the file system, files, folders, and what was deleted and is still
 * open. Stays in one file system and follows no link; gently, as hosts in trouble are busy.
 */
export function listBig({ folder, min, top, what, names }: Wanted): LaneRequest {
  return {
    script: `folder=$1 min=$2 top=$3 what=$4; shift 4
d=$(cd -P -- "$folder" 2>/dev/null && pwd -P) || { echo "there is no folder $folder" >&2; exit 66; }
gently=; command -v ionice >/dev/null && gently="ionice -c 3"; gently="$gently nice -n 19"
df -PB1 -- "$d" | sed 1d | { read -r source total used free percent mount; printf 'disk %s %s %s %s\\0%s\\0' "$total" "$free" "\${percent%?}" "$d" "$mount"; }
if [ "$what" = dumps ]; then set -- '(' ${dumpTests} ')'
elif [ "$what" = named ]; then
  n=$#; set -- "$@" '('; i=0
  while [ "$i" -lt "$n" ]; do g=$1; shift; [ "$i" = 0 ] || set -- "$@" -o; set -- "$@" -name "$g"; i=$((i+1)); done; set -- "$@" ')'
else set --; fi
$gently find "$d" -xdev -type f -size "+$((min - 1))c" "$@" -printf 'file %s %T@ %D:%i:%s %p\\0' 2>/dev/null | sort -z -k2,2rn | head -z -n "$top"
[ "$what" = all ] || exit 0
$gently du -x -B1 -0 -t "$min" -- "$d" 2>/dev/null | sort -z -rn | head -z -n 2000 | sed -z 's/^\\([0-9]*\\)\\t/folder \\1 /'
seen=
find /proc/[0-9]*/fd -lname '* (deleted)' 2>/dev/null | while IFS= read -r l; do
  at=$(readlink "$l") || continue
  case $at in "\${d%/}"/*) ;; *) continue;; esac
  case $at in /memfd:*|/dev/*|/SYSV*|/i915*|/anon_hugepage*) continue;; esac
  set -- $(stat -L -c '%d:%i %s %f' "$l" 2>/dev/null)
  [ $# = 3 ] && [ "$2" -ge "$min" ] || continue
  case $3 in 8???) ;; *) continue;; esac
  case $seen in *" $1 "*) continue;; esac
  seen="$seen $1 "
  p=\${l#/proc/}; p=\${p%%/*}; { read -r name <"/proc/$p/comm"; } 2>/dev/null || name=unknown
  printf 'open %s %s %s\\0%s\\0' "$2" "$p" "\${at% (deleted)}" "$name"
done
exit 0`,
    args: [folder, String(min), String(top), what, ...names],
    timeout: 3600,
  };
}

/** Reads what `listBig` prints. */
export function decodeBig(
  host: string,
  stdout: Buffer,
): { readonly disk: Disk | undefined; readonly found: readonly Big[] } {
  const records = fromBytes(stdout).split('\0');
  let disk: Disk | undefined;
  const found: Big[] = [];
  const none = { host, modified: undefined, id: undefined, process: undefined };
  for (let record = records.shift(); record !== undefined; record = records.shift()) {
    const [, total, free, used, folder] = /^disk (\d+) (\d+) (\d*) ([^]*)$/.exec(record) ?? [];
    if (folder !== undefined)
      disk = { folder, mount: records.shift() ?? '', total: Number(total), free: Number(free), used: Number(used) };
    const [, size, time, id, file] = /^file (\d+) ([\d.]+) (\d+:\d+:\d+) ([^]*)$/.exec(record) ?? [];
    if (file !== undefined)
      found.push({ ...none, kind: 'file', path: file, size: Number(size), modified: Number(time), id });
    const [, room, path] = /^folder (\d+) ([^]*)$/.exec(record) ?? [];
    if (path !== undefined) found.push({ ...none, kind: 'folder', path, size: Number(room) });
    const [, held, pid, gone] = /^open (\d+) (\d+) ([^]*)$/.exec(record) ?? [];
    if (gone !== undefined)
      found.push({
        ...none,
        kind: 'deleted',
        path: gone,
        size: Number(held),
        process: `${records.shift() ?? ''}[${pid}]`,
      });
  }
  return { disk, found };
}

/**
 * Deletes files, each only if it still is the one that was listed, lies where it lay without a link on the way, and no
 * process has it open. Prints `gone INDEX` or `kept INDEX WHY` for each.
 */
export function deleteFiles(files: readonly Big[]): LaneRequest {
  return {
    script: `${walkSh}
one() {
  enter "$1" && [ "$(pwd -P)" = "$1" ] || { echo "another folder is there now"; return 1; }
  [ -f "./$2" ] && [ ! -L "./$2" ] && [ "$(stat -c %d:%i:%s -- "./$2")" = "$3" ] || { echo "it is not the file that was listed"; return 1; }
  # find(1) itself is among them, and gone by then.
  for o in $(find -L /proc/[0-9]*/fd -maxdepth 1 -samefile "./$2" -printf '%h ' 2>/dev/null); do
    { read -r name <"\${o%/fd}/comm"; } 2>/dev/null || continue
    o=\${o#/proc/}; echo "$name[\${o%/fd}] has it open"; return 1
  done
  e=$(rm -f -- "./$2" 2>&1) || { echo "$e"; return 1; }
}
i=0
while [ $# -gt 1 ]; do
  folder=\${2%/*}
  if why=$(one "\${folder:-/}" "\${2##*/}" "$1" 2>/dev/null); then echo "gone $i"; else echo "kept $i $why"; fi
  i=$((i+1)); shift 2
done`,
    args: files.flatMap(({ id = '', path }) => [id, path]),
    timeout: 600,
  };
}

/** What became of each file. */
export function decodeDeleted(
  files: readonly Big[],
  text: string,
): { readonly file: Big; readonly kept: string | undefined }[] {
  return text.split('\n').flatMap((line) => {
    const [, word, index, why = ''] = /^(gone|kept) (\d+) ?(.*)$/.exec(line) ?? [];
    const file = files[Number(index)];
    return word === undefined || file === undefined ? [] : [{ file, kept: word === 'gone' ? undefined : why }];
  });
}
