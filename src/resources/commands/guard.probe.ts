import type { ProbeKind, Question } from '../../contract/index.ts';
import { walkSh } from '../../probes/walk.ts';

const kind: ProbeKind<number> = {
  kind: 'guard',
  arity: 2,
  timeout: 120,
  // User code: what a change before it may alter, nobody declared, so it depends on everything and is never asked
  // ahead.
  volatile: true,
  sh: `xargs -0 -n 2 sh -c '
${walkSh}
if [ "\${2:-/}" = / ] && cd / || enter "$2" 2>/dev/null; then PWD=\${2:-/}; export PWD; timeout 60 sh -c "$1" >/dev/null 2>&1 </dev/null; echo $?; else echo 127; fi' sh`,
  decode: (stdout, questions) => {
    const codes = stdout.toString('utf8').split('\n');
    return questions.map((_, i) => Number(codes[i] || 127));
  },
  depends: () => [{ on: 'everything' }],
};

/**
 * The exit code of a read-only command of the playbook's author: `unless`, `onlyIf`. 124 when it took over a minute.
 */
export function guard(script: string, cwd = ''): Question<number> {
  return { kind, args: [script, cwd] };
}
