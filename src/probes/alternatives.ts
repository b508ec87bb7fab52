import type { ProbeKind, Question } from './types.ts';

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
}

const kind: ProbeKind<Alternatives | null> = {
  kind: 'alternatives',
  arity: 1,
  sh: `xargs -0 sh -c 'for n do
  q=$(update-alternatives --query "$n" 2>/dev/null)
  l=$(printf "%s\\n" "$q" | sed -n "s/^Link: //p" | head -n 1)
  at=other
  if [ "$(readlink -- "$l")" = "/etc/alternatives/$n" ]; then at=link; elif [ ! -e "$l" ] && [ ! -L "$l" ]; then at=nothing; fi
  printf "%s\\0%s\\0" "$q" "$at"
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => toAlternatives(parts[i * 2] ?? '', parts[i * 2 + 1] ?? ''));
  },
  depends: ([name = '']) => [{ on: 'named', name: `alternative ${name}` }, { on: 'packages' }, { on: 'path', path: `/etc/alternatives/${name}` }],
};

/** A block of the name, then one for each program, blank lines between. */
function toAlternatives(text: string, at: string): Alternatives | null {
  const [head = '', ...rest] = text.trim().split(/\n\n+/);
  const field = (block: string, name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const link = field(head, 'Link');
  if (link === undefined) return null;
  const value = field(head, 'Value') ?? '';
  return {
    link,
    followerLinks: followersIn(head),
    auto: field(head, 'Status') === 'auto',
    value: value === 'none' ? '' : value,
    all: rest.map((block) => ({ path: field(block, 'Alternative') ?? '', priority: Number(field(block, 'Priority') ?? 0), followers: followersIn(block) })),
    at: at === 'link' || at === 'nothing' ? at : 'other',
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
