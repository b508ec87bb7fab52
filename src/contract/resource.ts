import type { InferOutput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { TaskDefaults } from './defaults.ts';
import type { Found } from './found.ts';
import type { Plan } from './plan.ts';
import type { Owned, Question } from './question.ts';
import type { ResourceScope } from './scope.ts';

/** Options as `prepare` sees them: checked, defaults filled in, functions resolved. */
export type Options<E extends ObjectEntries> = InferOutput<StrictObjectSchema<E, undefined>>;

/**
 * A resource: schema, probes and plan, nothing else. Check mode, diff, masking, proof and events come from the engine.
 *
 * @typeParam E the schema's entries; @typeParam P what `prepare` makes of the options; @typeParam R the result later
 * tasks read
 */
export interface Resource<E extends ObjectEntries = ObjectEntries, P = unknown, R = unknown> {
  /** The function's name in a playbook: `lineinfile`. */
  readonly name: string;
  /** One sentence for the reference page. */
  readonly summary: string;
  /** Options: type, run-time check and documentation in one (`v.description` on each entry). */
  readonly options: E;
  /** Playbook text for the reference page. */
  readonly example: string;
  /** A rule between options: returns a sentence if it is broken. */
  validateOptions?(options: Options<E>): string | undefined;
  /** Options that the `defaults` of its role or play give a task with these options; options it gives itself stay. */
  defaults?(given: TaskDefaults, options: Readonly<Record<string, unknown>>): Partial<Options<E>>;
  /** The title of a task that has no name of its own: `/etc/motd`. */
  title(options: Partial<Options<E>>): string;
  /**
   * Local work, before anything is connected: read the file to copy, render the template. Its errors come before any
   * host is touched.
   */
  prepare(options: Options<E>, scope: ResourceScope): P;
  /** The questions that are sure to be needed. `plan` may ask more with `found.get`, at the price of an exchange. */
  probes(prepared: P): readonly Question[];
  /** Pure. */
  plan(prepared: P, found: Found): Plan<R>;
  /**
   * What a task manages as a whole: two tasks of one play that own the same thing and want it differently are refused.
   *
   * With `wants` it is a part of something, such as an account's shell, and only what is wanted for that part is
   * compared.
   *
   * @example owns: ({ path }) => [{ on: 'path', path }]
   */
  owns?(prepared: P): readonly (Owned & { readonly wants?: unknown })[];
  /**
   * It changes nothing, whatever its options are, and cannot fail because of them: if check mode cannot know them,
   * it is still certain, and only what it says is open.
   */
  readonly onlySays?: true;
  /** The task stands for "run the handlers that are due now". */
  readonly flushesHandlers?: true;
  /** The hosts that join the inventory for the plays behind this one's. Its options have to be known at the desk. */
  addsHosts?(prepared: P): readonly AddedHost[];
}

/** A host that a task adds to the inventory. */
export interface AddedHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
}
