/** What git's questions about a place have in common, with and without a working copy. */
import { ProbeFailure } from '../../contract/index.ts';

/**
 * As root git is not run there: others could have it run what they like (hooks, filters, `core.fsmonitor`), or write
 * through links of theirs.
 */
export interface ForeignCopy {
  readonly is: 'foreign';
  readonly path: string;
  /** Whose it is; `root` where others may write in it. */
  readonly owner: string;
  /** There is a working copy, of whatever kind. */
  readonly isThere: boolean;
}

/** What is at a place where git has nothing, or is not run. */
export type NoRepository = { readonly is: 'absent' | 'empty' | 'other' | 'no tool' } | ForeignCopy;

/** sh: the last branches of an `if` about "$1" that ends an answer, where it is no repository. Holds no single quote. */
export const orNoRepository = `elif [ -L "$1" ] && [ ! -e "$1" ]; then echo other
elif [ ! -e "$1" ]; then echo absent
elif [ -d "$1" ] && [ -z "$(ls -A -- "$1")" ]; then echo empty
else echo other; fi
echo .`;

/**
 * Answers that end in a line of a dot: what is there, then its fields in base64.
 *
 * @param readRepository the rest; undefined where it makes no sense
 */
export function readPlaces<R>(
  stdout: Buffer,
  count: number,
  readRepository: (is: string, fields: readonly string[]) => R | undefined,
): (NoRepository | R | ProbeFailure)[] {
  const lines = stdout.toString('latin1').split('\n');
  let at = 0;
  return Array.from({ length: count }, () => {
    const end = lines.indexOf('.', at);
    const [is = '', ...rest] = lines.slice(at, end);
    at = end + 1;
    if (is === 'absent' || is === 'empty' || is === 'other' || is === 'no tool') return { is };
    if (is === 'foreign') return { is, path: textOf(rest[0]), owner: textOf(rest[1]), isThere: textOf(rest[2]) !== '' };
    return readRepository(is, rest) ?? new ProbeFailure('no answer');
  });
}

/** A field. */
export const textOf = (line = ''): string => Buffer.from(line, 'base64').toString('utf8');

/**
 * sh: `line` prints what it reads as a field; `$t` is a folder for this question alone, which goes with it. Needs
 * `PLAY_LANE`; holds no single quote.
 */
export const scratchSh = `line() { base64 | tr -d "\\n"; echo; }
t=$(mktemp -d /var/tmp/play.$PLAY_LANE.git.XXXXXX) || exit 1
trap "rm -rf -- $t" EXIT
trap "exit 1" HUP INT TERM`;
