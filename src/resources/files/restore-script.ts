import { recordsFolderSh, walkSh } from '../../probes/index.ts';

/**
 * Puts back what the records keep of paths, any number in one request: all new files are written beside their places and
 * synced, then all are renamed. What is there now must be what the arguments say, whatever becomes of it meanwhile; nothing
 * of a path is opened that is not what lies there (`walkSh`). Bytes that are not those that were kept are not put back.
 *
 * Nine arguments a path: path, run, number, what was there (`file`, `link`, `directory`, `absent`), SHA-256 of a file,
 * mode, operand of chown, name of the temporary file, and what may be there now: words of `file:SHA-256`, `file`, `link`,
 * `directory` and `absent` with blanks around each, or `*`.
 */
export const restoreScript = `
${walkSh}
${recordsFolderSh}
b=$d/backups code=0
# The numbers of folders that were made for what lies in them.
made=" "
fd=/proc/self/fd/3
refuse() { echo "$1: $2" >&2; return 1; }
# What lies there now, in the words of the last argument.
is_expected() {
  case $1 in '*') return ;; esac
  if [ -L "./$name" ]; then now=link
  elif [ -d "./$name" ]; then now=directory
  elif [ -f "./$name" ]; then
    now=file
    case $1 in *" file "*) return ;; *file:*) now=file:$(hash_now 4<"./$name") ;; esac
  elif [ -e "./$name" ]; then now=other
  else now=absent
  fi
  case $1 in *" $now "*) ;; *) refuse "$path" 'was changed meanwhile' ;; esac
}
hash_now() { is_still 4 "$name" && hash=$(sha256sum <&4) && echo "\${hash%% *}"; }
put() {
  set -C
  umask 077
  fill 3>"./$temp"
}
fill() {
  set +C
  cat -- "$b/$run/$hash" >&3 || return
  real=$(sha256sum <$fd) && [ "\${real%% *}" = "$hash" ] || { refuse "$path" 'what was kept of it is damaged'; return; }
  cp --attributes-only --preserve=all -- "$b/$run/$number.like" $fd 2>/dev/null || { chown -- "$owner" $fd && chmod -- "$mode" $fd; } || return
  sync $fd 2>/dev/null || sync
}
stage() {
  while [ $# -gt 0 ]; do
    path=$1 run=$2 number=$3 what=$4 hash=$5 mode=$6 owner=$7 temp=$8 name=\${1##*/}
    if enter "\${path%/*}/" 2>/dev/null; then
      is_expected "$9" || return
      rm -f -- "./$temp"
      case $what in
        file) [ -f "$b/$run/$hash" ] || { refuse "$path" 'what was there before is not kept any more'; return; }
          put || return ;;
        link) cp -dp -- "$b/$run/$number.link" "./$temp" || return ;;
        directory) [ -d "./$name" ] || { mkdir -m 700 -- "./$name" && made="$made$number "; } || return ;;
      esac
    elif [ "$what" != absent ]; then refuse "$path" 'its folder is not there'; return
    fi
    shift 9
  done
}
place() {
  while [ $# -gt 0 ]; do
    path=$1 what=$4 mode=$6 owner=$7 temp=$8 name=\${1##*/}
    if enter "\${path%/*}/" 2>/dev/null; then
      case $what in
        file|link) mv -fT -- "./$temp" "./$name" 2>/dev/null || { [ "$what" = file ] && overwrite 4<"./$name"; } || refuse "$path" 'cannot be put back' || return ;;
        directory) on_opened "$name" own || return ;;
        absent) vanish || return ;;
      esac
    fi
    shift 9
  done
}
# Nothing can be renamed over a mount point.
overwrite() {
  is_still 4 "$name" && cat -- "./$temp" >/proc/self/fd/4 && chown -- "$owner" /proc/self/fd/4 && chmod -- "$mode" /proc/self/fd/4 && rm -f -- "./$temp"
}
own() { chown -- "$owner" "$1" && chmod -- "0$mode" "$1"; }
# A folder that others have filled since stays.
vanish() {
  if [ -d "./$name" ] && [ ! -L "./$name" ]; then rmdir -- "./$name" 2>/dev/null || :
  else rm -f -- "./$name"
  fi
}
clear() {
  while [ $# -gt 0 ]; do
    ! enter "\${1%/*}/" 2>/dev/null || rm -f -- "./$8"
    shift 9
  done
}
unmake() {
  while [ $# -gt 0 ]; do
    case $made in *" $3 "*) ! enter "\${1%/*}/" 2>/dev/null || rmdir -- "./\${1##*/}" 2>/dev/null ;; esac
    shift 9
  done
}
stage "$@" || { code=1; clear "$@"; unmake "$@"; exit 1; }
place "$@" || { code=1; clear "$@"; }
exit "$code"`;
