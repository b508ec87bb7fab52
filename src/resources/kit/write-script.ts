import { walkSh } from '../../probes/index.ts';

/**
 * Puts files in place, any number in one request. Each is written beside its place under a name of its own, with final
 * owner and permissions, all are synced by one process, then each is renamed: old or new, never half, and never for a
 * moment readable by whom it should not be. noclobber opens with O_EXCL, so that nobody can put a link in the way, and
 * what is done to a file is done through its descriptor (proc(5), /proc/self/fd) or, where nobody else can rename
 * anything, by its name: who may gains nothing by it. What a killed run left of this very file is removed first. It
 * stops at the first that fails and says which; those before it are in place.
 *
 * A file that was there hands on its access control list, extended attributes and label: cp of coreutils copies them
 * before the bytes come, as the kernel then drops what was said of the old bytes alone (capabilities(7)). With busybox
 * owner and mode are all that is kept.
 *
 * Ten arguments a file: path, name of the temporary file, what the names of its temporaries start with, how, mode, the
 * umask that gives this mode at once, operand of chown or empty, time for the backup's name or empty, size in bytes
 * (empty: all of stdin; `=SIZE`: that many, which come while they are sent, and a dot on a line where they are whole; `lCOUNT`: that many short lines, which the shell copies by itself), and the SHA-256 of the old bytes where the new ones are made of them, else empty: where others
 * may have led us to another file's, they must be those that are here. stdin: the contents, one after the other. The
 * umask is empty where none gives the mode, and where others may rename things in the folder. How: `new`; `keep` all
 * that the old file has; `change` its owner and mode; `place`: nothing can be renamed over it (a mount point), so that
 * its own bytes are replaced, by bytes that are all here.
 */
