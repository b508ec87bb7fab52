import type { Unreadable } from '../../secrets/index.ts';

/**
 * Why an evaluation ends:
 *
 * - `undefined`: something is used that is not there; `default` and `is defined` see it coming.
 * - `wrong`: Ansible fails here as well (a type that does not fit, a text that is no JSON).
 * - `hole`: Ansible may know an answer where play does not (a fact, a lookup of a collection).
 */
export type JinjaProblem = 'undefined' | 'wrong' | 'hole';

/** An evaluation that ends; `at` is the offset of the expression, set where it is known. */
export class JinjaError extends Error {
  readonly problem: JinjaProblem;
  readonly hint: string | undefined;
  at: number | undefined;

  constructor(problem: JinjaProblem, message: string, hint?: string) {
    super(message);
    this.name = 'JinjaError';
    this.problem = problem;
    this.hint = hint;
  }
}

/** A value that play cannot give is read: its own problem is what the reader is told. */
export class BlockedError extends Error {
  readonly by: Unreadable;

  constructor(by: Unreadable) {
    super('a value that cannot be read');
    this.name = 'BlockedError';
    this.by = by;
  }
}
