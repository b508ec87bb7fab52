import type { ProbeKind, Question } from '../../contract/index.ts';

/** What setfacl(1) would change. */
export type AclTest = { readonly paths: number } | { readonly problem: string } | { readonly missing: 'setfacl' };

// `setfacl --test` tells for each path what it would become: `PATH: ACL,DEFAULT`, `*` for a part that stays. Names may
// hold line breaks, so only ends of lines that tell of a change are counted, on the host: a million right files cost
// one number.
const kind: ProbeKind<AclTest> = {
  kind: 'acl',
  arity: 4,
  timeout: 120,
  sh: `xargs -0 -n 4 sh -c '
command -v setfacl >/dev/null || { printf "missing\\0"; exit 0; }
said=$( { setfacl --test $1 "$2" "$3" -- "$4"; echo "code $?" >&2; } 2>&1 >/dev/null )
case $said in
  *"code 0") printf "ok %s\\0" "$(setfacl --test $1 "$2" "$3" -- "$4" 2>/dev/null | grep -c ": \\(u::[^ ]*\\|\\*,[^* ]*\\)\\$")" ;;
  *) printf "no %s\\0" "$said" ;;
esac' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i): AclTest => {
      const part = parts[i] ?? '';
      if (part === 'missing') return { missing: 'setfacl' };
      return part.startsWith('ok ')
        ? { paths: Number(part.slice(3)) }
        : { problem: part.replace(/^no |\n?code \d+$/g, '').trim() };
    });
  },
  depends: ([, , , path = '']) => [{ on: 'below', path }, { on: 'accounts' }, { on: 'packages' }],
};

/**
 * How many paths `setfacl FLAGS VERB ENTRY PATH` would change. `flags` are constant words of the program, by blanks.
 */
export function aclTest(flags: string, verb: string, entry: string, path: string): Question<AclTest> {
  return { kind, args: [flags, verb, entry, path] };
}
