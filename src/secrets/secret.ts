import { inspect } from 'node:util';
import { PlayError } from '../errors/index.ts';
import { jsonOf, mappingOf } from '../values/index.ts';

const hidden = '<secret>';

/** Every Secret whose text this process knows, in the order they came: what is printed is searched for all of them. */
const opened: Secret[] = [];

export function openedSecrets(): readonly Secret[] {
  return opened;
}

/** For a process that does several things which have nothing to do with one another, as that of the tests does. */
export function forgetSecrets(): void {
  opened.length = 0;
}

/**
 * A value that must never be shown. The console shows where it came from; turning it into text (`\`${token}\``, `+`,
 * `join`, `JSON.stringify`) is an error, since that text would no longer be known to be secret. Only `expose()` returns
 * the text. What is built from a secret is a Secret too: use the `secret` template tag, or `secretJson`.
 *
 * The text may be given as a function, which is called once, when first needed: a playbook that only lists its tasks
 * neither runs password commands nor pays for the vault's key derivation. As soon as the text is known, it is masked in
 * everything that is printed.
 *
 * @example const url = secret`https://user:${password}@host/`
 */
export class Secret {
  /** What schemas call it in messages: the bundle's own names are short. */
  static readonly name = 'Secret';
  readonly #read: () => string;
  #text: string | undefined;
  /** Where it came from, for messages: `env SLACK_URL`, `host_vars/x/vault.yml`. */
  readonly source: string;
  /** The secrets it was built from. */
  readonly parts: readonly Secret[];
  readonly #isSearched: boolean;

  /**
   * @param parts the secrets it is built from, which are known by then to be masked themselves
   * @param isSearched false: its text may say what nobody hides (the plain default of a secret that is not set, a file
   * with one secret in it), and masking it everywhere would hide ordinary words
   */
  constructor(text: string | (() => string), source = 'a secret', parts: readonly Secret[] = [], isSearched = true) {
    this.#read = typeof text === 'function' ? text : () => text;
    this.source = source;
    this.parts = parts;
    this.#isSearched = isSearched;
    if (typeof text === 'string') this.expose();
  }

  /**
   * The text itself, for whatever needs it. Anything made from it is no longer known to be secret.
   *
   * @throws PlayError when the source has no value (unset variable, missing password ...)
   */
  expose(): string {
    if (this.#text === undefined) {
      this.#text = this.#read();
      if (this.#isSearched) opened.push(this);
    }
    return this.#text;
  }
  /**
   * Opens it if possible. If that fails, there is no text that could be printed, and whatever needs the secret gets the
   * error.
   */
  tryToOpen(): void {
    try {
      this.expose();
    } catch {
      // Told to whoever uses it.
    }
  }
  /** Whether the text has been asked for. */
  get wasExposed(): boolean {
    return this.#text !== undefined;
  }
  /**
   * Refuses to convert it to plain text.
   * @throws PlayError always
   */
  toString(): never {
    throw asPlainText(this, 'secret`...${x}`');
  }
  /**
   * Refuses to convert it to plain JSON.
   * @throws PlayError always
   */
  toJSON(): never {
    throw asPlainText(this, 'secretJson(value)');
  }
  /** @throws PlayError always: it would become plain text */
  [Symbol.toPrimitive](): never {
    throw asPlainText(this, 'secret`...${x}`');
  }
  [inspect.custom](): string {
    return `Secret(${this.source})`;
  }
}

/** What stands behind a name in configuration: `password = x`, `export TOKEN="x"`, `key: x`. */
const named = /^\s*(?:export\s+)?["']?[\w.-]+["']?\s*[=:]\s*(\S.*?)[\s,;]*$/gm;

/**
 * A text nobody holds as a Secret is masked all the same: a file which is put on hosts whole, line by line, and what
 * its lines give names to.
 */
export function learnSecret(text: string, source: string): void {
  const values = [...text.matchAll(named)].map(([, value = '']) => value.replace(/^(["'])(.*)\1$/, '$2'));
  for (const known of [text, ...values]) new Secret(() => known, source).expose();
}

function asPlainText({ source }: Secret, instead: string): PlayError {
  return new PlayError(`A secret (${source}) is turned into plain text`, {
    hint: `Write ${instead}, from 'play': its result is a secret too, and masked wherever it would show.`,
  });
}

/**
 * A string built from secrets, as a secret. It is put together when first needed.
 *
 * @throws PlayError when called as a function, as code without type checks might
 * @example const url = secret`https://deploy:${secretFromEnv('TOKEN')}@example.org/app.git`
 */
export function secret(strings: TemplateStringsArray, ...parts: readonly (Secret | string | number)[]): Secret {
  if (!Array.isArray(strings))
    throw new PlayError('secret is put before a text in backticks, not called', {
      hint: 'Write secret`TOKEN=${token}`; a secret itself comes from secretFromEnv, secretFromCommand and the like.',
    });
  const secrets = parts.filter((part) => part instanceof Secret);
  const text = (): string => strings.map((s, i) => s + (i < parts.length ? reveal(parts[i] ?? '') : '')).join('');
  return new Secret(text, sourcesOf(secrets), secrets);
}

/**
 * JSON of data that contains secrets, as a secret.
 *
 * @param space indentation, as for JSON.stringify. Default: none
 * @example copy({ dest: '/etc/app.json', content: secretJson({ token }, 2), mode: '0600' })
 */
export function secretJson(value: unknown, space?: number | string): Secret {
  const secrets = [...secretsIn(value)];
  return new Secret(() => jsonOf(exposeSecrets(value), space) ?? '', sourcesOf(secrets), secrets);
}

/** Where a value built from these came from. */
export function sourcesOf(secrets: readonly Secret[]): string {
  return secrets.map(({ source }) => source).join(', ') || 'a secret';
}

/** Data with the texts of its secrets in place of them. Call it at the edge only, as `reveal`. */
export function exposeSecrets(value: unknown): unknown {
  return withSecrets(value, (one) => one.expose());
}

/** Data with every Secret replaced by `<secret>`: for people to read, never for a host. */
export function hideSecrets(value: unknown): unknown {
  return secretsIn(value).size === 0 ? value : withSecrets(value, () => hidden);
}

/** Data with its secrets replaced by something else. */
function withSecrets(value: unknown, replace: (secret: Secret) => unknown): unknown {
  if (value instanceof Secret) return replace(value);
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, replace));
  if (!isPlainObject(value)) return value;
  return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, withSecrets(item, replace)]));
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
