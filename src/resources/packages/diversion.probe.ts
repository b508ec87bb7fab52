import { fromBytes } from '../../connection/byte-text.ts';
import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** What dpkg does with a path that packages bring. */
export type Diversion =
  | 'no dpkg'
  | {
      /** The package whose copy stays at the path, or `LOCAL` for none; null where it is not diverted. */
      readonly holder: string | null;
      /** Where the copies of (other) packages go. */
      readonly divert: string;
    };

// `--list` prints sentences for people; these two print one thing each.
const kind: ProbeKind<Diversion> = {
  kind: 'diversion',
  arity: 1,
  sh: `if command -v dpkg-divert >/dev/null 2>&1
then xargs -0 sh -c 'for p do dpkg-divert --listpackage "$p" && dpkg-divert --truename "$p"; printf "\\0"; done' sh
else xargs -0 sh -c 'for p do printf "none\\0"; done' sh; fi`,
  decode(stdout, questions) {
    const parts = fromBytes(stdout).split('\0');
    return questions.map((_, i) => {
      const part = parts[i] ?? '';
      if (part === 'none') return 'no dpkg';
      const lines = part.replace(/\n$/, '').split('\n');
      const [holder, divert] = lines.length === 1 ? [null, lines[0]] : lines;
      return divert === undefined || divert === '' || holder === undefined
        ? new ProbeFailure('dpkg-divert gave no answer')
        : { holder, divert };
    });
  },
  depends: () => [{ on: 'packages' }],
  files: () => ['/var/lib/dpkg/diversions'],
};

/** Whether dpkg diverts a path (dpkg-divert(1)), which has no line break in it. */
export function diversion(path: string): Question<Diversion> {
  return { kind, args: [path] };
}
