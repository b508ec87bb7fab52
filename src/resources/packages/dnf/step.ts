import type { Step } from '../../../contract/index.ts';

// Runs dnf. It ignores a hang-up, as do its children: nobody's lost connection may end rpm half way. dnf 4 leaves with
// code 200 if another process has the lock, unless it may wait for ever. $1: seconds to wait; then dnf's arguments.
const script = `wait=$1; shift
trap '' HUP
export LC_ALL=C.UTF-8
deadline=$(( $(date +%s) + wait ))
while :; do
  dnf -y --setopt=exit_on_lock=True "$@" </dev/null >&2
  code=$?
  [ "$code" = 200 ] || exit "$code"
  [ "$(date +%s)" -lt "$deadline" ] || { echo "dnf is in use on this host, and still was after $wait s" >&2; exit 75; }
  sleep 1
done`;

/** One run of dnf. */
export function dnfStep(command: readonly string[], label: string, lockTimeout: number): Step {
  return { script, args: [String(lockTimeout), ...command], detached: true, label };
}
