import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** The kernel's rules, as iptables sees them. */
export const iptablesSubject: Subject = { on: 'named', name: 'iptables' };

export type IpVersion = 'ipv4' | 'ipv6';

/** What iptables tells of a chain or a rule; `refused`: it takes no such rule, and why. */
export type IptablesAnswer =
  | { readonly is: 'there'; readonly policy: string; readonly rules: number }
  | { readonly is: 'missing' }
  | { readonly is: 'no iptables' }
  | { readonly is: 'refused'; readonly why: string };

// iptables -C ends with 1 for a rule that is not there, in which case it says nothing else, and otherwise for one that it does not take
// (iptables(8)). Words of a rule are encoded, as they may hold blanks.
const kind: ProbeKind<IptablesAnswer> = {
  kind: 'iptables',
  arity: 4,
  sh: `tr '\\0' '\\n' | while IFS= read -r version && IFS= read -r table && IFS= read -r chain && IFS= read -r rest; do
  case $version in ipv6) tool=ip6tables ;; *) tool=iptables ;; esac
  command -v "$tool" >/dev/null 2>&1 || { echo none; continue; }
  if [ -z "$rest" ]; then
    if out=$(LC_ALL=C "$tool" -w -t "$table" -S "$chain" 2>&1 </dev/null); then
      printf 'there %s %s\\n' "$(printf '%s\\n' "$out" | sed -n 's/^-P [^ ]* //p')" "$(printf '%s\\n' "$out" | grep -c '^-A')"
    else printf '%s\\n' "$out" | grep -q -e 'No chain' -e 'is incompatible' && echo missing || printf 'refused %s\\n' "$(printf '%s\\n' "$out" | sed -n 1p)"; fi
    continue
  fi
  set --
  while [ -n "$rest" ]; do
    set -- "$@" "$(printf %s "\${rest%%,*}" | base64 -d)"
    case $rest in *,*) rest=\${rest#*,} ;; *) rest= ;; esac
  done
  out=$(LC_ALL=C "$tool" -w -t "$table" -C "$chain" "$@" 2>&1 </dev/null)
  case $? in 0) echo there - 0 ;; 1) printf '%s\\n' "$out" | grep -q -e 'Bad rule' -e 'No chain' && echo missing || printf 'refused %s\\n' "$(printf '%s\\n' "$out" | sed -n 1p)" ;;
  *) printf 'refused %s\\n' "$(printf '%s\\n' "$out" | sed -n 1p)" ;; esac
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i): IptablesAnswer | ProbeFailure => {
      const [, word, rest = ''] = /^(\w+)(?: (.*))?$/.exec(lines[i] ?? '') ?? [];
      if (word === 'none') return { is: 'no iptables' };
      if (word === 'missing') return { is: 'missing' };
      if (word === 'refused') return { is: 'refused', why: rest.replace(/^ip6?tables\S* v\S+ \([^)]*\): /, '') };
      if (word !== 'there') return new ProbeFailure('no answer');
      const [policy = '', rules = '0'] = rest.split(' ');
      return { is: 'there', policy, rules: Number(rules) };
    });
  },
  depends: () => [{ on: 'packages' }, iptablesSubject],
};

/** A chain: its policy, and how many rules it has. */
export function iptablesChain(version: IpVersion, table: string, chain: string): Question<IptablesAnswer> {
  return { kind, args: [version, table, chain, ''] };
}

/** Whether a chain has a rule. @param words as iptables(8) takes them */
export function iptablesRule(
  version: IpVersion,
  table: string,
  chain: string,
  words: readonly string[],
): Question<IptablesAnswer> {
  return { kind, args: [version, table, chain, words.map((one) => Buffer.from(one).toString('base64')).join(',')] };
}
