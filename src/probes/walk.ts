/**
 * sh: how every script gets to a folder in which it makes, changes or removes something. A link, or a name, that
 * another account could swap must not lead root where that account could not go itself (what systemd calls CHASE_SAFE).
 * Defines
 *
 * - `enter FOLDER`: goes there (absolute path), so that all work is done by relative names (`./name`) in what was
 *   entered, whatever
 *   becomes of its name. Where everybody on the way is root or us, one stat(1) says so. Elsewhere it goes step by step;
 *   a folder must be the one
 *   that was looked at, and a link that others could have put there is followed to a folder of those others only,
 *   unless the task says `follow`. A
 *   folder that was entered last is not entered again. What it found is in `guarded`: `y` where nobody else can make or
 *   rename anything in
 *   the folder; `sticky` where nobody else can rename what is ours (/tmp); else empty. In `sure`: `y` where nobody else
 *   could swap any part of
 *   the way, so that the folder's path will lead there again.
 * - `enter_making FOLDER`: the same, and what is missing on the way is made, as by mkdir(1).
 * - `into NAME`: steps into a folder that lies in the one we are in; not through a link.
 * - `on_opened NAME FUNCTION`: opens what lies here, which must be no link, and calls the function with a name (`.` or
 *   below /proc/self/fd) that stays
 *   with what was opened. What cannot be opened so (a device, a socket) is called by its name, in a guarded folder
 *   only.
 * - `is_still FD NAME`: what is open is what lies here under this name, no link.
 *
 * Each says on stderr why it fails. Holds no single quote. IFS is the standard one.
 */
