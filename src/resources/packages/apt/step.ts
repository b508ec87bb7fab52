import type { Step } from '../../../contract/index.ts';

// Runs apt-get. It ignores a hang-up, as do all its children: nobody's lost connection may end dpkg half way. Locks are
// waited for by name and number of who holds them: the kernel's list (proc_locks(5)) has the numbers, since apt and
// dpkg lock by fcntl(2).
const script = String.raw`
wait=$1 update=$2 forces=$3 preferences=$4 deb=$5; shift 5
trap '' HUP
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l
case ",$forces," in *,confold,*) export UCF_FORCE_CONFFOLD=1;; *,confnew,*) export UCF_FORCE_CONFFNEW=1;; esac
deadline=$(( $(date +%s) + wait ))
err=$0.err; : >"$err" || exit 1
trap 'rm -f -- "$err" "$0.preferences" "$0.deb"' EXIT
# A package that was fetched lies in a folder that goes with the connection, which dpkg outlives.
if [ -n "$deb" ]; then
  mv -f -- "$deb" "$0.deb" || exit
  for word do shift; [ "$word" != "$deb" ] || word=$0.deb; set -- "$@" "$word"; done
fi
options= plain=
for f in $(echo "$forces" | tr , ' '); do options="$options -o DPkg::Options::=--force-$f" plain="$plain --force-$f"; done
if [ -n "$preferences" ]; then
  { printf '%s\n' "$preferences"; cat /etc/apt/preferences 2>/dev/null || :; } >"$0.preferences" || exit 1
  options="$options -o Dir::Etc::preferences=$0.preferences"
fi

# Who holds a lock of apt or dpkg: one line each.
holders() {
  for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    i=$(stat -c %i "$f" 2>/dev/null) || continue
    for p in $(awk -v i=":$i$" '$2 == "POSIX" && $5 > 0 && $6 ~ i { print $5 }' /proc/locks | sort -un); do
      [ "$p" != $$ ] && ls -l "/proc/$p/fd" 2>/dev/null | grep -qF -- "-> $f" || continue
      echo "$f is held by process $p ($(tr '\000\n' '  ' <"/proc/$p/cmdline" | cut -c1-120))"
    done
  done
}
free() {
  said=
  while held=$(holders); [ -n "$held" ]; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      echo "$held" >&2
      echo "apt is in use on this host, and still was after $wait s" >&2
      exit 75
    fi
    [ "$said" = "$held" ] || echo "$held" | sed 's/^/waiting: /' >&2
    said=$held
    sleep 0.5
  done
}
run() {
  while :; do
    free
    apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=10 $options "$@" </dev/null 2>"$err" && { cat "$err" >&2; return; }
    code=$?
    # Somebody was quicker to take the lock.
    if grep -q 'Could not get lock' "$err" && [ "$(date +%s)" -lt "$deadline" ]; then sleep 1; continue; fi
    cat "$err" >&2
    return "$code"
  done
}

# Lists that were fetched a moment ago, to ask apt what it would do (apt-sh.probe.ts), need not be fetched twice: they are
# put in place, and apt finds that they are the newest. It calls this with its own lock taken. A rename is seen whole, and
# what is left in partial/ apt removes; where one is missing, apt fetches it.
put='cd "$PLAY_LISTS" && for f in *_*; do
  to=/var/lib/apt/lists/$f part=/var/lib/apt/lists/partial/$f.play
  if [ ! -f "$f" ] || [ -h "$f" ] || [ -h "$to" ]; then continue; fi
  if [ -e "$to" ] && [ ! "$f" -nt "$to" ]; then continue; fi
  cp -p "$f" "$part" && mv -f "$part" "$to" || rm -f "$part"
done; :'
fetch() {
  asked=${'$'}{0%/*}/apt
  if [ -e "$asked/refreshed" ] && [ ! -e "$asked/update.failed" ] && [ -z "$(find /etc/apt -newer "$asked/refreshed" 2>/dev/null | head -n 1)" ]; then
    export PLAY_LISTS="$asked/lists"
    run -o "APT::Update::Pre-Invoke::=$put" update || return
  else
    run update || return
  fi
  touch -c /var/lib/apt/lists
}

free
if [ -n "$(dpkg --audit 2>/dev/null)" ] || ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1; then
  echo 'finishing an installation that was interrupted' >&2
  # Where that fails, what is asked for may be just what fixes it: another version of the package that cannot be set up.
  dpkg --configure -a $plain </dev/null || run install --fix-broken || [ $# -gt 0 ] || exit
fi
[ -z "$update" ] || fetch || exit
[ $# -gt 0 ] || exit 0
run "$@" && exit
code=$?
# The lists may name packages that the archive has replaced since.
[ -z "$update" ] && grep -qE '404|Unable to fetch|Failed to fetch' "$err" || exit "$code"
echo 'fetching the package lists anew' >&2
run update || exit
touch -c /var/lib/apt/lists
run "$@"`;

export interface AptStepOptions {
  /** Seconds to wait for locks. */
  readonly lockTimeout: number;
  /** The `--force-` options for dpkg, separated by commas. */
  readonly dpkgOptions: string;
  /** Preferences that count for this alone, above those of the host; empty for none. */
  readonly preferences: string;
  /** A package file in the command that was fetched for this alone, and goes with it. */
  readonly fetched?: { readonly path: string; readonly name: string };
}

/** One run of apt-get, with an update of the lists before it where that is due. Without a command: the update alone. */
export function aptStep(
  command: readonly string[],
  update: boolean,
  { lockTimeout, dpkgOptions, preferences, fetched }: AptStepOptions,
): Step {
  const packages = command
    .filter((word, i) => i > 0 && !word.startsWith('-'))
    .map((word) => (word === fetched?.path ? fetched.name : word))
    .join(', ');
  return {
    script,
    args: [String(lockTimeout), update ? '1' : '', dpkgOptions, preferences, fetched?.path ?? '', ...command],
    detached: true,
    label: command.length === 0 ? 'fetch the package lists' : `${command[0]} ${packages}`.trim(),
  };
}
