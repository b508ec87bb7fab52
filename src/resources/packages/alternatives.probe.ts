import type { ProbeKind, Question, Subject } from '../../contract/index.ts';

export interface Alternative {
  readonly path: string;
  readonly priority: number;
  /** What stands behind the followers' names when this one does, by name: `editor.1.gz`. */
  readonly followers: ReadonlyMap<string, string>;
}

/** A name that several programs can stand behind (update-alternatives(1)). */
export interface Alternatives {
  readonly link: string;
  /** Where names that follow it are called, by name. */
  readonly followerLinks: ReadonlyMap<string, string>;
  /** The one with the highest priority is taken. */
  readonly auto: boolean;
  /** The program the link points to; empty for none. */
  readonly value: string;
  /** In the order of their paths. */
  readonly all: readonly Alternative[];
  /** What is where the name is called: the link that belongs there, nothing, or something of somebody else. */
  readonly at: 'link' | 'nothing' | 'other';
  /** Followers that are not where they belong, or show something else than what follows that program. */
  readonly lost: readonly string[];
}

/** Where names are called is known only with the answer: mostly there. */
const usualFolders = ['/etc/alternatives', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/share/man'];

const kind: ProbeKind<Alternatives | null> = {
  kind: 'alternatives',
  arity: 1,
  // update-alternatives --query looks at none of the links but the one in /etc/alternatives.
  sh: `xargs -0 sh -c 'for n do
  q=$(update-alternatives --query "$n" 2>/dev/null)
  field() { printf "%s\\n" "$q" | sed -n "s/^$1: //p" | head -n 1; }
  l=$(field Link) v=$(field Value)
  at=other
  if [ "$(readlink -- "$l")" = "/etc/alternatives/$n" ]; then at=link; elif [ ! -e "$l" ] && [ ! -L "$l" ]; then at=nothing; fi
  to=something; [ -e "/etc/alternatives/$n" ] || to=nothing
  printf "%s\\0%s\\0%s\\0" "$q" "$at" "$to"
  is=
  printf "%s\\n" "$q" | while IFS= read -r line; do
    case $line in "Alternative: $v") is=y; continue;; "Alternative: "*) is=; continue;; " "*) ;; *) continue;; esac
    f=\${line# }; name=\${f%% *} target=\${f#* }
    [ -n "$is" ] && [ -e "$target" ] || continue
    link=$(printf "%s\\n" "$q" | sed "/^Status:/q" | while read -r one path; do [ "$one" != "$name" ] || printf "%s\\n" "$path"; done)
    if [ "$(readlink -- "$link")" != "/etc/alternatives/$name" ]; then [ -e "$link" ] && [ ! -L "$link" ] || echo "$name"
    elif [ "$(readlink -- "/etc/alternatives/$name")" != "$target" ]; then echo "$name"; fi
  done
  printf "\\0"
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => toAlternatives(...parts.slice(i * 4, i * 4 + 4)));
  },
  depends: ([name = '']) => [
    alternativeSubject(name),
    { on: 'packages' },
    { on: 'path', path: `/etc/alternatives/${name}` },
    ...usualFolders.map((path) => ({ on: 'below' as const, path })),
  ],
};

/** A block of the name, then one for each program, blank lines between. */
function toAlternatives(text = '', at = '', to = '', lost = ''): Alternatives | null {
  const [head = '', ...rest] = text.trim().split(/\n\n+/);
  const field = (block: string, name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const link = field(head, 'Link');
  if (link === undefined) return null;
  const value = field(head, 'Value') ?? '';
  const all = rest.map((block) => ({
    path: field(block, 'Alternative') ?? '',
    priority: Number(field(block, 'Priority') ?? 0),
    followers: followersIn(block),
  }));
  // What somebody put there by hand counts as chosen, and what leads nowhere is chosen anew: so the next change would
  // find it.
  const isOurs = value === 'none' || all.some((one) => one.path === value);
  return {
    link,
    followerLinks: followersIn(head),
    auto: isOurs ? value === 'none' || field(head, 'Status') === 'auto' : to === 'nothing',
    value: value === 'none' ? '' : value,
    all,
    at: at === 'link' || at === 'nothing' ? at : 'other',
    lost: lost.split('\n').filter((one) => one !== ''),
  };
}

/** `Slaves:`, then a line each that begins with a blank: name, blank, path. */
function followersIn(block: string): Map<string, string> {
  const lines = /^Slaves:\n((?: .*(?:\n|$))*)/m.exec(block)?.[1] ?? '';
  return new Map([...lines.matchAll(/^ (\S+) (.+)$/gm)].map(([, name = '', path = '']) => [name, path]));
}

/** What stands behind a name; null where nothing was ever put there. */
export function alternativesOf(name: string): Question<Alternatives | null> {
  return { kind, args: [name] };
}

/** What dpkg keeps of an alternative. */
export function alternativeSubject(name: string): Subject {
  return { on: 'named', name: `alternative ${name}`, ofRoot: 'alternatives' };
}
