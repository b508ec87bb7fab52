/**
 * sh: makes folders, and takes things away, in the folder we are in, where others may swap what lies in it. Needs
 * `walkSh`. Holds no single quote.
 *
 * - `fresh NAME`: makes a folder that nobody else can enter, and steps into it. It is known to be the one by being
 *   ours, sticky and empty: what
 *   others could put in its place is not. The mode it shall have is set afterwards, on `.`.
 * - `remove NAME`: away with what lies here and all below it. rm(1) of coreutils goes by descriptors; that of busybox
 *   opens folders by their
 *   names, so that they are stepped into here. Other file systems are left alone where rm knows how.
 */
export const removeSh = `
fresh() {
  mkdir -m 1700 -- "./$1" && into "$1" || return
  fresh_is_new || walk_fail "$PWD was replaced while it was made"
}
fresh_is_new() {
  [ -O . ] && [ -k . ] || return
  for fresh_at in ./* ./.[!.]* ./..?*; do [ ! -e "$fresh_at" ] && [ ! -L "$fresh_at" ] || return; done
}
remove_how=
remove() {
  [ -n "$remove_how" ] || { remove_how=busybox; ! rm --help 2>&1 | grep -q one-file-system || remove_how=--one-file-system; }
  if [ "$remove_how" != busybox ]; then rm -rf $remove_how -- "./$1"
  elif [ -d "./$1" ] && [ ! -L "./$1" ]; then (into "$1" && remove_all) && rmdir -- "./$1"
  else rm -f -- "./$1"
  fi
}
remove_all() {
  set --
  for remove_at in ./* ./.[!.]* ./..?*; do
    if [ -d "$remove_at" ] && [ ! -L "$remove_at" ]; then remove "\${remove_at#./}" || return
    elif [ -e "$remove_at" ] || [ -L "$remove_at" ]; then set -- "$@" "$remove_at"
    fi
    [ $# -lt 200 ] || { rm -f -- "$@" || return; set --; }
  done
  [ $# = 0 ] || rm -f -- "$@"
}`;
