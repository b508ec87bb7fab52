import { uidSh } from '../connection/index.ts';
import { logLineSh } from '../engine/index.ts';

/** sh: the folders in which this account's lock may be, in order, and `own FOLDER`: whether one is ours. */
const placesSh = `${uidSh}; u=$uid second=/tmp/play-$u third=\${XDG_STATE_HOME:-$HOME/.local/state}/play
if [ "$u" = 0 ] && [ -d /run ] && [ -w /run ]; then first=/run/play second= third=; else first=/dev/shm/play-$u; fi
own() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }`;

/**
 * Locks a host for one run. $1 the run's id, $2 who would hold it (one line of JSON), $3 `steal` to end whoever holds
 * it now, $4 a line for the host's log, $5 marks: no lane that bears one of
 * them may work here any more.
 *
 * The lock is a link whose text is `PID BIRTH RUN WHO`: the lane that holds it, when that process began (a pid may be
 * used again), and the rest for people. Making a link is atomic everywhere, needs no `flock` (busybox may have none),
 * and no process has to keep it: a lock whose lane is gone is void. The lane ends with its run, and when its connection
 * dies it ends once it has finished what it was sent; so the next run waits for that too. Lanes of other accounts (a
 * task that becomes postgres) may outlive the one with the lock: those that change something say which run they belong
 * to (`markScript`). That is only an account's word, so no more is believed than that a lane which is certainly theirs
 * is still working (`left_of`).
 *
 * Two runs may find the same dead holder. The right to succeed it is a link of its own, `after.PID.BIRTH`, which only
 * one of them can make; should that one die before it has the lock, `after` of it is next.
 *
 * An account other than root has no folder that is its own by nature: it uses the first of several that nobody else has
 * taken, and the others count where they are ours.
 *
 * Exits with 0 when the host is ours (or this run's already, under another name of the host), 75 when another run has
 * it, which is then described on stdout, 76 when it must not be stolen.
 */
