/**
 * Puts files in place, any number in one request. Each is written beside its place under a name of its own, with final owner
 * and permissions, all are synced by one process, then each is renamed: old or new, never half, and never for a moment readable
 * by whom it should not be. noclobber opens with O_EXCL, so that nobody can put a link in the way, and what is done to a new
 * file is done through its descriptor (proc(5), /proc/self/fd), so that who may rename things in its folder gains nothing by it.
 * What a killed run left of this very file is removed first. It stops at the first that fails and says which; those before
 * it are in place.
 *
 * A file that was there hands on its access control list, extended attributes and label: cp of coreutils copies them before
 * the bytes come, as the kernel then drops what was said of the old bytes alone (capabilities(7)). With busybox owner and
 * mode are all that is kept.
 *
 * Nine arguments a file: path, temporary path, what the names of its temporaries start with, how, mode, the umask that gives
 * this mode at once, operand of chown or empty, time for the backup's name or empty, size in bytes (empty: all of stdin).
 * stdin: the contents, one after the other. The umask is empty where none gives the mode, and where others may rename things
 * in the folder. How: `new`; `keep` all that the old file has; `change` its owner and mode; `place`: nothing can be renamed over it
 * (a mount point), so that its own bytes are replaced, by bytes that are all here.
 */
export const writeScript = `
staged=0 placed=0 code=0 masked=
fd=/proc/self/fd/3
put() {
  set -C
  umask "\${mask:-077}"
  fill 3>"$new"
}
fill() {
  set +C
  case $how in keep|change) cp --attributes-only --preserve=all -- "$path" $fd 2>/dev/null || how=change ;; esac
  case $how in new|change)
    [ -z "$owner" ] || chown -- "$owner" $fd || return
    [ -n "$mask" ] || chmod -- "$mode" $fd || return ;;
  esac
  case $size in
    0) : >$fd ;;
    '') cat >&3 ;;
    *) dd bs="$size" count=1 iflag=fullblock status=none >&3 ;;
  esac || return
  # Who is not root loses these bits by writing.
  case $how$mode in place*) ;; *[1-7]???) chmod -- "$mode" $fd ;; esac
}
stage() {
  while [ $# -gt 0 ]; do
    path=$1 new=$2 how=$4 mode=$5 mask=$6 owner=$7 size=$9
    if [ "$how" = place ]; then new=$(spool "$new")
    else for old in "$3"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
    fi
    shift 9
    put || { set +C; code=1; rm -f -- "$new"; return; }
    masked=$masked$mask
    staged=$((staged + 1))
  done
}
# In the lane's own folder, which is swept when a run was killed.
spool() { case $0 in /*) echo "\${0%/*}/$1" ;; *) echo "/tmp/$1" ;; esac; }
names() { left=$staged; while [ "$left" -gt 0 ]; do [ "$4" = place ] || printf '%s\\0' "$2"; shift 9; left=$((left - 1)); done; }
# A default access control list of the folder overrides the umask (umask(2)), and gives the owning group an entry of its own.
mend() {
  left=$staged
  while [ "$left" -gt 0 ]; do
    if [ "$4" != place ]; then
      read -r has || return
      case $6:$5 in :*|*:"$has"|*:0"$has"|*:00"$has"|*:000"$has") ;; *) chmod -- "$5" "$2" && own_group "$5" "$2" || return ;; esac
    fi
    shift 9; left=$((left - 1))
  done
}
own_group() {
  digits=\${1%?}
  ! command -v setfacl >/dev/null || setfacl --no-mask -m "g::\${digits#??}" -- "$2"
}
persist() {
  [ -z "$masked" ] || names "$@" | xargs -0 stat -c %a -- | mend "$@" || { code=1; return 1; }
  names "$@" | xargs -0 sync 2>/dev/null || sync
}
# A second name for the old file keeps all of it.
keep_old() { [ ! -L "$path" ] && [ "$how" != place ] && ln -- "$path" "$1" 2>/dev/null || cp -p -- "$path" "$1"; }
place() {
  while [ "$placed" -lt "$staged" ]; do
    path=$1 new=$2 how=$4 mode=$5 owner=$7 backup=$8
    [ -z "$backup" ] || [ ! -e "$path" ] || keep_old "$path.$backup~" || { code=1; return; }
    if [ "$how" = place ]; then overwrite || { code=1; return; }
    else mv -fT -- "$new" "$path" || { code=1; return; }
    fi
    shift 9
    placed=$((placed + 1))
  done
}
overwrite() {
  new=$(spool "$new")
  cat <"$new" >"$path" || return
  [ -z "$owner" ] || chown -- "$owner" "$path" || return
  [ -z "$mode" ] || chmod -- "$mode" "$path" || return
  rm -f -- "$new"
  sync "$path" 2>/dev/null || sync
}
clear() {
  while [ $# -gt 0 ]; do
    if [ "$4" = place ]; then rm -f -- "$(spool "$2")"; else rm -f -- "$2"; fi
    shift 9
  done
}
stage "$@"
[ "$staged" = 0 ] || { persist "$@" && place "$@"; }
[ "$code" = 0 ] && exit 0
clear "$@"
echo "failed $placed"
exit "$code"`;

/** The umask under which a new file has this mode from the start; empty where only chmod gives it. */
export function maskOf(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  return (bits & ~0o666) === 0 ? (0o666 & ~bits).toString(8).padStart(3, '0') : '';
}
