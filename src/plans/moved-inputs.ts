import type { Plan } from './schema.ts';

/** What plans are made from, by what people call it. */
export type InputKind = 'code' | 'template' | 'file' | 'variable' | 'inventory';

/** Something of the project that is not as it was when a plan was made. */
export interface MovedInput {
  readonly kind: InputKind;
  /** A path in the project, or the name of a variable. */
  readonly name: string;
}

/** What moved of the project between two plans, as far as they can tell. */
export function movedInputs(plan: Plan, now: Plan): MovedInput[] {
  const areComparable = (a = '', b = ''): boolean =>
    plan.key === now.key || !(a.startsWith('hmac:') || b.startsWith('hmac:'));
  const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((name) => a[name] !== b[name] && areComparable(a[name], b[name]))
      .toSorted();
  const variables = plan.key === now.key ? differing(plan.variables, now.variables) : [];
  return [
    ...variables.map((name): MovedInput => ({ kind: 'variable', name })),
    ...differing(plan.files, now.files).map((name): MovedInput => ({ kind: kindOf(name), name })),
  ];
}

function kindOf(path: string): InputKind {
  if (/(?:^|\/)(?:group_vars|host_vars)\//.test(path)) return 'variable';
  if (/^inventory(?:\/|\.|$)|\.(?:ini|ya?ml)$/.test(path)) return 'inventory';
  if (/(?:^|\/)templates\/|\.hbs$/.test(path)) return 'template';
  return /\.[cm]?[jt]s$/.test(path) ? 'code' : 'file';
}
