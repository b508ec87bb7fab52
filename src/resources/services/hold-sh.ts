import { createHash } from 'node:crypto';
import { holdsFolder } from '../../probes/index.ts';

/** When a hold ends: seconds from now, or since the epoch. */
export type HoldEnd = { readonly after: number } | { readonly at: number };

/** What is to be done on a host, as root. */
interface HoldStep {
  readonly script: string;
  readonly args: readonly string[];
  readonly timeout: number;
}

/** A hold as it is to be recorded; since when is the host's to say. */
export interface NewHold {
  readonly unit: string | undefined;
  readonly names: readonly string[];
  readonly by: string;
  /** The code that holds it; left out for a person. */
  readonly holder?: string | undefined;
  readonly reason: string;
}

/** Exit codes of `writeHold`. */
export const holdCode = { taken: 73, past: 74 } as const;

/** Forgets what has expired, so that a hold taken twice is not in its own way. */
const tidySh = `
now=$(date +%s)
for f in "$h"/*.hold; do
  [ -f "$f" ] && read -r s u j <"$f" || continue
  [ "$u" = 0 ] || [ "$u" -gt "$now" ] || rm -f "$f"
done`;

/**
 * Records a hold. A link makes the file, so that of two operators at once one learns of the other; our own is
 * replaced.
 */
export function writeHold(hold: NewHold, until: HoldEnd | undefined, replaces: boolean): HoldStep {
  const end = until === undefined ? '' : 'after' in until ? `+${until.after}` : String(until.at);
  return {
    script: `set -e; umask 022; d=\${1%/*} h=$1
mkdir -p "$h"; chmod 755 "$d" "$h"
${tidySh}
case $3 in '') u=0;; +*) u=$((now + \${3#+}));; *) u=$3;; esac
[ "$u" = 0 ] || [ "$u" -gt "$now" ] || exit ${holdCode.past}
t=$(mktemp "$h/.new.XXXXXX"); trap 'rm -f "$t"' EXIT
printf '%s %s %s\\n' "$now" "$u" "$5" >"$t"; chmod 644 "$t"
sync "$t" 2>/dev/null || sync
if [ "$4" = replace ]; then mv -f "$t" "$h/$2.hold"; else ln "$t" "$h/$2.hold" 2>/dev/null || exit ${holdCode.taken}; fi`,
    args: [holdsFolder, fileOf(hold.unit), end, replaces ? 'replace' : '', JSON.stringify(hold)],
    timeout: 60,
  };
}

/** Takes holds off; the folders go with the last. */
export function removeHolds(units: readonly (string | undefined)[]): HoldStep {
  return {
    script: `h=$1 d=\${1%/*}; shift
for n; do rm -f "$h/$n.hold" || exit 1; done
for f in "$h"/*.hold; do [ ! -e "$f" ] || exit 0; done
rm -f "$h/overruled"; rmdir "$h" "$d" 2>/dev/null; exit 0`,
    args: [holdsFolder, ...units.map(fileOf)],
    timeout: 60,
  };
}

function fileOf(unit: string | undefined): string {
  return unit === undefined ? 'host' : createHash('sha256').update(unit).digest('hex');
}
