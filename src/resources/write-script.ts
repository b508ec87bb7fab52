/**
 * Puts files in place, any number in one request. Each is written beside its place under a name of its own, with final owner
 * and mode, all are synced by one process, then each is renamed: old or new, never half, and never for a moment readable by
 * whom it should not be. noclobber opens with O_EXCL, so that nobody can put a link in the way; what a killed run left of
 * this very file is removed first. It stops at the first that fails and says which; those before it are in place.
 *
 * Nine arguments a file: path, temporary path, what the names of its temporaries start with, the umask that gives its mode at
 * once (empty: none does), mode, operand of chown or empty, time for the backup's name or empty, checker or empty, size in bytes (empty: all
 * of stdin). stdin: the contents, one after the other.
 */
export const writeScript = `
staged=0 placed=0 code=0
me=$(id -u):$(id -g)
put() {
  [ "$owner" != "$me" ] && [ "$me/$owner" != 0:0/root:root ] || owner=
  [ -z "$owner" ] || mask=
  set -C
  umask "\${mask:-077}"
  case $size in
    0) true >"$new" ;;
    '') cat >"$new" ;;
    *) dd bs="$size" count=1 iflag=fullblock status=none >"$new" ;;
  esac || return
  set +C
  [ -z "$owner" ] || chown -- "$owner" "$new" || return
  [ -n "$mask" ] || chmod -- "$mode" "$new"
}
stage() {
  while [ $# -gt 0 ]; do
    new=$2 mask=$4 mode=$5 owner=$6 size=$9
    for old in "$3"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
    shift 9
    put || { code=1; rm -f -- "$new"; return; }
    staged=$((staged + 1))
  done
}
persist() {
  left=$staged over=$(($# - 9 * staged))
  while [ "$left" -gt 0 ]; do
    new=$2; shift 9; set -- "$@" "$new"; left=$((left - 1))
  done
  shift "$over"
  sync "$@" 2>/dev/null || sync
}
place() {
  while [ "$placed" -lt "$staged" ]; do
    path=$1 new=$2 backup=$7 check=$8
    if [ -n "$check" ]; then PLAY_STAGED=$new sh -c "$check" >&2 || { code=65; return; }; fi
    [ -z "$backup" ] || [ ! -e "$path" ] || cp -p -- "$path" "$path.$backup~" || { code=1; return; }
    mv -fT -- "$new" "$path" || { code=1; return; }
    shift 9
    placed=$((placed + 1))
  done
}
clear() { while [ $# -gt 0 ]; do rm -f -- "$2"; shift 9; done; }
stage "$@"
[ "$staged" = 0 ] || { persist "$@"; place "$@"; }
[ "$code" = 0 ] && exit 0
[ "$code" = 65 ] && echo "the checker refuses it" >&2
clear "$@"
echo "failed $placed"
exit "$code"`;

/** The umask under which a new file has this mode from the start; empty where only chmod gives it. */
export function maskOf(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  return (bits & ~0o666) === 0 ? (0o666 & ~bits).toString(8).padStart(3, '0') : '';
}
