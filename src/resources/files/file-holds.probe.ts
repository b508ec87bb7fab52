import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

const kind: ProbeKind<boolean> = {
  kind: 'file-holds',
  arity: 2,
  timeout: 300,
  sh: `xargs -0 -n 2 sh -c 'grep -qsE -e "$2" -- "$1"; echo $?' sh 2>&1`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map(([, pattern = ''], i) =>
      lines[i] === '0' || lines[i] === '1'
        ? lines[i] === '0'
        : new ProbeFailure(`the file cannot be searched for ${pattern}`),
    );
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  follows: true,
  files: ([path = '']) => [path],
};

/** Whether a line of a file fits an extended regular expression (regex(7)). */
export function fileHolds(path: string, pattern: string): Question<boolean> {
  return { kind, args: [path, pattern] };
}
