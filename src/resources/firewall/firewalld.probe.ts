import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** What firewalld holds, in force and on disk. */
export const firewalldSubject: Subject = { on: 'named', name: 'firewalld' };

export type FirewalldAnswer = 'yes' | 'no' | 'no firewalld' | 'not running' | { readonly refused: string };

// firewall-cmd(1) asks the daemon, and ends with 1 for no, 252 where it does not run. It takes half a second each time.
const kind: ProbeKind<FirewalldAnswer> = {
  kind: 'firewalld',
  arity: 3,
  timeout: 120,
  sh: `tr '\\0' '\\n' | while IFS= read -r where && IFS= read -r zone && IFS= read -r query; do
  command -v firewall-cmd >/dev/null 2>&1 || { echo none; continue; }
  set -- "$query"
  [ -z "$zone" ] || set -- "--zone=$zone" "$@"
  [ "$where" = now ] || set -- --permanent "$@"
  out=$(LC_ALL=C firewall-cmd "$@" 2>&1 </dev/null)
  case $? in 0) echo yes ;; 1) echo no ;; 252) echo down ;; *) printf 'refused %s\\n' "$(printf '%s\\n' "$out" | sed -n 1p)" ;; esac
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i): FirewalldAnswer | ProbeFailure => {
      const line = lines[i] ?? '';
      if (line === 'yes' || line === 'no') return line;
      if (line === 'none') return 'no firewalld';
      if (line === 'down') return 'not running';
      return line.startsWith('refused ')
        ? { refused: line.slice('refused '.length).replace(/^Error: /, '') }
        : new ProbeFailure('no answer');
    });
  },
  depends: () => [{ on: 'packages' }, { on: 'unit', unit: 'firewalld.service' }, firewalldSubject],
};

/** Whether a zone has something. @param zone empty: the default one @param query `service=ssh`, `masquerade` */
export function firewalldHas(where: 'now' | 'permanent', zone: string, query: string): Question<FirewalldAnswer> {
  return { kind, args: [where, zone, `--query-${query}`] };
}
