import type { LaneRequest } from '../connection/index.ts';
import { tar, type TarEntry } from './tar.ts';

/** Exit code of the staging script itself, when the private copy cannot be made; the reason is on stderr. */
export const noStaging = 91;

// Folders that hold staged files get an overlay whose upper side is thrown away; all else is read-only. Nothing of it is seen
// outside this mount namespace (unshare(1), mount_namespaces(7)), and it ends with the process.
const script = `
fail() { echo "$*" >&2; exit ${noStaging}; }
[ "$(id -u)" = 0 ] || fail 'only root can make a private view of the file system'
command -v unshare >/dev/null || fail 'unshare (util-linux) is missing'
s=$(mktemp -d /run/play-stage.XXXXXX) || fail 'no scratch folder in /run'
trap 'rm -rf -- "$s"' EXIT
head=$1 tops=$2 command=$3; shift 3
dd bs="$head" count=1 iflag=fullblock of="$s/files.tar" 2>/dev/null || fail 'scratch folder is full'
PLAY_S=$s PLAY_TOPS=$tops PLAY_COMMAND=$command unshare --mount --propagation private sh -c '
fail() { echo "$*" >&2; exit ${noStaging}; }
mount -t tmpfs -o mode=0700 play-stage /mnt 2>/dev/null || fail "no mounts are allowed here"
cp "$PLAY_S/files.tar" /mnt/files.tar
for t in $PLAY_TOPS; do
  mkdir -p "/mnt/up$t" "/mnt/work$t"
  mount -t overlay -o "lowerdir=$t,upperdir=/mnt/up$t,workdir=/mnt/work$t" overlay "$t" 2>/dev/null || fail "no overlay over $t"
done
tar -xpf /mnt/files.tar -C / || fail "the staged files cannot be unpacked"
mount -o remount,bind,ro / 2>/dev/null
c=$PLAY_COMMAND; unset PLAY_S PLAY_TOPS PLAY_COMMAND
exec sh -c "$c" sh "$@"' sh "$@"
`;

/** A script to run where `files` are in place, though they are not: a validator's view of what will be. */
export function stagedRequest(files: readonly TarEntry[], inner: { readonly script: string; readonly args?: readonly string[]; readonly timeout?: number }): LaneRequest {
  const archive = tar(files);
  const tops = [...new Set(files.map((file) => `/${file.name.split('/')[0] ?? ''}`))].join(' ');
  return { script, args: [String(archive.length), tops, inner.script, ...(inner.args ?? [])], stdin: archive, timeout: inner.timeout ?? 60 };
}
