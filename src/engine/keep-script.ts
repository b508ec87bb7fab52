import { recordsFolderSh, walkSh } from '../probes/index.ts';

/**
 * Keeps what is at paths before they are changed: the old bytes of files, called by their SHA-256, in a folder of the run
 * in that of the records, and beside them an empty file that has the owner, mode, access control list and extended
 * attributes (cp(1) of coreutils; with busybox owner and mode alone), or the link itself. What an older run keeps already
 * is linked and not copied. A line for each path goes into the record of the run, and to stdout.
 *
 * Nothing is opened that is not what lies there, whoever swaps names meanwhile. The first time in a run older ones are
 * expired: by age, then by size, the oldest first; never those that a debt on this host still needs.
 *
 * Arguments: run; `y` where the change must not be made without it; the largest file in bytes; KiB of all that is kept;
 * days; KiB that will be needed; the runs that must stay, with blanks around each; then for each path: path, number, what
 * is known of it as JSON. It ends with another code than 0 only where it must be kept and cannot be.
 */
export const keepScript = `
${walkSh}
${recordsFolderSh}
b=$d/backups r=$b/$1 must=$2 largest=$3 most=$4 days=$5 needed=$6 stays=$7
run=$1 why= has_room= gone=
shift 7
umask 077
ready() {
  [ ! -d "$r" ] || return 0
  (umask 022; mkdir -p -- "$d") && mkdir -p -- "$r" && [ ! -L "$b" ] && expire
}
expire() {
  for old in $(find "$b" -mindepth 1 -maxdepth 1 -type d -mtime +"$days"); do drop "\${old##*/}"; done
  for old in "$b"/*/; do
    is_over || break
    old=\${old%/}; drop "\${old##*/}"
  done
  :
}
is_over() { used=$(du -sk -- "$b") && [ "\${used%%[!0-9]*}" -gt "$most" ]; }
drop() {
  [ "$1" != "$run" ] || return 0
  case $stays in *" $1 "*) return ;; esac
  ! grep -qsF "\\"$1\\"" "$d"/owed/* || return 0
  rm -rf -- "$b/$1"
}
# Blocks of the file system, how many are free to us, and their size are in KiB with -k (df(1p)).
roomy() {
  free=$(df -Pk -- "$r") || return
  set -- $(printf '%s\\n' "$free" | { read -r title; read -r line; echo "$line"; })
  [ $(($4 - needed)) -gt $((($2) / 20)) ]
}
# In a folder that is not there is nothing: to be told so of each of a thousand files that come into it would cost some
# processes each.
look() {
  what=absent name=\${1##*/} n=$2
  case $1 in "$gone"*) [ -z "$gone" ] || return 0 ;; esac
  if ! enter "\${1%/*}/" 2>/dev/null; then
    if [ -d "\${1%/*}/" ]; then what=lost
    else
      gone=\${1%/*}/
      until [ -d "\${gone%/*/}/" ]; do gone=\${gone%/*/}/; done
    fi
  elif [ -L "./$name" ]; then what=link; cp -dp -- "./$name" "$r/$n.link" || what=lost
  elif [ -d "./$name" ]; then what=directory
  elif [ -f "./$name" ]; then
    if [ -z "$has_room" ]; then what=room; else take 2>/dev/null 4<"./$name" || what=lost; fi
  elif [ -e "./$name" ]; then what=other
  fi
}
take() {
  is_still 4 "$name" || return
  of=/proc/self/fd/4
  [ "$guarded" != y ] || of=./$name
  head -c "$((largest + 1))" <&4 >"$r/$n.new" || return
  cp --attributes-only --preserve=all -- "$of" "$r/$n.like" 2>/dev/null || { cp -p -- "$of" "$r/$n.like" && : >"$r/$n.like"; } || return
  what=file
}
scan() {
  while [ $# -gt 0 ]; do
    look "$1" "$2"
    eval "what_$2=\\$what"
    shift 3
  done
}
# The bytes that were read are what counts, whatever becomes of the file.
name_them() {
  set -- "$r"/*.new
  [ -e "$1" ] || return 0
  hashes=$(sha256sum -- "$@") || return
  for file do set -- "$@" "\${file%.new}.like"; done
  states=$(stat -c '%a %u %g %s %n' -- "$@") || return
  while read -r mode uid gid size file; do
    at=\${file##*/}
    case $at in
      *.new) [ "$size" -le "$largest" ] || eval "what_\${at%.new}=large" ;;
      *) eval "owner_\${at%.like}=\\"$mode $uid $gid\\"" ;;
    esac
  done <<E
$states
E
  while read -r hash file; do
    at=\${file##*/}; at=\${at%.new}
    eval "what=\\$what_$at"
    [ "$what" = file ] || continue
    eval "hash_$at=$hash"
    [ -f "$r/$hash" ] || known "$hash" || mv -- "$file" "$r/$hash" || return
  done <<E
$hashes
E
  rm -f -- "$r"/*.new
  [ -z "$must" ] || sync -- "$r"/*[0-9a-f] 2>/dev/null || sync
}
known() {
  for other in "$b"/*/"$1"; do
    [ ! -f "$other" ] || { ln -- "$other" "$r/$1" && return; }
  done
  return 1
}
# What is known of each, a line each. Not put together first: to add to a text takes as long as the text is.
told() {
  while [ $# -gt 0 ]; do
    eval "what=\\$what_$2 hash=\\\${hash_$2:--} owner=\\\${owner_$2:-- - -}"
    case $what in
      absent|link|directory) ;;
      file) [ "$hash" != - ] || what=lost ;;
    esac
    case $what in absent|link|directory|file) ;; *) why=$what ;; esac
    printf '%s\\n' "$2 $what $hash $owner $3" || return
    shift 3
  done
}
tell() { told "$@" >>"$r/files" && told "$@"; }
keep() {
  ready || return
  ! roomy || has_room=y
  scan "$@"
  name_them || return
  tell "$@"
}
if keep "$@"; then [ -n "$why" ] || exit 0; else why=\${why:-failed}; fi
[ -n "$must" ] || exit 0
case $why in
  room) echo 'there is too little room to keep the old files' >&2 ;;
  large) echo 'a file is too large to be kept' >&2 ;;
  failed) ;;
  *) echo 'an old file cannot be kept' >&2 ;;
esac
exit 1`;
