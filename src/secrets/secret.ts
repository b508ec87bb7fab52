import { inspect } from 'node:util';

const hidden = '<secret>';

/**
 * A value that must not be seen. It prints as `<secret>` wherever it lands by accident (string, JSON, console); only
 * `expose()` gives the text. Whatever is built from one is a Secret too: use `Secret.join` or the `secret` template tag.
 *
 * @example const url = secret`https://user:${password}@host/`
 */
export class Secret {
  readonly #text: string;
  /** A word for messages: where it came from, `env SLACK_URL`, `host_vars/x/vault.yml`. */
  readonly source: string;

  constructor(text: string, source = 'a secret') {
    this.#text = text;
    this.source = source;
  }

  expose(): string {
    return this.#text;
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

/** A string built from secrets: secret as soon as one part is. */
export function secret(strings: TemplateStringsArray, ...parts: readonly (Secret | string | number)[]): Secret {
  const sources = parts.filter((part) => part instanceof Secret).map((part) => part.source);
  const text = strings.map((s, i) => s + (i < parts.length ? reveal(parts[i] as Secret | string | number) : '')).join('');
  return new Secret(text, sources.join(', ') || 'a secret');
}

/** The text of a value that may be secret. Call it at the edge only: where bytes go to the host. */
export function reveal(value: Secret | string | number): string {
  return value instanceof Secret ? value.expose() : String(value);
}