export const lockScript = `run=$1 who=$2 steal=$3 entry=$4 former=$5
${logLineSh}
birth() {
  born=
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${line##*) }
  case $1 in Z|X) return 1;; esac
  born=\${20}
}
lane=$PPID
birth "$lane" || { echo "the lane cannot be found in /proc" >&2; exit 73; }
me="$lane $born $run $who"
${placesSh}
d=
for b in "$first" "$second" "$third"; do
  [ "$b" != "$third" ] || mkdir -p "\${b%/*}" 2>/dev/null
  [ -d "$b" ] || mkdir -m 700 "$b" 2>/dev/null
  if own "$b"; then d=$b; break; fi
done
[ -n "$d" ] || { echo "no folder for the lock is this account's own (tried $first $second $third)" >&2; exit 73; }
# The field of a process' status that is called $2, in $value.
status_of() {
  value=
  while read -r key value more; do [ "$key" != "$2:" ] || return 0; done 2>/dev/null <"/proc/$1/status"
  return 1
}
# A lane of another account which works on for run $1, though the one that held the host for it is gone. In /run root alone makes
# folders, and their names say which process of root's is meant and since when. Elsewhere it is a process of the folder's owner, and
# one that root began for them, unless that is us. $1 may also be what a worker marks its lanes with.
left_of() {
  for f in /run/play.[0-9]*/run /dev/shm/play.[0-9]*/run /tmp/play.[0-9]*/run; do
    [ -f "$f" ] && [ ! -L "$f" ] && [ ! -L "\${f%/run}" ] || continue
    s=
    { read -r r; read -r s; } 2>/dev/null <"$f" || [ -n "$r" ] || continue
    [ "$r" = "$1" ] || [ "$s" = "$1" ] || continue
    name=\${f%/run}; name=\${name##*/play.}; left=\${name%%.*}
    birth "$left" || continue
    case $f in
      /run/*) name=\${name#*.}; [ "$born" = "\${name%.*}" ] || continue;;
      *)
        status_of "$left" Uid && [ "$value" = "$(stat -c %u "\${f%/run}")" ] || continue
        [ "$value" != "$u" ] || return 0
        status_of "$left" PPid && parent=$value && [ "$parent" -gt 1 ] && status_of "$parent" Uid && [ "$more" != "\${more#0}" ] || continue
        { read -r name <"/proc/$parent/comm"; } 2>/dev/null || continue
        case $name in sudo|su|doas|runuser) ;; *) continue;; esac;;
    esac
    return 0
  done
  return 1
}
# Ends the lane $1, which began at $2, and what it runs: each script is a session of its own. A signal goes to what is still the
# same process, and to no number that may be somebody else's by now.
end_lane() {
  for c in /proc/[0-9]*/comm; do
    { read -r name <"$c"; } 2>/dev/null || continue
    case $name in dpkg|dpkg-*|apt|apt-get|aptitude) ;; *) continue;; esac
    # Anybody may call a program so, and a container's dpkg is not this host's.
    [ "$u" != 0 ] || [ -O "\${c%/comm}" ] || continue
    ns=$(readlink "\${c%/comm}/ns/mnt") || ns=
    if [ -z "$ns" ] || [ "$ns" = "$(readlink /proc/self/ns/mnt)" ]; then printf '%s\n' "$name"; exit 76; fi
  done
  kids=
  for round in 1 2; do
    members=
    for s in /proc/[0-9]*/stat; do
      { read -r line <"$s"; } 2>/dev/null || continue
      id=\${line%% *}
      set -- "$1" "$2" \${line##*) }
      [ "$4" != "$1" ] || kids="$kids $id "
      case "$kids" in *" $id "*|*" $4 "*|*" $6 "*) [ "$id" = $$ ] || members="$members $id:\${22}";; esac
    done
  done
  for signal in TERM KILL; do
    for one in "$1:$2" $members; do
      birth "\${one%:*}" && [ "$born" = "\${one#*:}" ] && kill -$signal "\${one%:*}" 2>/dev/null
    done
    n=0; while [ "$n" -lt 15 ] && birth "$1" && [ "$born" = "$2" ]; do sleep 0.2 2>/dev/null || sleep 1; n=$((n+1)); done
  done
}
# Ours now, unless another run has the host by another of this account's folders.
taken() {
  mine=$d
  for b in "$first" "$second" "$third"; do
    [ "$b" != "$mine" ] && own "$b" || continue
    at=$(readlink "$b/lock") || continue
    pid=\${at%% *}; rest=\${at#* }; since=\${rest%% *}; rest=\${rest#* }
    if [ "\${rest%% *}" != "$run" ] && birth "$pid" && [ "$born" = "$since" ]; then rm -f "$mine/lock"; printf '%s\n' "\${rest#* }"; exit 75; fi
  done
  [ -z "$entry" ] || log_line "$entry"
  exit 0
}
for one in $former; do left_of "$one" || continue; printf '%s\\n' "$who"; exit 75; done
tries=0
while [ "$tries" -lt 50 ]; do
  tries=$((tries+1))
  lock=$(readlink "$d/lock") || lock=
  if [ -z "$lock" ]; then ln -s "$me" "$d/lock" 2>/dev/null && taken; continue; fi
  at=$lock
  while [ -n "$at" ] && [ "$tries" -lt 50 ]; do
    tries=$((tries+1))
    pid=\${at%% *}; rest=\${at#* }; since=\${rest%% *}; rest=\${rest#* }; holder=\${rest%% *}
    if birth "$pid" && [ "$born" = "$since" ]; then is=held
    elif [ "$holder" != "$run" ] && left_of "$holder"; then is=held pid=$left
    else is=free; fi
    if [ "$is" = held ]; then
      [ "$holder" != "$run" ] || exit 0
      if [ "$steal" != steal ]; then printf '%s\\n' "\${rest#* }"; exit 75; fi
      birth "$pid" && end_lane "$pid" "$born"
      continue
    fi
    if ln -s "$me" "$d/after.$pid.$since" 2>/dev/null; then
      if [ "$(readlink "$d/lock")" != "$lock" ]; then rm -f "$d/after.$pid.$since"; break; fi
      [ ! -L "$d/new.$lane" ] || rm -f "$d/new.$lane"
      ln -s "$me" "$d/new.$lane" && mv -f "$d/new.$lane" "$d/lock" && rm -f "$d"/after.* && taken
      exit 73
    fi
    at=$(readlink "$d/after.$pid.$since") || at=
  done
done
echo "the lock in $d can be neither read nor made" >&2
exit 73
`;

/**
 * Records, in the lane's own folder, which disappears with it, which run ($1) it works for, and which worker has
 * the host ($2): for lanes of accounts other than the lock's, and for all lanes of workers.
 */
export const markScript = `printf '%s\\n' "$1" "$2" >"\${0%/*}/run"; exit 0
`;

/** Who holds this account's lock, for people; nothing when nobody does. */
export const holderScript = `birth() { born=; { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1; set -- \${line##*) }; case $1 in Z|X) return 1;; esac; born=\${20}; }
${placesSh}
for d in "$first" "$second" "$third"; do
  own "$d" || continue
  at=$(readlink "$d/lock" 2>/dev/null) || continue
  pid=\${at%% *}; rest=\${at#* }; since=\${rest%% *}; rest=\${rest#* }
  if birth "$pid" && [ "$born" = "$since" ]; then printf '%s\n' "\${rest#* }"; fi
done
exit 0
`;
