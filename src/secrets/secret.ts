import { inspect } from 'node:util';

const hidden = '<secret>';

/**
 * A value that must not be seen. It prints as `<secret>` wherever it lands by accident (string, JSON, console); only
 * `expose()` gives the text. Whatever is built from one is a Secret too: use the `secret` template tag.
 *
 * The text may be given as a function: it is then asked once, when first needed, so a playbook that only lists its tasks
 * neither runs password commands nor pays for the vault's key derivation.
 *
 * @example const url = secret`https://user:${password}@host/`
 */
export class Secret {
  readonly #read: () => string;
  #text: string | undefined;
  /** A word for messages: where it came from, `env SLACK_URL`, `host_vars/x/vault.yml`. */
  readonly source: string;

  constructor(text: string | (() => string), source = 'a secret') {
    this.#read = typeof text === 'function' ? text : () => text;
    this.source = source;
  }

  /** @throws PlayError when the source has no value (unset variable, missing password ...); `requireSecrets` asks ahead. */
  expose(): string {
    this.#text ??= this.#read();
    return this.#text;
  }
  /** Whether the text was ever asked for. Until then it cannot have been printed, so nobody need search for it. */
  get wasExposed(): boolean {
    return this.#text !== undefined;
  }
  toString(): string {
    return hidden;
  }
  toJSON(): string {
    return hidden;
  }
  [inspect.custom](): string {
    return `Secret(${this.source})`;
  }
}

/** A string built from secrets: secret as soon as one part is. Lazy, as its parts are. */
export function secret(strings: TemplateStringsArray, ...parts: readonly (Secret | string | number)[]): Secret {
  const sources = parts.filter((part) => part instanceof Secret).map((part) => part.source);
  const text = (): string => strings.map((s, i) => s + (i < parts.length ? reveal(parts[i] ?? '') : '')).join('');
  return new Secret(text, sources.join(', ') || 'a secret');
}

/** The text of a value that may be secret. Call it at the edge only: where bytes go to the host. */
export function reveal(value: Secret | string | number): string {
  return value instanceof Secret ? value.expose() : String(value);
}

/** Every Secret inside a value: itself, in lists, in mappings. */
export function secretsIn(value: unknown, found = new Set<Secret>()): Set<Secret> {
  if (value instanceof Secret) found.add(value);
  else if (Array.isArray(value)) for (const item of value) secretsIn(item, found);
  else if (isPlainObject(value)) for (const item of Object.values(value)) secretsIn(item, found);
  return found;
}

/** Asks every Secret inside `value` for its text now, so that a missing one fails before any host is touched. */
export function requireSecrets(value: unknown): void {
  for (const found of secretsIn(value)) found.expose();
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
