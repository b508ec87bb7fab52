import { PlayError, type Location } from '../errors/index.ts';
import type { Inventory, Variable } from '../inventory/index.ts';
import { isAccountName } from '../playbook/index.ts';
import { Secret, Unreadable } from '../secrets/index.ts';
import { PythonValue, mostSeconds } from '../values/index.ts';

/** Reads a host's connection variables: each has several names, of which Ansible lets the last that is set win. */
export class HostVariables {
  readonly host: string;
  readonly #variables: ReadonlyMap<string, Variable>;

  constructor(inventory: Inventory, host: string) {
    this.host = host;
    this.#variables = inventory.variables(host);
  }

  /** @throws PlayError when the value is an expression, or no text */
  text(...names: readonly string[]): string | undefined {
    const found = this.#find(names);
    if (!found) return undefined;
    const value = found.value instanceof Secret ? found.value.expose() : found.value;
    if (typeof value === 'string' || typeof value === 'number' || value instanceof PythonValue) return String(value);
    throw this.wrong(found.name, 'must be text');
  }

  secret(...names: readonly string[]): Secret | undefined {
    const found = this.#find(names);
    if (!found) return undefined;
    if (found.value instanceof Secret) return found.value;
    return new Secret(this.text(found.name) ?? '', `${found.name} of ${this.host}`);
  }

  integer(...names: readonly string[]): number | undefined {
    const found = this.#find(names);
    if (!found) return undefined;
    const number = Number(this.text(found.name));
    if (Number.isInteger(number) && number > 0 && number <= mostSeconds) return number;
    throw this.wrong(
      found.name,
      number > mostSeconds ? `must be a whole number, ${mostSeconds} at most` : 'must be a whole number',
    );
  }

  /** A port of TCP. */
  port(...names: readonly string[]): number | undefined {
    const number = this.integer(...names);
    if (number !== undefined && number > 65_535)
      throw this.wrong(this.#find(names)?.name ?? '', `is ${number}, but a port is 1 to 65535`);
    return number;
  }

  /** Where a host is reached, as ssh takes it. */
  address(...names: readonly string[]): string | undefined {
    const address = this.text(...names);
    // oxlint-disable-next-line no-control-regex
    if (address !== undefined && /^-|[\s/\x00-\x1f\x7f]/.test(address))
      throw this.wrong(
        this.#find(names)?.name ?? '',
        `is ${JSON.stringify(address)}, which is neither a name nor an address`,
      );
    return address;
  }

  /** Who logs in, or is become. */
  account(...names: readonly string[]): string | undefined {
    const name = this.text(...names);
    if (name !== undefined && !isAccountName(name))
      throw this.wrong(
        this.#find(names)?.name ?? '',
        `is ${JSON.stringify(name)}, which cannot be the name of an account`,
      );
    return name;
  }

  /** A number that may be 0. */
  count(name: string): number | undefined {
    return this.text(name) === '0' ? 0 : this.integer(name);
  }

  /** What Ansible takes for yes and no. */
  boolean(...names: readonly string[]): boolean | undefined {
    const found = this.#find(names);
    if (!found) return undefined;
    const text = typeof found.value === 'boolean' ? String(found.value) : (this.text(found.name) ?? '').toLowerCase();
    if (['true', 'yes', 'on', '1', 'y', 't'].includes(text)) return true;
    if (['false', 'no', 'off', '0', 'n', 'f'].includes(text)) return false;
    throw this.wrong(found.name, 'must be true or false');
  }

  /** A value as text, whatever it is: to be compared, not used. */
  anyText(name: string): string {
    const value = this.#find([name])?.value;
    if (value instanceof PythonValue) return value.text;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  }

  has(name: string): boolean {
    return this.#find([name]) !== undefined;
  }

  all(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** Where a variable's value is written. */
  place(name: string): Location | string {
    return this.#variables.get(name)?.origin.where ?? this.host;
  }

  /** The error for a variable whose value cannot be honoured. */
  wrong(name: string, why: string, hint?: string): PlayError {
    return new PlayError(`${this.host}: ${name} ${why}`, {
      where: this.place(name),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #find(names: readonly string[]): { name: string; value: Variable['value'] } | undefined {
    for (const name of names.toReversed()) {
      const value = this.#variables.get(name)?.value;
      if (value === undefined || value === null || value === '') continue;
      if (value instanceof Unreadable) throw value.problem();
      return { name, value };
    }
    return undefined;
  }
}