const writing = (before: string): string => `
${walkSh}
${before}
staged=0 placed=0 code=0 masked=
# Of each file that is staged: y in a folder where nobody else can do anything, s where nobody else can rename what is ours, else n.
kinds=
fd=/proc/self/fd/3
first() { kind=\${1%"\${1#?}"}; }
put() {
  set -C
  umask "\${mask:-077}"
  fill 3>"$new"
}
fill() {
  set +C
  case $how in keep|change) inherit 2>/dev/null || how=change ;; esac
  case $how in new|change)
    [ -z "$owner" ] || chown -- "$owner" $fd || return
    [ -n "$mask" ] || chmod -- "$mode" $fd || return
    [ "$mask$how" != new ] || own_group "$mode" $fd || return ;;
  esac
  case $size in
    0) : >$fd ;;
    '') cat >&3 ;;
    l*) copy_lines "\${size#l}" >&3 ;;
    =*) receive "\${size#=}" >&3 ;;
    *) dd bs="$size" count=1 iflag=fullblock status=none >&3 ;;
  esac || return
  # Who is not root loses these bits by writing.
  case $how$mode in place*) ;; *[1-7]???) chmod -- "$mode" $fd || return ;; esac
  case $kind$how in nplace) ;; n*) sync $fd 2>/dev/null || sync ;; esac
}
copy_lines() {
  lines=$1
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line && printf '%s\\n' "$line" || return
    lines=$((lines - 1))
  done
}
# What comes while it is read here and sent: the line behind it tells whether it is whole.
receive() {
  dd bs=65536 count=$(($1 / 65536)) iflag=fullblock status=none || return
  [ $(($1 % 65536)) = 0 ] || dd bs=$(($1 % 65536)) count=1 iflag=fullblock status=none || return
  IFS= read -r end || end=
  [ "$end" = . ] || { echo "what was to be put into $path was changed while it was sent, or did not come to its end" >&2; return 1; }
}
inherit() {
  if [ "$kind" = y ]; then cp --attributes-only --preserve=all -- "./$name" $fd
  else { is_still 4 "$name" && cp --attributes-only --preserve=all -- /proc/self/fd/4 $fd; } 4<"./$name" && [ "$how" = change ]
  fi
}
stage() {
  while [ $# -gt 0 ]; do
    path=$1 new=./$2 how=$4 mode=$5 mask=$6 owner=$7 size=$9 was=\${10}
    name=\${path##*/}
    enter "\${path%/*}/" || { code=1; return; }
    case $sure$guarded in yy) kind=y ;; ysticky) kind=s ;; *) kind=n mask= ;; esac
    if [ "$how" = place ]; then new=$(spool "$new")
    else for old in "./$3"*; do [ ! -e "$old" ] && [ ! -L "$old" ] || rm -f -- "$old"; done
    fi
    shift 10
    [ "$kind" = y ] || [ -z "$was" ] || has_bytes 4<"./$name" || { echo "$path is not as it was when it was read: somebody else changed it meanwhile" >&2; code=1; return; }
    put || { set +C; code=1; rm -f -- "$new"; return; }
    masked=$masked$mask kinds=$kinds$kind
    staged=$((staged + 1))
  done
}
has_bytes() { is_still 4 "$name" && hash=$(sha256sum <&4) && [ "\${hash%% *}" = "$was" ]; }
# In the lane's own folder, which is swept when a run was killed.
spool() { case $0 in /*) echo "\${0%/*}/\${1#./}" ;; *) echo "/tmp/\${1#./}" ;; esac; }
# A name that others could lead elsewhere is none to open: what lies under it was synced already.
names() {
  left=$kinds
  while [ -n "$left" ]; do
    first "$left"
    case $kind$4 in n*|?place) ;; *) printf '%s\\0' "\${1%/*}/$2" ;; esac
    shift 10; left=\${left#?}
  done
}
# A default access control list of the folder overrides the umask (umask(2)), and gives the owning group an entry of its own.
fix() {
  left=$kinds
  while [ -n "$left" ]; do
    first "$left"
    case $kind$4 in n*|?place) ;; *)
      read -r has || return
      case $6:$5 in :*|*:"$has"|*:0"$has"|*:00"$has"|*:000"$has") ;; *) chmod -- "$5" "\${1%/*}/$2" && own_group "$5" "\${1%/*}/$2" || return ;; esac ;;
    esac
    shift 10; left=\${left#?}
  done
}
own_group() {
  digits=\${1%?}
  ! command -v setfacl >/dev/null || setfacl --no-mask -m "g::\${digits#??}" -- "$2"
}
persist() {
  [ -z "$masked" ] || names "$@" | xargs -0 stat -c %a -- | fix "$@" || { code=1; return 1; }
  case $kinds in *[ys]*) names "$@" | xargs -0 sync 2>/dev/null || sync ;; esac
}
# A second name for the old file keeps all of it.
keep_old() {
  if [ "$kind" = y ]; then [ ! -L "./$name" ] && [ "$how" != place ] && ln -- "./$name" "./$1" 2>/dev/null || cp -p -- "./$name" "./$1"
  else [ "$how" != place ] && ln -- "./$name" "./$1" 2>/dev/null || { copy_old "$2" 4<"./$name" && mv -fT -- "./$2-old" "./$1"; }
  fi
}
copy_old() {
  is_still 4 "$name" || return
  set -C; umask 077
  copy_open 3>"./$1-old" || { set +C; return 1; }
}
copy_open() {
  set +C
  cat <&4 >&3 || return
  chown -- "$(stat -L -c %u:%g /proc/self/fd/4)" $fd
  chmod -- "$(stat -L -c %a /proc/self/fd/4)" $fd && touch -r /proc/self/fd/4 -- $fd
}
place() {
  left=$kinds
  while [ "$placed" -lt "$staged" ]; do
    first "$left"
    path=$1 new=$2 how=$4 mode=$5 owner=$7 backup=$8
    name=\${path##*/}
    reach || { code=1; return; }
    [ -z "$backup" ] || [ ! -e "./$name" ] || keep_old "$name.$backup~" "$new" || { code=1; return; }
    if [ "$how" = place ]; then overwrite 4<"./$name" || { code=1; return; }
    else mv -fT -- "./$new" "./$name" || { code=1; return; }
    fi
    shift 10; left=\${left#?}
    placed=$((placed + 1))
  done
}
# Where nobody else could swap any part of the way, it is the same still.
reach() {
  [ "\${path%/*}/" != "$entered" ] || return 0
  case $kind in n) enter "\${path%/*}/" ;; *) entered= guarded=\${kind#s} && cd -P -- "\${path%/*}/" ;; esac
}
overwrite() {
  new=$(spool "$new")
  is_still 4 "$name" && cat <"$new" >/proc/self/fd/4 || return
  [ -z "$owner" ] || chown -- "$owner" /proc/self/fd/4 || return
  [ -z "$mode" ] || chmod -- "$mode" /proc/self/fd/4 || return
  rm -f -- "$new"
  sync /proc/self/fd/4 2>/dev/null || sync
}
clear() {
  while [ $# -gt 0 ]; do
    path=$1
    if [ "$4" = place ]; then rm -f -- "$(spool "$2")"
    elif enter "\${path%/*}/" 2>/dev/null; then rm -f -- "./$2"
    fi
    shift 10
  done
}
stage "$@"
[ "$staged" = 0 ] || { persist "$@" && place "$@"; }
[ "$code" = 0 ] && exit 0
clear "$@"
echo "failed $placed"
exit "$code"`;

export const writeScript = writing('');

/** The same, of one file whose bytes are those of another on the host: its path, which no link ends, comes first. */
export const copyScript =
  writing(`enter "\${1%/*}/" && exec 4<"./\${1##*/}" && is_still 4 "\${1##*/}" && exec <&4 4<&- || exit
shift`);

/** The umask under which a new file has this mode from the start; empty where only chmod gives it. */
export function maskOf(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  return (bits & ~0o666) === 0 ? (0o666 & ~bits).toString(8).padStart(3, '0') : '';
}
