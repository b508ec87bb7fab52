import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** The largest file whose bytes are brought here to be compared or edited. */
export const contentLimit = 1024 * 1024;

// Only regular files are opened: a pipe would hang, a device never end. One process hashes all.
const hashKind: ProbeKind<string | null> = {
  kind: 'sha256',
  arity: 1,
  sh: `xargs -0 sh -c '
for p do shift
  if [ -f "$p" ]; then set -- "$@" "$p"; echo f; else echo n; fi
done
[ $# -eq 0 ] || sha256sum -- "$@" | while IFS= read -r l; do l=\${l#\\\\}; echo "\${l%% *}"; done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return decodeHashes(lines, questions.length);
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  absent: null,
};

/** xargs may have split the names over several runs: each run prints its flags, then its hashes. */
function decodeHashes(lines: readonly string[], count: number): (string | null | ProbeFailure)[] {
  const answers: (string | null | ProbeFailure)[] = [];
  let at = 0;
  while (answers.length < count && at < lines.length) {
    const flags: string[] = [];
    while (lines[at] === 'f' || lines[at] === 'n') flags.push(lines[at++] ?? '');
    if (flags.length === 0) break;
    for (const flag of flags) {
      if (flag === 'n') answers.push(null);
      else if (/^[0-9a-f]{64}$/.test(lines[at] ?? '')) answers.push(lines[at++] ?? null);
      else answers.push(new ProbeFailure('the file cannot be read'));
    }
  }
  while (answers.length < count) answers.push(new ProbeFailure('no answer'));
  return answers;
}

/** The SHA-256 of a regular file (links followed), in hex; null where there is none. */
export function sha256(path: string): Question<string | null> {
  return { kind: hashKind, args: [path] };
}

/** The bytes of a regular file, or why they are not here. */
export type Content = { readonly bytes: Buffer } | { readonly missing: 'absent' | 'not a regular file' } | { readonly tooLarge: number };

const contentKind: ProbeKind<Content> = {
  kind: 'content',
  arity: 1,
  sh: `xargs -0 sh -c '
for p do
  if [ -f "$p" ]; then
    if s=$(wc -c <"$p"); then
      if [ "$s" -le ${contentLimit} ]; then echo f; base64 <"$p"; echo .; else echo "l $s"; fi
    else echo e; fi
  elif [ -e "$p" ] || [ -L "$p" ]; then echo n; else echo a; fi
done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    let at = 0;
    return questions.map(() => {
      const line = lines[at++] ?? '';
      if (line === 'f') {
        const end = lines.indexOf('.', at);
        const bytes = Buffer.from(lines.slice(at, end).join(''), 'base64');
        at = end + 1;
        return { bytes };
      }
      if (line === 'a') return { missing: 'absent' };
      if (line === 'n') return { missing: 'not a regular file' };
      if (line.startsWith('l ')) return { tooLarge: Number(line.slice(2)) };
      return new ProbeFailure(line === 'e' ? 'the file cannot be read' : 'no answer');
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  absent: { missing: 'absent' },
};

/** The bytes of a regular file of at most 1 MiB (links followed). */
export function content(path: string): Question<Content> {
  return { kind: contentKind, args: [path] };
}
