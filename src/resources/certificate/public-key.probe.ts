import type { ProbeKind, Question } from '../../contract/index.ts';

const kind: ProbeKind<string | null> = {
  kind: 'public-key',
  arity: 1,
  // Only the public half leaves the host. An empty passphrase, so that nothing is asked for.
  sh: `xargs -0 sh -c 'for p do if [ -f "$p" ]; then openssl pkey -in "$p" -passin pass: -pubout 2>/dev/null | base64 | tr -d "\\n"; fi; echo; done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => (lines[i] ? Buffer.from(lines[i], 'base64').toString('utf8') : null));
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'packages' }],
  follows: true,
  files: ([path = '']) => [path],
  absent: null,
};

/** The public half of a private key on the host, PEM; null where there is none that can be read. */
export function publicKey(path: string): Question<string | null> {
  return { kind, args: [path] };
}
