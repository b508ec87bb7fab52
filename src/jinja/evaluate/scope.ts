import type { CallArguments, JinjaValue, Undefined } from '../python/value.ts';

/** What an evaluation asks of the world around it. */
export interface World {
  /** A variable; undefined where there is none. May throw a JinjaError or BlockedError. */
  readonly variable: (name: string) => JinjaValue | undefined;
  /** What stands for a name that is nowhere; default: an `Undefined` that says so. May throw a JinjaError. */
  readonly missing?: (name: string) => Undefined;
  /** `lookup(name, ...)`. */
  readonly lookup: (name: string, args: CallArguments) => JinjaValue;
}

/** The names that a template itself gives: set, loop, macros. Inner ones hide outer ones. */
export class Scope {
  readonly #outer: Scope | undefined;
  readonly #names = new Map<string, JinjaValue>();

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): JinjaValue | undefined {
    return this.#names.has(name) ? this.#names.get(name) : this.#outer?.get(name);
  }

  set(name: string, value: JinjaValue): void {
    this.#names.set(name, value);
  }
}
