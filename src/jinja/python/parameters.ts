import { isTrue } from './compare.ts';
import { countOf } from './numbers.ts';
import { textOf } from './text.ts';
import { wrong, type CallArguments, type JinjaValue } from './value.ts';

/** The arguments of a call by the names that a function gives them. */
export class Parameters {
  readonly #values = new Map<string, JinjaValue>();
  /** Those by position beyond the names. */
  readonly rest: readonly JinjaValue[];
  /** Those by a name that is none of them. */
  readonly others: ReadonlyMap<string, JinjaValue>;

  /**
   * @param names a name with `?` may be left out; `*` at the end takes any number more, also by other names
   * @throws JinjaError when an argument is missing, or one too many
   */
  constructor(of: string, names: readonly string[], { positional, named }: CallArguments) {
    const isOpen = names.at(-1) === '*';
    const known = (isOpen ? names.slice(0, -1) : names).map((name) => name.replace('?', ''));
    known.forEach((name, i) => {
      const value = i < positional.length ? positional[i] : named.get(name);
      if (value !== undefined) this.#values.set(name, value);
      else if (names[i] === name) throw wrong(`"${of}" needs the argument "${name}"`);
    });
    this.rest = positional.slice(known.length);
    this.others = new Map([...named].filter(([name]) => !known.includes(name)));
    const [unknown] = this.others.keys();
    if (!isOpen && (this.rest.length > 0 || unknown !== undefined))
      throw wrong(`"${of}" ${unknown === undefined ? 'has too many arguments' : `knows no argument "${unknown}"`}`);
  }

  /** Only says what is wrong with a call. @throws JinjaError */
  static check(of: string, names: readonly string[], args: CallArguments): Parameters {
    return new Parameters(of, names, args);
  }

  get(name: string): JinjaValue | undefined {
    return this.#values.get(name);
  }

  text(name: string, fallback = ''): string {
    const value = this.get(name);
    return value === undefined || value === null ? fallback : textOf(value);
  }

  /** Undefined also for none. */
  optionalText(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined || value === null ? undefined : textOf(value);
  }

  count(name: string, fallback: number): number {
    const value = this.get(name);
    return value === undefined || value === null ? fallback : countOf(value, `"${name}"`);
  }

  isTrue(name: string, fallback = false): boolean {
    const value = this.get(name);
    return value === undefined ? fallback : isTrue(value);
  }
}
