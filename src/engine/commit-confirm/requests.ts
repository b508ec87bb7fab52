import type { LaneRequest } from '../../connection/index.ts';
import { recordsFolderSh } from '../../probes/index.ts';
import { finishSh } from './finish-sh.ts';
import { saveSh } from './save-sh.ts';
import type { Numbered } from './saved.ts';
import { undoSh } from './undo-sh.ts';

/** Exit code: it was put back already, or is about to be. */
export const putBack = 75;

/** sh: the folders of a change that waits, by its id in $1. */
const placeSh = `${recordsFolderSh}; o=$d/commit-confirm g=$d/commit-confirm/$1 mode=; umask 077
booted() { [ -d /run/systemd/system ]; }
${finishSh}`;

/** What is saved before a change, and when it is put back. */
export interface Arming {
  readonly id: string;
  /** Seconds from now. */
  readonly within: number;
  /** Counts from 1: each arming of the same id begins the time anew and saves more. */
  readonly generation: number;
  /** sh to run in the end, when all else was put back; empty for none. */
  readonly undo: string;
  /** A line of JSON, for who finds it. */
  readonly record: string;
  /** What was not saved before, each with a number of its own. */
  readonly saved: readonly Numbered[];
}

/**
 * Saves the old state, and has the host put it back by itself: by a monotonic timer of systemd, which no change of the
 * clock moves, else by a process that sleeps. Sent ahead of the change, in its exchange. Should the host be rebooted
 * meanwhile, a unit does it before anything reads what is put back.
 */
export function armRequest({ id, within, generation, undo, record, saved }: Arming): LaneRequest {
  return {
    script: `${placeSh}
${saveSh}
within=$2 generation=$3 more=$4
shift 4
# A full disk, say: nothing of it is left, neither the folder nor the unit for the next boot.
fail() { [ "$generation" != 1 ] || { rm -rf -- "$g"; swept; }; exit 1; }
IFS= read -r record
(umask 022; mkdir -p "$o") && [ -O "$o" ] && [ ! -L "$o" ] || exit 1
if [ "$generation" = 1 ]; then
  mkdir "$g" "$g/saved" "$g/ready" && cat >"$g/undo" && printf %s "$more" >"$g/more" && printf '' >"$g/said" && echo "         " >"$g/ready/undo" || fail
elif [ -e "$g/claim" ] || [ ! -d "$g" ]; then echo "what this run changed before was put back meanwhile" >&2; exit ${putBack}
fi
printf '%s\\n' "$record" >"$g/.record" && mv -f "$g/.record" "$g/record" || fail
# Where the disk is full by then, this is what the host tells.
told="$(date +%s) $record
nobody confirmed it, and the disk was full: no more is known"
printf '%s\\n\\n' "$told" >"$g/undone" && printf '%s\\nnot all of it\\n' "$told" >"$g/undone-not" || fail
while [ $# -gt 0 ]; do save "$1" "$2" "$3" || { echo "$3 cannot be saved" >&2; fail; }; shift 3; done
sync -f "$g" 2>/dev/null || sync
if booted && [ "$(id -u)" = 0 ] && has systemd-run; then
  [ "$generation" != 1 ] || boot_on || fail
  systemd-run --quiet --collect --unit="play-commit-confirm-\${g##*/}-$generation" --description="Puts back what play changed, unless it is confirmed" \\
    --on-active="$within" --timer-property=AccuracySec=100ms /bin/sh "$g/undo" timer "$generation" || fail
else
  setsid sh -c 'sleep "$1"; exec sh "$2" timer "$3"' sh "$within" "$g/undo" "$generation" </dev/null >/dev/null 2>&1 &
  echo $! >"$g/waits"
fi
read -r up rest </proc/uptime
echo "$((\${up%.*} + within))" >"$g/until"
{ read -r stat </proc/$PPID/stat && set -- \${stat##*) } && echo "$PPID \${20}" >"$g/lane"; } 2>/dev/null || :
echo "$generation" >"$g/.generation" && mv -f "$g/.generation" "$g/generation" || fail
[ "$generation" = 1 ] || ! booted || systemctl --quiet --no-block stop "play-commit-confirm-\${g##*/}-$((generation - 1)).timer" 2>/dev/null || :`,
    args: [
      id,
      String(within),
      String(generation),
      undo,
      ...saved.flatMap(({ number, kind, name }) => [number, kind, name]),
    ],
    stdin: Buffer.from(`${record}\n${generation === 1 ? undoSh : ''}`),
    afterSuccess: true,
    timeout: 120,
  };
}

/** Lets a change stand. Ends with `putBack` where it is too late. */
export function confirmRequest(id: string): LaneRequest {
  return {
    script: `${placeSh}
[ -d "$g" ] || exit ${putBack}
c=$g/claim.$$
mkdir "$c" && : >"$c/confirmed" || exit 1
mv -T -- "$c" "$g/claim" 2>/dev/null || { rm -rf -- "$c"; exit ${putBack}; }
finish`,
    args: [id],
    timeout: 60,
  };
}

/** Puts the old state back now, or waits until that is done where it is under way. Code 0: all of it is back. */
export function undoRequest(id: string, why: string): LaneRequest {
  return {
    script: `${placeSh}
if [ -f "$g/undo" ]; then sh "$g/undo" now "$2" "$PPID"; code=$?; else code=${putBack}; fi
[ "$code" = ${putBack} ] || exit "$code"
while [ -d "$g" ]; do sleep 0.2; done
[ -f "$g.undone" ] && { read -r first; read -r why; read -r errors; [ -z "$errors" ] || { echo "$errors"; exit 1; }; } <"$g.undone"`,
    args: [id, why],
    timeout: 120,
  };
}

/** Takes records off that were told. */
export function forgetRequest(ids: readonly string[]): LaneRequest {
  return {
    script: `${placeSh}
for n; do rm -f -- "$o/$n.undone"; done
swept`,
    args: ids,
  };
}
