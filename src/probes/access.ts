import type { ProbeKind, Question } from '../contract/index.ts';

/**
 * What whoever asks may do with a path, links followed, as the kernel sees it: modes, lists of access control and
 * mounts.
 */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  /** Run it; enter a folder. */
  readonly execute: boolean;
}

const kind: ProbeKind<Access> = {
  kind: 'access',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do
  a=; [ ! -r "$p" ] || a=r; [ ! -w "$p" ] || a=\${a}w; [ ! -x "$p" ] || a=\${a}x; echo "$a"
done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => ({
      read: lines[i]?.includes('r') === true,
      write: lines[i]?.includes('w') === true,
      execute: lines[i]?.includes('x') === true,
    }));
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'accounts' }],
  follows: true,
};

export function access(path: string): Question<Access> {
  return { kind, args: [path] };
}
