import type { Location } from '../errors/index.ts';
import { Unreadable, type Secret } from '../secrets/index.ts';
import type { PythonValue } from '../values/index.ts';

/** What a variable may contain. Deeply frozen: the hosts of a group share one value. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Secret
  | Unreadable
  | PythonValue
  | readonly Value[]
  | { readonly [key: string]: Value };

/** The level of precedence of a definition, lowest first: implicit, groups by depth, host, command line. */
export type Level =
  | { readonly kind: 'implicit' }
  | { readonly kind: 'group'; readonly group: string; readonly form: Form }
  | { readonly kind: 'host'; readonly host: string; readonly form: Form }
  | { readonly kind: 'extra' };

/** Of what stands for groups, a file beats the inventory itself, and a file beside the playbook beats one beside the inventory. */
export type Form = 'inventory' | 'vars file' | 'playbook vars file';

export interface Origin {
  readonly where: Location | string;
  readonly level: Level;
}

/** One place that defines a variable. */
export interface Definition {
  readonly value: Value;
  readonly where: Location | string;
}

/** A variable for one host. */
export class Variable {
  readonly name: string;
  readonly origin: Origin;
  /** The definition this one hides. */
  readonly overrides: Variable | undefined;
  #value: Value | (() => Value);

  /** @param value as a function: it is worked out when it is first read */
  constructor(name: string, value: Value | (() => Value), origin: Origin, overrides?: Variable) {
    this.name = name;
    this.#value = value;
    this.origin = origin;
    this.overrides = overrides;
  }

  get value(): Value {
    if (typeof this.#value === 'function') this.#value = this.#value();
    return this.#value;
  }

  /** Whether reading it has yet to work something out: a command may run then. */
  get isWaiting(): boolean {
    return typeof this.#value === 'function';
  }

  /** The overridden definitions, nearest first. */
  get chain(): readonly Variable[] {
    const chain: Variable[] = [];
    for (let hidden = this.overrides; hidden !== undefined; hidden = hidden.overrides) chain.push(hidden);
    return chain;
  }

  /**
   * Whether the value is, or contains, a Jinja expression: in its written form any, for a host those that play does not
   * evaluate.
   */
  get jinja(): boolean {
    return holdsJinja(this.value);
  }
}

/** Whether a value is, or contains, a Jinja expression. */
export function holdsJinja(value: Value): boolean {
  if (value instanceof Unreadable) return value.text !== undefined;
  if (Array.isArray(value)) return value.some(holdsJinja);
  return isMapping(value) && Object.values(value).some(holdsJinja);
}

export function isMapping(value: Value): value is { readonly [key: string]: Value } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** `group web`, `group_vars of web`, `host_vars of a (next to the playbook)`, `-e`. */
export function levelText(level: Level): string {
  if (level.kind === 'extra') return '-e';
  if (level.kind === 'implicit') return 'implicit';
  const name = level.kind === 'group' ? level.group : level.host;
  if (level.form === 'inventory') return `${level.kind} ${name}`;
  return `${level.kind}_vars of ${name}${level.form === 'playbook vars file' ? ' (next to the playbook)' : ''}`;
}

/** Something that Ansible accepts silently and that is worth a look. */
export interface InventoryWarning {
  readonly what: string;
  readonly where?: Location | string;
  readonly hint?: string;
}
export type OnWarning = (warning: InventoryWarning) => void;
