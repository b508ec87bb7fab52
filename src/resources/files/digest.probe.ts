import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { sha256 } from '../../probes/content.ts';

export const digestAlgorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** A file's digest, in lower-case hex. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
}

/** How many hexadecimal digits a digest has. */
export const digestLength: Readonly<Record<DigestAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

const kind: ProbeKind<string | null> = {
  kind: 'digest',
  arity: 2,
  sh: `xargs -0 -n 2 sh -c '
if [ ! -f "$1" ]; then echo n
elif ! command -v "$2sum" >/dev/null 2>&1; then echo "e the host has no $2sum"
elif h=$("$2sum" <"$1"); then echo "h\${h%% *}"
else echo "e the file cannot be read"; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => {
      const line = lines[i] ?? '';
      if (line === 'n') return null;
      return line.startsWith('h')
        ? line.slice(1)
        : new ProbeFailure(line.startsWith('e ') ? line.slice(2) : 'no answer');
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  files: ([path = '']) => [path],
  follows: true,
  absent: null,
  ofDirectory: null,
};

/** The digest of a regular file (links followed), in hex; null if there is none. */
export function digestOf(path: string, algorithm: DigestAlgorithm): Question<string | null> {
  return algorithm === 'sha256' ? sha256(path) : { kind, args: [path, algorithm] };
}
