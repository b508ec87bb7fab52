/**
 * Taking a host for one run. $1 the run's id, $2 who holds it then (one line of JSON), $3 `steal` to end whoever holds it.
 *
 * The lock is a link whose text is `PID BIRTH RUN WHO`: the lane that holds it, when that process began (a pid may come
 * back), and for people the rest. Making a link is atomic everywhere, needs no `flock` (busybox may have none), and nothing
 * has to run to keep it: a lock whose lane is gone is none. The lane goes when its run ends, and when its connection dies
 * it goes once it has finished what it was sent; so who comes next waits for that too. Lanes of other accounts (a task that
 * becomes postgres) may live longer than the one with the lock: those that change something say whose they are (`markScript`).
 *
 * Two runs may find the same dead holder. The right to follow it is a link of its own, `after.PID.BIRTH`, which one of them
 * can make; should that one die before it has the lock, `after` of it is next.
 *
 * Ends with 0 when the host is ours (or this run's already, under another name of the host), 75 when another run has it,
 * which is then told on stdout, 76 when it must not be stolen.
 */
export const lockScript = `run=$1 who=$2 steal=$3
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
u=$(id -u) d=
if [ "$u" = 0 ] && [ -d /run ] && [ -w /run ]; then d=/run/play
else for b in /dev/shm /tmp; do if [ -d "$b" ] && [ -w "$b" ]; then d=$b/play-$u; break; fi; done
fi
[ -n "$d" ] || { echo "there is no folder for the lock" >&2; exit 73; }
mkdir -m 700 "$d" 2>/dev/null
[ -d "$d" ] && [ ! -L "$d" ] && [ -O "$d" ] || { echo "$d is not a folder of this account" >&2; exit 73; }
# A lane of another account which works on for run $1, though the one that held the host for it is gone.
left_of() {
  for f in /run/play.[0-9]*/run /dev/shm/play.[0-9]*/run /tmp/play.[0-9]*/run; do
    [ -f "$f" ] || continue
    { read -r r <"$f"; } 2>/dev/null || continue
    [ "$r" = "$1" ] || continue
    left=\${f%/run}; left=\${left##*/play.}; left=\${left%%.*}
    if birth "$left"; then return 0; fi
  done
  return 1
}
# Ends the lane $1 and what it runs: each script is a process group of its own.
end_lane() {
  for c in /proc/[0-9]*/comm; do
    { read -r name <"$c"; } 2>/dev/null || continue
    case $name in dpkg|dpkg-*|apt|apt-get|aptitude) ;; *) continue;; esac
    # A container's dpkg is not this host's.
    ns=$(readlink "\${c%/comm}/ns/mnt") || ns=
    if [ -z "$ns" ] || [ "$ns" = "$(readlink /proc/self/ns/mnt)" ]; then printf '%s\\n' "$name"; exit 76; fi
  done
  kids=
  for s in /proc/[0-9]*/stat; do
    { read -r line <"$s"; } 2>/dev/null || continue
    parent=\${line##*) }; parent=\${parent#* }
    [ "\${parent%% *}" != "$1" ] || kids="$kids \${line%% *}"
  done
  for signal in TERM KILL; do
    kill -$signal "$1" 2>/dev/null
    for k in $kids; do kill -$signal "-$k" 2>/dev/null || kill -$signal "$k" 2>/dev/null; done
    n=0; while [ "$n" -lt 15 ] && birth "$1"; do sleep 0.2 2>/dev/null || sleep 1; n=$((n+1)); done
  done
}
tries=0
while [ "$tries" -lt 50 ]; do
  tries=$((tries+1))
  lock=$(readlink "$d/lock") || lock=
  if [ -z "$lock" ]; then ln -s "$me" "$d/lock" 2>/dev/null && exit 0; continue; fi
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
      end_lane "$pid"
      continue
    fi
    if ln -s "$me" "$d/after.$pid.$since" 2>/dev/null; then
      if [ "$(readlink "$d/lock")" != "$lock" ]; then rm -f "$d/after.$pid.$since"; break; fi
      rm -f "$d/new.$lane"
      ln -s "$me" "$d/new.$lane" && mv -f "$d/new.$lane" "$d/lock" && rm -f "$d"/after.* && exit 0
      exit 73
    fi
    at=$(readlink "$d/after.$pid.$since") || at=
  done
done
echo "the lock in $d can be neither read nor made" >&2
exit 73
`;

/** Says in the lane's own folder, which is gone with it, which run ($1) it works for: lanes of other accounts than the lock's. */
export const markScript = `printf '%s\\n' "$1" >"\${0%/*}/run"; exit 0
`;

/** Who holds this account's lock, for people; nothing when nobody does. */
export const holderScript = `birth() { born=; { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1; set -- \${line##*) }; case $1 in Z|X) return 1;; esac; born=\${20}; }
u=$(id -u)
for d in /run/play "/dev/shm/play-$u" "/tmp/play-$u"; do
  at=$(readlink "$d/lock" 2>/dev/null) || continue
  pid=\${at%% *}; rest=\${at#* }; since=\${rest%% *}; rest=\${rest#* }
  if birth "$pid" && [ "$born" = "$since" ]; then printf '%s\\n' "\${rest#* }"; fi
done
exit 0
`;
