import type { ProbeKind, Question } from '../../contract/index.ts';
import { walkSh } from '../../probes/walk.ts';
import { askFolderSh } from './command.probe.ts';

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
  decode,
  depends: () => [{ on: 'everything' }],
};

// As a file, for its text may hold secrets, and what stands behind `sh -c` is seen in the process list.
const textKind: ProbeKind<number> = {
  ...kind,
  kind: 'guard-text',
  arity: 1,
  sh: `${askFolderSh}tr '\\0' '\\n' | while IFS= read -r script; do
  printf %s "$script" | base64 -d >"$d/script"
  timeout 60 sh "$d/script" >/dev/null 2>&1 </dev/null; echo $?
done`,
};

function decode(stdout: Buffer, questions: readonly unknown[]): number[] {
  const codes = stdout.toString('utf8').split('\n');
  return questions.map((_, i) => Number(codes[i] || 127));
}

/**
 * The exit code of a read-only command of the playbook's author: `unless`, `onlyIf`. 124 when it took over a minute.
 */
export function guard(script: string, cwd = ''): Question<number> {
  return { kind, args: [script, cwd] };
}

/** The same of sh text that says all by itself: where it runs, and with which environment. */
export function guardText(text: string): Question<number> {
  return { kind: textKind, args: [Buffer.from(text).toString('base64')] };
}
