import type { ProbeKind, Question } from './types.ts';

export interface Alternative {
  readonly path: string;
  readonly priority: number;
}

/** A name that several programs can stand behind (update-alternatives(1)). */
export interface Alternatives {
  readonly link: string;
  /** The one with the highest priority is taken. */
  readonly auto: boolean;
  /** The program the link points to; empty for none. */
  readonly value: string;
  readonly all: readonly Alternative[];
}

const kind: ProbeKind<Alternatives | null> = {
  kind: 'alternatives',
  arity: 1,
  sh: `xargs -0 sh -c 'for n do update-alternatives --query "$n" 2>/dev/null; printf "\\0"; done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => toAlternatives(parts[i] ?? ''));
  },
  depends: ([name = '']) => [{ on: 'named', name: `alternative ${name}` }, { on: 'packages' }, { on: 'path', path: `/etc/alternatives/${name}` }],
};

/** A block of the name, then one for each program, blank lines between. */
function toAlternatives(text: string): Alternatives | null {
  const [head = '', ...rest] = text.trim().split(/\n\n+/);
  const field = (block: string, name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const link = field(head, 'Link');
  if (link === undefined) return null;
  const value = field(head, 'Value') ?? '';
  return {
    link,
    auto: field(head, 'Status') === 'auto',
    value: value === 'none' ? '' : value,
    all: rest.map((block) => ({ path: field(block, 'Alternative') ?? '', priority: Number(field(block, 'Priority') ?? 0) })),
  };
}

/** What stands behind a name; null where nothing was ever put there. */
export function alternativesOf(name: string): Question<Alternatives | null> {
  return { kind, args: [name] };
}
