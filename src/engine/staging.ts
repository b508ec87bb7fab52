import type { LaneRequest } from '../connection/index.ts';
import { tar, type TarEntry } from '../resources/archive/tar.ts';

/** Exit code of the staging script itself, when the private copy cannot be made; the reason is on stderr. */
export const noStaging = 91;

/** Planned accounts without a number get one from here on, which is not the one they will have. */
const firstNumber = 64_000;

// Folders that hold staged files get an overlay whose upper side is thrown away; all else is read-only. Nothing of it is seen
// outside this mount namespace (unshare(1), mount_namespaces(7)), and it ends with the process. /var gets one too where that
// can be: a checker opens its log as if it were to stay (nginx -t: "open() /var/log/nginx/error.log failed"). Over /usr
// go the programs of planned packages, where the lane's folder has them (probes/apt-keep.ts).
const script = `
fail() { echo "$*" >&2; exit ${noStaging}; }
[ "$(id -u)" = 0 ] || fail 'only root can make a private view of the file system'
command -v unshare >/dev/null || fail 'unshare (util-linux) is missing'
s=$(mktemp -d /run/play-stage.XXXXXX) || fail 'no scratch folder in /run'
trap 'rm -rf -- "$s"' EXIT
p=\${0%/*}/packages
[ -d "$p/usr" ] || p=
head=$1 tops=$2 gone=$3 owned=$4 accounts=$5 command=$6; shift 6
dd bs="$head" count=1 iflag=fullblock of="$s/files.tar" 2>/dev/null || fail 'scratch folder is full'
PLAY_S=$s PLAY_PACKAGES=$p PLAY_TOPS=$tops PLAY_GONE=$gone PLAY_OWNED=$owned PLAY_ACCOUNTS=$accounts PLAY_COMMAND=$command unshare --mount --propagation private sh -c '
fail() { echo "$*" >&2; exit ${noStaging}; }
mount -t tmpfs -o mode=0700 play-stage /mnt 2>/dev/null || fail "no mounts are allowed here"
cp "$PLAY_S/files.tar" /mnt/files.tar
cover() {
  mkdir -p "/mnt/up$1" "/mnt/work$1"
  o=upperdir=/mnt/up$1,workdir=/mnt/work$1
  case $1:$PLAY_PACKAGES in /usr:/*) mount -t overlay -o "lowerdir=$PLAY_PACKAGES/usr:/usr,$o" overlay /usr 2>/dev/null && return;; esac
  mount -t overlay -o "lowerdir=$1,$o" overlay "$1" 2>/dev/null
}
for t in $PLAY_TOPS; do cover "$t" || fail "no overlay over $t"; done
case " $PLAY_TOPS " in *" /var "*) ;; *) cover /var || : ;; esac
case " $PLAY_TOPS " in *" /usr "*) ;; *) [ -z "$PLAY_PACKAGES" ] || cover /usr || : ;; esac
n=$PLAY_GONE; while [ "$n" -gt 0 ]; do rm -rf -- "$1"; shift; n=$((n-1)); done
tar -xpf /mnt/files.tar -C / || fail "the staged files cannot be unpacked"
# field NAME FILE: the third field of its line, as it is a number of both users and groups.
field() { while IFS=: read -r a b c d; do if [ "$a" = "$1" ]; then echo "$c"; return; fi; done <"$2"; return 1; }
[ -z "$PLAY_ACCOUNTS" ] || echo "$PLAY_ACCOUNTS" | { n=${firstNumber}; while read -r kind name group; do
  n=$((n+1))
  field "$group" /etc/group >/dev/null || echo "$group:x:$n:" >>/etc/group
  [ "$kind" = group ] || field "$name" /etc/passwd >/dev/null || echo "$name:x:$n:$(field "$group" /etc/group)::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
done; }
# Owners count: a checker may refuse what is of somebody else (tor: "not owned by this user").
n=$PLAY_OWNED; while [ "$n" -gt 0 ]; do chown -h -- "$1" "$2" 2>/dev/null; shift 2; n=$((n-1)); done
mount -o remount,bind,ro / 2>/dev/null
c=$PLAY_COMMAND; unset PLAY_S PLAY_PACKAGES PLAY_TOPS PLAY_GONE PLAY_OWNED PLAY_ACCOUNTS PLAY_COMMAND
exec sh -c "$c" sh "$@"' sh "$@"
`;

/** What a script is to find on the host though it is only planned. */
export interface Stage {
  readonly files: readonly StagedFile[];
  readonly removed: readonly string[];
  readonly accounts: readonly PlannedAccount[];
}

export interface StagedFile extends TarEntry {
  /** `OWNER:GROUP`, where it is not root's alone. */
  readonly owner?: string;
}

/** An account that will be there; a group is its own `group`. */
export interface PlannedAccount {
  readonly kind: 'user' | 'group';
  readonly name: string;
  readonly group: string;
}

export function isEmptyStage({ files, removed, accounts }: Stage): boolean {
  return files.length + removed.length + accounts.length === 0;
}

/** Whether an output has a number of a planned account in it: what the run will print is another one. */
export function showsMadeUpNumber({ accounts }: Stage, output: string): boolean {
  return accounts.length > 0 && (output.match(/\b\d{5}\b/g) ?? []).some((word) => Number(word) > firstNumber && Number(word) <= firstNumber + accounts.length);
}

/** A script to run where planned files are in place and removed ones gone: a validator's view of what will be. */
export function stagedRequest({ files, removed, accounts }: Stage, inner: { readonly script: string; readonly args?: readonly string[]; readonly stdin?: Uint8Array; readonly timeout?: number }): LaneRequest {
  const archive = tar(files);
  const tops = [...new Set([...files.map((file) => file.name), ...removed.map((path) => path.slice(1)), ...(accounts.length > 0 ? ['etc'] : [])].map((name) => `/${name.split('/')[0] ?? ''}`))].join(' ');
  const owned = files.flatMap(({ name, owner }) => (owner === undefined ? [] : [owner, `/${name}`]));
  const args = [String(archive.length), tops, String(removed.length), String(owned.length / 2), accounts.map(({ kind, name, group }) => `${kind} ${name} ${group}`).join('\n'), inner.script, ...removed, ...owned, ...(inner.args ?? [])];
  return { script, args, stdin: inner.stdin ? Buffer.concat([archive, inner.stdin]) : archive, timeout: inner.timeout ?? 60 };
}
