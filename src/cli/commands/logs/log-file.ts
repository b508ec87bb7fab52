import { defaultLines } from './journal.ts';
import type { Cursor } from './log-line.ts';
import type { LogFlags } from './logs-command.ts';

/**
 * sh that prints `@file INODE FIRST` and then a file from its line FIRST on: $1 the file, $2 how many of its last lines,
 * $3 `follow`, $4 and $5 the inode and the line that come next, from an earlier connection.
 */
export const fileScript = `f=$1 lines=$2 mode=$3 inode=$4 next=$5
case $f in /*) ;; *) f=./$f;; esac
[ -r "$f" ] || { if [ -e "$f" ]; then echo "$f is not for this user to read" >&2; else echo "there is no $f" >&2; fi; exit 66; }
now=$(stat -c %i -- "$f")
if [ -z "$inode" ]; then
  next=$(($(wc -l <"$f") - lines + 1)); [ "$next" -gt 0 ] || next=1
elif [ "$next" = 0 ]; then
  next=$(($(wc -l <"$f") + 1)); echo "$f was replaced before the connection was lost: lines may be missing here" >&2
elif [ "$inode" != "$now" ] || [ "$(wc -l <"$f")" -lt "$((next - 1))" ]; then
  next=1; echo "$f was replaced meanwhile: the last lines of the old one may be missing here" >&2
fi
echo "@file $now $next"
if [ "$mode" = follow ]; then exec tail -n "+$next" -F -- "$f"; fi
exec tail -n "+$next" -- "$f"`;

/** Where in a file the reading is: by lines, as what is masked has other lengths. */
export class FilePlace {
  #inode = '';
  #next = 0;

  /** Takes in a line of `fileScript`. @returns whether it is one of the file's */
  hear(line: string): boolean {
    const [, inode, next] = (this.#inode === '' || this.#isFresh ? /^@file (\d+) (\d+)$/.exec(line) : undefined) ?? [];
    if (next !== undefined) {
      this.#inode = inode ?? '';
      this.#next = Number(next);
      this.#isFresh = false;
      return false;
    }
    if (this.#next > 0) this.#next++;
    return true;
  }

  #isFresh = true;

  /** Another connection begins: its first line says where. */
  restart(): void {
    this.#isFresh = true;
  }

  /** tail(1) goes on with another file of this name, and how many lines of that there were nobody counted. */
  lose(): void {
    this.#next = 0;
  }

  /** The last two arguments of `fileScript`. */
  get arguments(): readonly Cursor[] {
    return this.#inode === '' ? ['', ''] : [this.#inode, String(this.#next)];
  }
}

/** What tail(1) says when the file is not the same any more. */
export const isReplaced = (line: string): boolean =>
  /^tail: .*(has been replaced|has appeared|file truncated)/.test(line);

/** The arguments of `fileScript`. */
export function fileArguments(file: string, flags: LogFlags, place: FilePlace): string[] {
  return [file, String(flags.lines ?? defaultLines), flags.follow ? 'follow' : '', ...place.arguments];
}
