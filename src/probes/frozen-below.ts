import { fromBytes } from '../connection/byte-text.ts';
import type { ProbeKind, Question } from '../contract/index.ts';
import { mountsSubject } from './writability.ts';

/** A path that the kernel lets nobody change (chattr(1)). */
export interface Frozen {
  readonly path: string;
  readonly is: 'immutable' | 'append-only';
}

/** More of them say no more. */
const most = 50;

// The flags come first in each line; where there is no lsattr, or a file system has no such flags, none are known.
const kind: ProbeKind<readonly Frozen[]> = {
  kind: 'frozen-below',
  arity: 1,
  timeout: 900,
  sh: `xargs -0 -n 1 sh -c '
find "$1" -xdev -mindepth 1 \\( -type f -o -type d \\) -exec lsattr -d -- {} + 2>/dev/null | grep "^[-A-Za-z]*[ia][-A-Za-z]* /" | head -n ${most}
printf "\\0"' sh; exit 0`,
  decode(stdout, questions) {
    const parts = fromBytes(stdout).split('\0');
    return questions.map((_, i) =>
      (parts[i] ?? '').split('\n').flatMap((line): Frozen[] => {
        const [, flags = '', path] = /^([-A-Za-z]+) (\/.*)$/.exec(line) ?? [];
        return path === undefined ? [] : [{ path, is: flags.includes('i') ? 'immutable' : 'append-only' }];
      }),
    );
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, mountsSubject],
  absent: [],
  ofEmptyDirectory: [],
  addsPlanned: true,
  tellsPaths: true,
};

/** The first of what cannot be changed below a directory, mount points not entered. */
export function frozenBelow(path: string): Question<readonly Frozen[]> {
  return { kind, args: [path] };
}
