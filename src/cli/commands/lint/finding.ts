import { PlayError, type Location } from '../../../errors/index.ts';

/** What is looked for. */
export type Rule =
  | 'precedence'
  | 'jinja'
  | 'no-effect'
  | 'misspelt'
  | 'stray-file'
  | 'inventory'
  | 'spelling'
  | 'playbook'
  | 'types'
  | 'unknown-host'
  | 'no-hosts'
  | 'empty-group'
  | 'duplicate-address'
  | 'duplicate-account'
  | 'lost-target'
  | 'unread'
  | 'ansible.cfg';

/** One thing worth a look. */
export interface Finding {
  readonly rule: Rule;
  readonly what: string;
  readonly where?: Location | string;
  readonly hint?: string;
}

/** An error as a finding; anything that is no PlayError is thrown on. */
export function findingOf(rule: Rule, thrown: unknown): Finding {
  if (!(thrown instanceof PlayError)) throw thrown;
  const { message, where, hint } = thrown;
  return { rule, what: message, ...(where === undefined ? {} : { where }), ...(hint === undefined ? {} : { hint }) };
}

/** `a, b, c and 4 more`. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
