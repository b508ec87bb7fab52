import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** What debconf has of a question. */
export type DebconfAnswer =
  | { readonly missing: 'debconf' }
  | {
      /** null: the question is not known. */
      readonly value: string | null;
      readonly seen: boolean;
    };

// debconf-communicate(1) tells passwords too, which debconf-show(1) does not. It opens the database for all questions once.
const kind: ProbeKind<DebconfAnswer> = {
  kind: 'debconf',
  arity: 1,
  sh: `command -v debconf-communicate >/dev/null || { echo missing; exit 0; }
tr '\\0' '\\n' | while IFS= read -r q; do printf 'GET %s\\nFGET %s seen\\n' "$q" "$q"; done | DEBIAN_FRONTEND=noninteractive debconf-communicate`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i): DebconfAnswer | ProbeFailure => {
      if (lines[0] === 'missing') return { missing: 'debconf' };
      const [get, seen] = lines.slice(i * 2, i * 2 + 2);
      const [, code, value = ''] = /^(\d+) ?(.*)$/.exec(get ?? '') ?? [];
      if (code === undefined) return new ProbeFailure(stderr.trim() || 'debconf-communicate gave no answer');
      // 10: the question is not known (debconf-devel(7)).
      return code === '0' ? { value, seen: seen === '0 true' } : { value: null, seen: false };
    });
  },
  depends: () => [{ on: 'named', name: 'debconf' }, { on: 'packages' }],
};

/** The answer debconf has stored for a question. */
export function debconfAnswer(question: string): Question<DebconfAnswer> {
  return { kind, args: [question] };
}
