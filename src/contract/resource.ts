import type { InferOutput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { TaskDefaults } from './defaults.ts';
import type { Found } from './found.ts';
import type { Plan } from './plan.ts';
import type { Owned, Question } from './question.ts';
import type { ResourceScope } from './scope.ts';

/** Options as `prepare` sees them: checked, defaults filled in, functions resolved. */
export type Options<E extends ObjectEntries> = InferOutput<StrictObjectSchema<E, undefined>>;

/**
 * A resource: schema, probes and plan, nothing else. The engine provides check mode, diff, masking, proof and events.
 *
 * @typeParam E the schema's entries; @typeParam P what `prepare` returns; @typeParam R the result that later tasks read
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
  /** Checks options against each other; returns a sentence if they do not go together. */
  validateOptions?(options: Options<E>): string | undefined;
  /**
   * The options that a task takes from the `defaults` of its role or play, given the options it has. Its own options
   * take precedence.
   */
  defaults?(given: TaskDefaults, options: Readonly<Record<string, unknown>>): Partial<Options<E>>;
  /** The title of a task that has no name of its own: `/etc/motd`. */
  title(options: Partial<Options<E>>): string;
  /**
   * Local work, before any connection is made: read the file to copy, render the template. Its errors end the run
   * before any host is touched.
   */
  prepare(options: Options<E>, scope: ResourceScope): P;
  /** The questions that are sure to be needed. `plan` may ask more with `found.get`, at the cost of an exchange. */
  probes(prepared: P): readonly Question[];
  /** What has to be done, given what was found. A pure function. */
  plan(prepared: P, found: Found): Plan<R>;
  /**
   * What a task manages as a whole: a play is refused if two of its tasks own the same thing but want it to be
   * different.
   *
   * With `wants`, the task manages only a part of it, such as an account's shell, and only what is wanted for that part
   * is compared.
   *
   * @example owns: ({ path }) => [{ on: 'path', path }]
   */
  owns?(prepared: P): readonly (Owned & { readonly wants?: unknown })[];
  /**
   * The resource only reports something: it changes nothing and cannot fail, whatever its options are. If check mode
   * cannot know them, only what it reports is uncertain.
   */
  readonly onlySays?: true;
  /** The task means "run the notified handlers now". */
  readonly flushesHandlers?: true;
  /** Hosts to add to the inventory for the plays after this one. The task's options must be known before the run. */
  addsHosts?(prepared: P): readonly AddedHost[];
}

/** A host that a task adds to the inventory. */
export interface AddedHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
}
