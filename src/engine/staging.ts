import type { LaneRequest } from '../connection/index.ts';
import type { AccountTable, TableGroup, TableUser } from '../contract/index.ts';
import { tar, type TarEntry } from '../formats/archive/tar.ts';
import { plainMountWord, walkSh } from '../probes/index.ts';

/** Exit code of the staging script itself, when the private copy cannot be made; the reason is on stderr. */
export const noStaging = 91;

/** Planned accounts whose number is unknown get one from here on, which is not the one they will have. */
const firstNumber = 64_000;

// Folders that hold staged files get an overlay whose upper side is thrown away; all else is read-only. None of it is
// visible outside this mount namespace (unshare(1), mount_namespaces(7)), and it ends with the process. The overlay
// covers the top folder or, where the file system of a staged file begins further below, its mount point; what is
// mounted below an overlay is bound back into it. /var gets one too where possible: a checker opens its log as if to
// keep it (nginx -t: "open() /var/log/nginx/error.log failed"); so do places for scratch files that would be read-only.
// The programs of planned packages go over /usr, where the lane's folder has them
// (resources/packages/apt-keep.probe.ts).
const script = `
fail() { [ -n "$PLAY_BESIDE" ] || echo "$*" >&2; exit ${noStaging}; }
[ "$(id -u)" = 0 ] || fail 'only root can make a private view of the file system'
command -v unshare >/dev/null || fail 'unshare (util-linux) is missing'
s=$(mktemp -d /run/play.$PPID.stage.XXXXXX) || fail 'no scratch folder in /run'
trap 'rm -rf -- "$s"' EXIT
mkdir "$s/view"
p=\${0%/*}/packages
[ -d "$p/usr" ] || p=
head=$1 folders=$2 again=$3 gone=$4 owned=$5 altered=$6 users=$7 groups=$8 host=$9; shift 9
command=$1; shift
dd bs="$head" count=1 iflag=fullblock of="$s/files.tar" 2>/dev/null || fail 'scratch folder is full'
PLAY_S=$s PLAY_PACKAGES=$p PLAY_FOLDERS=$folders PLAY_AGAIN=$again PLAY_GONE=$gone PLAY_OWNED=$owned PLAY_ALTERED=$altered PLAY_USERS=$users PLAY_GROUPS=$groups PLAY_HOST=$host PLAY_COMMAND=$command unshare --mount --uts --propagation private sh -c '
fail() { [ -n "$PLAY_BESIDE" ] || echo "$*" >&2; exit ${noStaging}; }
s=/mnt
for path do case $path/ in /mnt/*) s=$PLAY_S/view;; esac; done
mount -t tmpfs -o mode=0700 play-stage "$s" 2>/dev/null || fail "no mounts are allowed here"
# A word each, as blanks in it are escaped. Not read from a file, which dash does by a system call a byte: with many folders
# that took seconds.
set -f
points=$(cut -d " " -f 5 /proc/self/mountinfo)
# Reached so also once /run is covered: which is therefore the last.
exec 8<"$PLAY_S/files.tar"
layers=0 covered=//
${plainMountWord}
cover() {
  case $covered in *"//$1//"*) return;; esac
  layers=$((layers+1))
  l=$s/$layers o=upperdir=$s/$layers/up,workdir=$s/$layers/work made=
  mkdir -p "$l/up" "$l/work" "$l/low"
  # What is seen of the folder itself is the upper side: in /tmp any account may make something.
  set -- "$1" $(stat -c "%u:%g %a" -- "$1")
  chown -- "$2" "$l/up" && chmod -- "$3" "$l/up" || return
  mount --rbind "$1" "$l/low" 2>/dev/null || return
  case $1:$PLAY_PACKAGES in /usr:/*) mount -t overlay -o "lowerdir=$PLAY_PACKAGES/usr:$l/low,$o" overlay /usr 2>/dev/null && made=y;; esac
  [ -n "$made" ] || mount -t overlay -o "lowerdir=$l/low,$o" overlay "$1" 2>/dev/null || return
  covered=$covered$1//
  for m in $points; do
    plain "$m"
    case $m in "$1"/*) bind_back "$l/low\${m#"$1"}";; esac
  done
}
# bind_back ORIGINAL: what is mounted at $m. A file is copied, so that a staged one can take its place.
bind_back() {
  if [ -f "$1" ]; then cp -p -- "$1" "$m" 2>/dev/null; return; fi
  mount --bind "$1" "$m" 2>/dev/null || return
  case $covered in *"//$m//"*) ;; *) mount -o remount,bind,ro "$m" 2>/dev/null;; esac
}
# The folder over which an overlay must lie so that this one can be written to; of one that is missing, the nearest above it.
top_of() {
  f=$1
  until cd -P -- "$f/" 2>/dev/null; do f=\${f%/*}; done
  f=$PWD t=\${PWD#/}; t=/\${t%%/*} on=
  cd /
  for m in $points; do
    plain "$m"
    case $f/ in "$m"/*) on=$m; [ "\${#m}" -le "\${#t}" ] || t=$m;; esac
  done
}
needs_run=
n=$PLAY_FOLDERS; while [ "$n" -gt 0 ]; do
  top_of "$1"; shift; n=$((n-1))
  # Over the root itself it would lie unseen: who is in it already goes on in what is below.
  case $t in
    /run) needs_run=y;;
    *) [ "$t" != / ] && cover "$t" || fail "no overlay over $t";;
  esac
done
cover /var || :
for m in $points; do plain "$m"; case $m in /var/*) cover "$m" || :;; esac; done
[ -z "$PLAY_PACKAGES" ] || cover /usr || :
for place in /tmp /root /home; do [ ! -d "$place" ] || { top_of "$place"; [ -n "$on" ] || cover "$t" || :; }; done
top_of /run
if [ -n "$needs_run" ]; then cover /run || fail "no overlay over /run"; elif [ -z "$on" ]; then cover /run || :; fi
n=$PLAY_AGAIN; while [ "$n" -gt 0 ]; do rm -rf -- "$2"; cp -a -- "$1" "$2" 2>/dev/null; shift 2; n=$((n-1)); done
n=$PLAY_GONE; while [ "$n" -gt 0 ]; do rm -rf -- "$1"; shift; n=$((n-1)); done
tar -xpf - -C / <&8 || fail "the staged files cannot be unpacked"
# merge FILE: each line of stdin takes the place of the one of its name, or comes behind all; a name alone takes its line away.
merge() {
  LC_ALL=C awk -v file="$1" "
    BEGIN { while ((getline line <file) > 0) old[++n] = line }
    { name = \\$0; sub(/:.*/, \\"\\", name); is_there = \\$0 == name; m = 0
      for (i = 1; i <= n; i++)
        if (index(old[i], name \\":\\") != 1) kept[++m] = old[i]
        else if (!is_there) { kept[++m] = \\$0; is_there = 1 }
      if (!is_there) kept[++m] = \\$0
      for (i = 1; i <= m; i++) old[i] = kept[i]
      n = m }
    END { for (i = 1; i <= n; i++) print old[i] }" >"$s/merged" && cat "$s/merged" >"$1"
}
# Of passwords no more is shown than that there is a field for them.
[ -z "$PLAY_GROUPS" ] || printf "%s\\n" "$PLAY_GROUPS" | merge /etc/group
[ -z "$PLAY_USERS" ] || { printf "%s\\n" "$PLAY_USERS" | merge /etc/passwd; printf "%s\\n" "$PLAY_USERS" | while IFS=: read -r name x rest; do
  if [ -z "$rest" ]; then echo "$name"; elif ! grep -q "^$name:" /etc/shadow; then echo "$name:*:20000:0:99999:7:::"; fi
done | merge /etc/shadow; }
# Owners count: a checker may refuse what is of somebody else (tor: "not owned by this user").
n=$PLAY_OWNED; while [ "$n" -gt 0 ]; do chown -h -- "$1" "$2" 2>/dev/null; shift 2; n=$((n-1)); done
# Files that keep their bytes: owner, mode, path.
n=$PLAY_ALTERED; while [ "$n" -gt 0 ]; do chown -h -- "$1" "$3" 2>/dev/null; [ -L "$3" ] || chmod -- "$2" "$3" 2>/dev/null; shift 3; n=$((n-1)); done
[ -z "$PLAY_HOST" ] || hostname "$PLAY_HOST" 2>/dev/null || { printf %s "$PLAY_HOST" >/proc/sys/kernel/hostname; } 2>/dev/null || fail "no host name of its own is allowed here"
mount -o remount,bind,ro / 2>/dev/null
c=$PLAY_COMMAND; unset PLAY_BESIDE PLAY_S PLAY_PACKAGES PLAY_FOLDERS PLAY_AGAIN PLAY_GONE PLAY_OWNED PLAY_ALTERED PLAY_USERS PLAY_GROUPS PLAY_HOST PLAY_COMMAND
exec sh -c "$c" sh "$@" 8<&-' sh "$@"
`;

