import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { recordsFolderSh } from '../../probes/records-folder.ts';

/** A command that goes on by itself. */
export type Job =
  | { readonly is: 'unknown' | 'running' | 'lost' }
  | { readonly is: 'finished'; readonly code: number; readonly stdout: string; readonly stderr: string };

/** What is brought here of its output: the end of it. */
const mostBytes = 1024 * 1024;

const kind: ProbeKind<Job> = {
  kind: 'job',
  arity: 1,
  // It ends without anybody's doing.
  volatile: true,
  sh: `${recordsFolderSh}
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
tr '\\0' '\\n' | while IFS= read -r id; do
  j=$d/jobs/$id
  told() { tail -c ${mostBytes} "$1" 2>/dev/null | base64 | tr -d '\\n'; }
  if [ ! -d "$j" ]; then echo unknown
  elif [ -e "$j/code" ]; then echo "finished $(cat "$j/code") $(told "$j/stdout") $(told "$j/stderr")"
  elif [ "$(cat "$j/boot" 2>/dev/null)" = "$boot" ] && kill -0 "$(cat "$j/pid" 2>/dev/null)" 2>/dev/null; then echo running
  # It may have ended between the two looks.
  elif [ -e "$j/code" ]; then echo "finished $(cat "$j/code") $(told "$j/stdout") $(told "$j/stderr")"
  else echo lost; fi
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): Job | ProbeFailure => {
      const [is, code, out = '', err = ''] = (lines[i] ?? '').split(' ');
      if (is === 'unknown' || is === 'running' || is === 'lost') return { is };
      if (is !== 'finished' || !/^\d{1,3}$/.test(code ?? '')) return new ProbeFailure('no answer');
      const [printed, errors] = [out, err].map((coded) => Buffer.from(coded, 'base64').toString('utf8'));
      return { is, code: Number(code), stdout: printed ?? '', stderr: errors ?? '' };
    });
  },
  depends: () => [{ on: 'everything' }],
};

/** What has become of a command that was started by `asyncCommand`. */
export const job = (id: string): Question<Job> => ({ kind, args: [id] });
