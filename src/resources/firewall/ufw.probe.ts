import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** ufw's rules and what they come to in the kernel. */
export const ufwSubject: Subject = { on: 'named', name: 'ufw' };

/** The files that ufw keeps its rules and settings in. */
export const ufwFiles = ['/etc/default/ufw', '/etc/ufw/ufw.conf', '/etc/ufw/user.rules', '/etc/ufw/user6.rules'];

export type UfwPolicy = 'allow' | 'deny' | 'reject';

export interface UfwState {
  /** In force now. */
  readonly isActive: boolean;
  /** In force from the next boot on. */
  readonly isEnabled: boolean;
  readonly incoming: UfwPolicy;
  readonly outgoing: UfwPolicy;
  readonly routed: UfwPolicy;
  /** `off`, `low` ... */
  readonly logging: string;
}

const policies: Readonly<Record<string, UfwPolicy>> = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' };

const stateKind: ProbeKind<UfwState | 'no ufw'> = {
  kind: 'ufw-state',
  arity: 1,
  sh: `if ! command -v ufw >/dev/null 2>&1; then echo none; exit; fi
LC_ALL=C ufw status 2>/dev/null | head -n 1
grep -hE '^(DEFAULT_(INPUT|OUTPUT|FORWARD)_POLICY|ENABLED|LOGLEVEL)=' /etc/default/ufw /etc/ufw/ufw.conf`,
  decode(stdout, questions) {
    const text = stdout.toString('utf8');
    const value = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
    const [incoming, outgoing, routed] = ['INPUT', 'OUTPUT', 'FORWARD'].map(
      (chain) => policies[value(`DEFAULT_${chain}_POLICY`)],
    );
    const answer =
      text.trim() === 'none'
        ? 'no ufw'
        : incoming === undefined || outgoing === undefined || routed === undefined
          ? new ProbeFailure('ufw gave no answer')
          : {
              isActive: /^Status: active/m.test(text),
              isEnabled: value('ENABLED').toLowerCase() === 'yes',
              incoming,
              outgoing,
              routed,
              logging: value('LOGLEVEL'),
            };
    return questions.map(() => answer);
  },
  depends: () => [{ on: 'packages' }, { on: 'unit', unit: 'ufw.service' }, ufwSubject],
  files: () => ['/etc/default/ufw', '/etc/ufw/ufw.conf'],
};

/** Whether ufw is in force, and what it does with what no rule is about. */
export const ufwState: Question<UfwState | 'no ufw'> = { kind: stateKind, args: [''] };

/** Whether ufw has a rule, or why it takes none like it. */
export type UfwRule = 'there' | 'missing' | 'no ufw' | { readonly refused: string };

// What ufw itself would do: it knows services, applications, networks and the two families. It says that it skips what it has, and prints all its
// rules where it has not. Of one to be deleted it prints them in any case: without it, where it was there.
const ruleKind: ProbeKind<UfwRule> = {
  kind: 'ufw-rule',
  arity: 1,
  sh: `command -v ufw >/dev/null 2>&1 || { echo none; exit; }
tuples() { grep -c '^### tuple ###'; }
kept() {
  case $out in *:ufw-user-input*) cat /etc/ufw/user.rules ;; esac
  case $out in *:ufw6-user-input*) cat /etc/ufw/user6.rules ;; esac
}
tr '\\0' '\\n' | while IFS= read -r rest; do
  set --
  while [ -n "$rest" ]; do
    set -- "$@" "$(printf %s "\${rest%%,*}" | base64 -d)"
    case $rest in *,*) rest=\${rest#*,} ;; *) rest= ;; esac
  done
  if ! out=$(LC_ALL=C ufw --dry-run "$@" 2>&1 </dev/null); then printf '%s\\n' "refused $(printf '%s\\n' "$out" | sed -n '/ERROR/{s/^ERROR: //;p;q}')"
  elif ! printf '%s\\n' "$out" | grep -q -v -e '^Skipping ' -e '^Could not delete' -e '^WARN: ' -e '^ *$'; then echo skips
  else
    case " $* " in
      " delete "*|" route delete "*) [ "$(printf '%s\\n' "$out" | tuples)" -lt "$(kept | tuples)" ] && echo changes || echo skips ;;
      *) echo changes ;;
    esac
  fi
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map(([rule = ''], i) => {
      const line = lines[0] === 'none' ? 'none' : (lines[i] ?? '');
      const isDelete =
        rule.startsWith(`${encoded('delete')},`) || rule.startsWith(`${encoded('route')},${encoded('delete')},`);
      if (line === 'none') return 'no ufw';
      if (line === 'changes') return isDelete ? 'there' : 'missing';
      if (line === 'skips') return isDelete ? 'missing' : 'there';
      return line.startsWith('refused ') ? { refused: line.slice('refused '.length) } : new ProbeFailure('no answer');
    });
  },
  depends: () => [{ on: 'packages' }, ufwSubject],
  files: () => ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'],
};

const encoded = (word: string): string => Buffer.from(word).toString('base64');

/** Whether ufw has a rule. @param words as ufw(8) takes them, `delete` among them for one that shall go */
export function ufwRule(words: readonly string[]): Question<UfwRule> {
  return { kind: ruleKind, args: [words.map(encoded).join(',')] };
}
