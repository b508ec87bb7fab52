import { fromBytes } from '../connection/byte-text.ts';
import { ProbeFailure, type PathState, type ProbeKind, type Question, type Stat } from '../contract/index.ts';
import { renamed } from './account-table.ts';
import { filesLimit } from './content.ts';
import { identityFormat, readState, stateFormat, withIdentity } from './stat.ts';

/** One path below a directory. */
export interface Listed extends PathState {
  /** Relative to the directory: `conf.d/a b`. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly accessed: number;
  readonly modified: number;
  readonly changed: number;
  /** Where a link points; empty for all else. */
  readonly target: string;
}

// Names may hold line breaks, which stat(1) cannot keep apart on both GNU and busybox: so names, states and link
// targets are three lists in find's own order. Whether they belong together is seen by their lengths.
/**
 * sh, inside single quotes: lists the current directory, in three lines. Needs PLAY_LINKS in the environment, and
 * `depth`.
 */
export const listingScript = `find . -xdev -mindepth 1 $depth -print0 | base64 | tr -d "\\n"; echo
find . -xdev -mindepth 1 $depth -exec stat -c "${stateFormat} ${identityFormat} %X %Y %Z" {} + | base64 | tr -d "\\n"; echo
find . -xdev -mindepth 1 $depth -type l -exec sh -c "$PLAY_LINKS" sh {} + | base64 | tr -d "\\n"; echo`;

const kind: ProbeKind<readonly Listed[]> = {
  kind: 'listing',
  maxOutput: filesLimit,
  arity: 2,
  timeout: 300,
  sh: `PLAY_LINKS='for p do readlink -n -- "$p"; printf "\\0"; done'; export PLAY_LINKS
xargs -0 -n 2 sh -c '
depth=\${2:+-maxdepth $2}
if cd -- "$1" 2>/dev/null; then
  ${listingScript}
else echo; echo; echo; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => {
      const [names, states, links] = lines.slice(i * 3, i * 3 + 3);
      return parseEntries(names, states, links);
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'accounts' }],
  amid: (answer, _, accounts) => answer.map((one) => renamed(one, accounts)),
  hasOtherNames: (answer) => answer.some((one) => one.hasOtherNames === true),
  changedInPlace: (answer, changed) => answer.map((one) => underOtherName(one, changed)),
  follows: true,
  absent: [],
  ofEmptyDirectory: [],
  addsPlanned: true,
};

function underOtherName(one: Listed, changed: (identity: string) => Stat | undefined): Listed {
  const at = one.identity === undefined ? undefined : changed(one.identity);
  return at === undefined || at.type === 'absent' ? one : { ...one, ...at };
}

/** What the three lines of `listingScript` say. */
export function parseEntries(
  ...lines: readonly [names: string | undefined, states: string | undefined, links: string | undefined]
): readonly Listed[] | ProbeFailure {
  const [names, states, links] = lines.map((line) =>
    line === undefined ? undefined : fromBytes(Buffer.from(line, 'base64')),
  );
  if (names === undefined || states === undefined || links === undefined) return new ProbeFailure('no answer');
  return parse(names.split('\0').slice(0, -1), states.split('\n').slice(0, -1), links.split('\0').slice(0, -1));
}

function parse(
  names: readonly string[],
  states: readonly string[],
  links: readonly string[],
): readonly Listed[] | ProbeFailure {
  if (names.length !== states.length) return new ProbeFailure('the directory changed while it was read; run again');
  const targets = [...links];
  return names.map((name, i) => {
    const words = (states[i] ?? '').split(' ');
    const [accessed, modified, changed] = words.slice(8).map(Number);
    const state = withIdentity(readState(words), words.slice(6));
    return {
      ...state,
      name: name.slice(2),
      accessed: accessed ?? 0,
      modified: modified ?? 0,
      changed: changed ?? 0,
      target: state.type === 'link' ? (targets.shift() ?? '') : '',
    };
  });
}

/**
 * All that is below a directory (a link to one is followed), down to `depth` levels; nothing where there is none. Other
 * file systems are not entered.
 */
export function listing(path: string, depth?: number): Question<readonly Listed[]> {
  return { kind, args: [path, depth === undefined ? '' : String(depth)] };
}