export const walkSh = `
entered= guarded= sure= walk_make= walk_why=
enter() {
  [ "\${1%/}/" != "$entered" ] || return 0
  entered= guarded= sure= walk_to=\${1%/} walk_at= walk_me=
  walk_to=\${walk_to:-/} walk_left=\${walk_to#/}/
  set -- /proc/self/ /
  while [ -n "\${walk_left#/}" ]; do
    walk_at=$walk_at/\${walk_left%%/*} walk_left=\${walk_left#*/}
    set -- "$@" "$walk_at"
  done
  if walk_seen=$(stat -c "%f %u" -- "$@" 2>/dev/null) && walk_is_sure $walk_seen; then sure=y; walk_cd "$walk_to" "$walk_to" || return
  else walk_slowly && set -- $(stat -c "%f %u" .) && walk_mode=$((0x$1)) walk_owner=$2 || return
  fi
  walk_guard
  entered=\${walk_to%/}/
}
walk_guard() {
  walk_ours "$walk_owner" || return 0
  if [ $((walk_mode & 022)) = 0 ]; then guarded=y
  elif [ $((walk_mode & 01000)) != 0 ]; then guarded=sticky
  fi
}
enter_making() {
  walk_make=y
  enter "$1"
  set -- $?
  walk_make=
  return "$1"
}
walk_ours() { [ "$1" = 0 ] || [ "$1" = "$walk_me" ]; }
# walk_held UID: whether nobody else can swap what this account owns in a folder of walk_mode and walk_owner.
walk_held() {
  walk_ours "$walk_owner" || return
  [ $((walk_mode & 022)) = 0 ] || { [ $((walk_mode & 01000)) != 0 ] && walk_ours "$1"; }
}
# Mode and owner of a process of ours, of the root and of all folders on the way.
walk_is_sure() {
  walk_me=$2 walk_mode=$((0x$3)) walk_owner=$4
  shift 4
  while [ $# -gt 0 ]; do
    walk_held "$2" && [ $((0x$1 & 0170000)) = 16384 ] || return
    walk_mode=$((0x$1)) walk_owner=$2
    shift 2
  done
}
walk_fail() { echo "$*" >&2; return 1; }
# walk_cd NAME PATH: by its name, and what it is called where that fails. Shells say of cd that it failed, and not why.
walk_cd() {
  cd -P -- "$1" 2>/dev/null || if [ -d "$1" ]; then walk_fail "$2: Permission denied"; else walk_fail "$2 is not there"; fi
}
into() {
  entered= guarded= walk_up=\${PWD%/}
  walk_cd "./$1" "$walk_up/$1" || return
  # Through a link we would be elsewhere.
  [ "$PWD" = "$walk_up/$1" ] || walk_fail "$walk_up/$1 was replaced meanwhile: it leads to $PWD"
}
walk_slowly() {
  # Of each link that others could have put there: how much of the way is left behind what it leads to, and whose that must be.
  walk_left=\${walk_to#/}/ walk_links=0 walk_due= sure=y
  walk_me=\${walk_me:-$(id -u)}
  cd / || return
  while :; do
    walk_arrive || return
    [ -n "$walk_left" ] || break
    walk_name=\${walk_left%%/*} walk_left=\${walk_left#*/}
    case $walk_name in
      ""|.) continue ;;
      ..) cd -P .. || return; continue ;;
    esac
    set -- $(stat -c "%f %u" -- . "./$walk_name" 2>/dev/null)
    if [ $# = 2 ] && [ -n "$walk_make" ]; then
      mkdir -- "./$walk_name" && into "$walk_name" && sure= || return
      continue
    fi
    [ $# = 4 ] || { walk_fail "\${PWD%/}/$walk_name is not there"; return; }
    walk_mode=$((0x$1)) walk_owner=$2
    walk_held "$4" || sure=
    case $((0x$3 & 0170000)) in
      16384) into "$walk_name" || return ;;
      40960) walk_link "$4" || return ;;
      *) walk_fail "\${PWD%/}/$walk_name is not a directory"; return ;;
    esac
  done
  [ -z "$walk_due" ]
}
# walk_suspect UID: who could have put a link of this account into the folder, as far as it can be theirs what it leads to.
walk_suspect() {
  walk_whose=
  [ "$1" = 0 ] || walk_whose=:$1:
  walk_ours "$walk_owner" || walk_whose=$walk_whose:$walk_owner:
  walk_whose=\${walk_whose:-nobody}
}
walk_refuse() { walk_why="$1 is a link that others could turn, and leads to $2, which is not theirs"; walk_fail "$walk_why"; }
walk_link() {
  [ $((walk_links += 1)) -le 40 ] || { walk_fail "too many links on the way to $walk_to"; return; }
  walk_target=$(readlink -n -- "./$walk_name" && echo .) || return
  if ! walk_held "$1" && [ -z "\${play_follow-}" ]; then
    walk_suspect "$1"
    walk_due="\${#walk_left} $walk_whose $walk_due"
  fi
  case $walk_target in /*) cd / || return ;; esac
  walk_left=\${walk_target%.}/$walk_left
}
walk_arrive() {
  while [ -n "$walk_due" ] && [ "\${walk_due%% *}" = "\${#walk_left}" ]; do
    walk_due=\${walk_due#* } walk_whose=\${walk_due%% *} walk_due=\${walk_due#* }
    case $walk_whose in *:"$(stat -c %u .)":*) ;; *) walk_refuse "a part of $walk_to" "$PWD"; return ;; esac
  done
}
# test(1) would look twice, and follow what came in between: -ef follows.
is_still() {
  if [ "$guarded" = y ]; then [ ! -L "./$2" ] && [ "./$2" -ef "/proc/self/fd/$1" ]
  else walk_here=$(stat -c %d:%i -- "./$2") && [ "$walk_here" = "$(stat -L -c %d:%i "/proc/self/fd/$1")" ]
  fi || walk_fail "\${PWD%/}/$2 was replaced meanwhile"
}
# Of the folder we are in, also where we stepped into it.
walk_is_guarded() {
  [ "$guarded" != y ] || return 0
  set -- $(stat -c "%f %u" /proc/self/ .) && walk_me=$2 walk_mode=$((0x$3)) walk_owner=$4 && walk_guard
  [ "$guarded" = y ]
}
on_opened() {
  if [ -L "./$1" ]; then walk_fail "\${PWD%/}/$1 was replaced meanwhile by a link"
  elif [ -d "./$1" ] && [ -x "./$1" ]; then into "$1" && "$2" .
  elif [ -f "./$1" ] && [ -r "./$1" ]; then { is_still 3 "$1" && "$2" /proc/self/fd/3; } 3<"./$1"
  elif [ -n "\${play_follow-}" ] || walk_is_guarded; then "$2" "./$1"
  else
    set -- "$1" "it cannot be opened, and others could swap it"
    if [ "$(id -u)" != 0 ]; then
      if [ ! -O "./$1" ]; then set -- "$1" "it belongs to another, so that $(id -un) may not"
      elif [ -f "./$1" ] || [ -d "./$1" ]; then set -- "$1" "$(id -un) may not open it, and others could swap it"; fi
    fi
    walk_fail "\${PWD%/}/$1 is not changed: $2"
  fi
}
`;