/** What a script finds on the host though it is only planned. */
export interface Stage {
  readonly files: readonly StagedFile[];
  readonly removed: readonly string[];
  /** Files of the host whose owner or mode changes and whose bytes stay. */
  readonly altered: readonly AlteredFile[];
  /** Files of the host that get an additional name. */
  readonly linked: readonly { readonly from: string; readonly to: string }[];
  readonly accounts: StagedAccounts;
  /** The name the host will have, where that changes. */
  readonly hostname?: string;
}

export interface StagedFile extends TarEntry {
  /** `OWNER:GROUP`, unless both are root's. */
  readonly owner?: string;
}

export interface AlteredFile {
  readonly path: string;
  readonly mode: string;
  /** `OWNER:GROUP` */
  readonly owner: string;
}

/** Lines of passwd(5) and group(5) that will exist; a name alone is one that will be gone. */
export interface StagedAccounts {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** The accounts that differ from the host's. */
export function stagedAccounts(planned: AccountTable, now: AccountTable | undefined): StagedAccounts {
  const users = numbered(
    planned.users,
    (one) => one.uid,
    (one, uid) => ({ ...one, uid }),
  );
  const groups = numbered(
    planned.groups,
    (one) => one.gid,
    (one, gid) => ({ ...one, gid }),
  );
  const gidOf = new Map(planned.groups.map((one, i) => [one.gid, groups[i]?.gid ?? one.gid]));
  const userLine = ({ name, uid, gid, comment, home, shell }: TableUser): string =>
    `${name}:x:${uid}:${gid < 0 ? (gidOf.get(gid) ?? firstNumber) : gid}:${comment}:${home}:${shell}`;
  const groupLine = ({ name, gid, members }: TableGroup): string => `${name}:x:${gid}:${members.join(',')}`;
  const differing = (lines: readonly string[], old: readonly string[]): string[] =>
    lines.filter((line) => !old.includes(line));
  return {
    users: [...planned.former.users, ...differing(users.map(userLine), now?.users.map(userLine) ?? [])],
    groups: [...planned.former.groups, ...differing(groups.map(groupLine), now?.groups.map(groupLine) ?? [])],
  };
}

function numbered<T>(
  lines: readonly T[],
  number: (line: T) => number,
  withNumber: (line: T, number: number) => T,
): T[] {
  let next = firstNumber;
  return lines.map((line) => (number(line) < 0 ? withNumber(line, ++next) : line));
}

export function isEmptyStage({ files, removed, altered, linked, accounts, hostname }: Stage): boolean {
  return (
    hostname === undefined &&
    files.length + removed.length + altered.length + linked.length + accounts.users.length + accounts.groups.length ===
      0
  );
}

/** Whether an output contains a number made up for a planned account: the run will print a different one. */
export function showsMadeUpNumber({ accounts }: Stage, output: string): boolean {
  const madeUp = [...accounts.users, ...accounts.groups]
    .flatMap((line) => line.split(':').slice(2, 4))
    .filter((word) => Number(word) > firstNumber && Number(word) < 65_000);
  return madeUp.length > 0 && (output.match(/\b\d{5}\b/g) ?? []).some((word) => madeUp.includes(word));
}

/** The paths at which the view is another one than the host. */
export function pathsOf({ files, removed, altered, linked }: Stage): string[] {
  return [
    ...files.map((file) => `/${file.name}`),
    ...removed,
    ...altered.map(({ path }) => path),
    ...linked.map(({ to }) => to),
  ];
}

/** A script to run on the host, with its arguments and input. */
export interface InnerScript {
  readonly script: string;
  readonly args?: readonly string[];
  readonly stdin?: Uint8Array;
  readonly timeout?: number;
}

/** A script to run with planned files in place and removed ones gone: a validator's view of the future. */
export function stagedRequest(
  stage: Stage,
  inner: InnerScript,
): LaneRequest & { readonly args: readonly string[]; readonly stdin: Uint8Array } {
  const { files, removed, altered, linked, accounts, hostname = '' } = stage;
  const archive = tar(files);
  const changesAccounts = accounts.users.length + accounts.groups.length > 0;
  const folders = [
    ...new Set(
      [...pathsOf(stage), ...(changesAccounts ? ['/etc/passwd'] : [])].map((path) =>
        path.slice(0, path.lastIndexOf('/')),
      ),
    ),
  ];
  const owned = files.flatMap(({ name, owner }) => (owner === undefined ? [] : [owner, `/${name}`]));
  const args = [
    String(archive.length),
    String(folders.length),
    String(linked.length),
    String(removed.length),
    String(owned.length / 2),
    String(altered.length),
    accounts.users.join('\n'),
    accounts.groups.join('\n'),
    hostname,
    inner.script,
    ...folders,
    ...linked.flatMap(({ from, to }) => [from, to]),
    ...removed,
    ...owned,
    ...altered.flatMap(({ owner, mode, path }) => [owner, mode, path]),
    ...(inner.args ?? []),
  ];
  return {
    script,
    args,
    stdin: inner.stdin ? Buffer.concat([archive, inner.stdin]) : archive,
    timeout: inner.timeout ?? 60,
  };
}

// Where there can be no private view, the file to check lies beside its place meanwhile, under a name with the same
// ending. It gets owner and mode through its descriptor, since others may rename things there; where it cannot lie
// beside its place, it is in the lane's folder.
const orBeside = `
${walkSh}
beside=$1 size=$2 owner=$3 mode=$4 folder=$5 base=$6 checker=$7; shift 7
all=\${0%/*}/to-check
cat >"$all" || exit
# Why there is no view matters to nobody then.
export PLAY_BESIDE="$beside"
in_view() (
${script}
)
in_view "$@" <"$all"
code=$?
if [ "$code" = ${noStaging} ] && [ -n "$beside" ]; then
  unset PLAY_BESIDE
  export PLAY_STAGED="\${folder%/}/$beside$base"
  fill() {
    set +C
    tail -c "$size" "$all" >&3 || return
    [ -z "$owner" ] || chown -- "$owner" /proc/self/fd/3 2>/dev/null
    chmod -- "$mode" /proc/self/fd/3
  }
  lay() (enter "$1" 2>/dev/null || exit 90; set -C; umask 077; fill 3>"./$beside$base")
  trap 'rm -f -- "$PLAY_STAGED" "$all"' EXIT
  lay "$folder" || { [ $? = 90 ] && PLAY_STAGED=\${0%/*}/$beside$base && lay "\${0%/*}"; } || exit 1
  sh -c "$checker" </dev/null
  code=$?
fi
rm -f -- "$all"
exit "$code"`;

/** A file to be checked before it is put in place. */
export interface Candidate {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: string;
  /** Shell text; `$PLAY_STAGED` is the file's path. */
  readonly command: string;
  /**
   * The beginning of the name under which it may lie beside its place where there can be no private view; undefined: it
   * must not.
   */
  readonly beside: string | undefined;
}

/** A checker to run with the candidate in place. */
export function checkRequest(stage: Stage, { path, content, mode, command, beside }: Candidate): LaneRequest {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const inner = {
    script: `export PLAY_STAGED="$1"\nexec </dev/null\n${command}`,
    args: [path],
    stdin: content,
    timeout: 300,
  };
  const { args, stdin, timeout } = stagedRequest(stage, inner);
  const owner = stage.files.find((file) => `/${file.name}` === path)?.owner ?? '';
  const isShort = Buffer.byteLength(name) <= 200;
  return {
    script: orBeside,
    args: [
      beside ?? '',
      String(content.length),
      owner,
      mode,
      path.slice(0, path.lastIndexOf('/')) || '/',
      isShort ? `-${name}` : '',
      command,
      ...args,
    ],
    stdin,
    ...(timeout === undefined ? {} : { timeout }),
  };
}
