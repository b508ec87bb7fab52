import type { InferOutput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { TaskContext } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import type { TaskItem } from './block.ts';
import { callSite, placeOf } from './call-site.ts';
import { fittingText } from './fitting.ts';
import { checkKeywords, common, isFilled, isPlainObject, isText, kind, listOf, type Kinds } from './keywords.ts';
import { wrongValue } from './options.ts';
import { Playbook, playKinds, type PlaySpec } from './playbook.ts';
import { schemaRows } from './schema-rows.ts';
import { callUserCode } from './user-code.ts';

/** What a function that returns a question, or the text to type, is given. */
export interface StepContext<V = Readonly<Record<string, unknown>>> {
  /** The runbook's variables, with the values they have for the first of the hosts. */
  readonly vars: V;
  /** The step's hosts within `-l`; empty for a question step, which has none. */
  readonly hosts: readonly string[];
}

/** Text, or a function that returns it. */
export type StepText<V> = string | ((context: StepContext<V>) => string);

/** What the operator must type before a step starts. */
export interface Confirmation<V = Readonly<Record<string, unknown>>> {
  /** The question, which should say what is about to happen. */
  readonly question: StepText<V>;
  /**
   * What the operator must type to continue, such as the name of the host. Anything else stops the runbook. Default
   * `yes`.
   */
  readonly type?: StepText<V>;
}

interface NamedStep {
  /** Its name, as used by `--from` and `status`; unique in the runbook. */
  readonly name: string;
  /** What the operator needs to know about it, for the page that `--doc` writes. */
  readonly description?: string;
}

/** A question to the operator. Any answer other than `type` stops the runbook, which can be continued later. */
export interface QuestionStep<V = Readonly<Record<string, unknown>>> extends NamedStep, Confirmation<V> {}

type StepTasks<V> = (context: TaskContext<V>) => readonly TaskItem[];

/** What a step takes of a play. */
type PlayPart = Pick<
  PlaySpec,
  | 'hosts'
  | 'become'
  | 'becomeUser'
  | 'serial'
  | 'order'
  | 'strategy'
  | 'gone'
  | 'vars'
  | 'defaults'
  | 'roles'
  | 'environment'
  | 'timeout'
  | 'noLog'
  | 'forceHandlers'
>;

/**
 * A step that runs on hosts. If a host fails, the runbook ends once the other hosts of the step (or batch) are done.
 */
export interface WorkStep<V = Readonly<Record<string, unknown>>> extends NamedStep, PlayPart {
  /** What the operator must type before the step starts. Default: it starts at once. */
  readonly confirm?: Confirmation<V>;
  /** Checks before anything is changed, such as `assert`, `uri` or `command`. */
  readonly before?: StepTasks<V>;
  /**
   * A playbook to run between `before` and `tasks`: the playbook itself, or its path or its name in `playbooks/`, which
   * may come from a variable. If given by name, its plays run only on those of their hosts that are among the step's.
   */
  readonly playbook?: Playbook | string;
  /** The work itself. */
  readonly tasks?: StepTasks<V>;
  /** Checks once the work is done, including handlers: gates with `until`, `retries` and `delay`. */
  readonly after?: StepTasks<V>;
  /** Tasks that undo the step, run by `--back`. Default: there is nothing to undo. */
  readonly back?: StepTasks<V>;
  /**
   * Cleanup, run if the step was started and the runbook ends, in whatever way: after the last step, a failure, Ctrl-C
   * or a lost connection. If it cannot be run then, it stays owed and the next run does it. A step that was cleaned up
   * is run again when the runbook is continued.
   */
  readonly always?: StepTasks<V>;
  /**
   * The step cannot be undone. It then needs `after`, which is checked again before a later run continues past the
   * step. Default false.
   */
  readonly irreversible?: boolean;
}

/** A step of a runbook. */
export type RunbookStep<V = Readonly<Record<string, unknown>>> = WorkStep<V> | QuestionStep<V>;

/** What a function that returns the steps is given. */
export interface RunbookContext<V> {
  /**
   * The variables, with the values they have for `localhost`: from `-e`, else from the inventory's variables for all
   * hosts.
   */
  readonly vars: V;
  /** Every group's hosts. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

type Variables<E extends ObjectEntries> = InferOutput<StrictObjectSchema<E, undefined>>;

/** What a runbook declares. */
export interface RunbookSpec<E extends ObjectEntries> {
  /** What it is called on the operator's page. */
  readonly title: string;
  /** When to use it, and what it does. */
  readonly description: string;
  /** The variables it takes, each with a schema. Values come from default < inventory < `-e`. Default: none. */
  readonly vars?: E;
  /** The steps, in order; a function if they depend on variables or groups. */
  readonly steps:
    | readonly RunbookStep<Variables<E>>[]
    | ((context: RunbookContext<Variables<E>>) => readonly RunbookStep<Variables<E>>[]);
}

/** A runbook: the default export of a file in `runbooks/`. */
export class Runbook {
  /** The declaration it was made from. */
  readonly spec: RunbookSpec<ObjectEntries>;
  readonly #at: () => Location | undefined;
  readonly #isTyped: (name: string) => boolean;
  constructor(
    spec: RunbookSpec<ObjectEntries>,
    at: () => Location | undefined,
    isTyped: (name: string) => boolean = () => false,
  ) {
    this.spec = spec;
    this.#at = at;
    this.#isTyped = isTyped;
  }
  /** The same runbook, but with variables given as `-e name=value`, whose values are text whatever type was meant. */
  withTyped(isTyped: (name: string) => boolean): Runbook {
    return new Runbook(this.spec, this.#at, isTyped);
  }
  /** Where it was declared. */
  get at(): Location | undefined {
    return this.#at();
  }
  /** The declared variables of a host. @throws PlayError for one that is missing or wrong */
  variables(host: string, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.spec.vars ?? {}).map(([name, schema]) => {
        const value = given[name];
        if (value === undefined && schema.type !== 'optional' && schema.type !== 'exact_optional')
          throw new PlayError(`The runbook needs the variable "${name}", which is not set for ${host}`, {
            ...placeOf(this),
            hint: `Give it on the command line, -e ${name}=..., or set it in group_vars/.`,
          });
        const result = fittingText(schema, value, this.#isTyped(name));
        if (!result.success)
          throw wrongValue(`${host}: variable "${name}" of the runbook`, value, result.issues, this.#at);
        return [name, result.output];
      }),
    );
  }
  /** Required variables that are not among those given. */
  missing(given: Readonly<Record<string, unknown>>): string[] {
    return schemaRows(this.spec.vars ?? {})
      .filter(({ name, required }) => required && name in (this.spec.vars ?? {}) && given[name] === undefined)
      .map(({ name }) => name);
  }
  /** Whether the list of steps depends on variables. */
  get dependsOnVariables(): boolean {
    return typeof this.spec.steps === 'function';
  }
  /** The steps, for these variables. @throws PlayError if they are invalid */
  steps(context: RunbookContext<Readonly<Record<string, unknown>>>): readonly RunbookStep[] {
    const { steps } = this.spec;
    const list: unknown = typeof steps === 'function' ? callUserCode('steps', this, () => steps(context)) : steps;
    return checkSteps(list, this.#at);
  }
}

export const isQuestion = (step: RunbookStep): step is QuestionStep => 'question' in step;

const text = kind(
  (value) => isFilled(value) || typeof value === 'function',
  'must be text, or a function of { vars, hosts }',
);
const asked: Kinds<Confirmation> = { question: text, type: text };
const named: Kinds<NamedStep> = { name: common.name, description: common.name };
const questionKinds: Kinds<QuestionStep> = { ...named, ...asked };
const workKinds: Kinds<WorkStep> = {
  ...named,
  hosts: playKinds.hosts,
  become: playKinds.become,
  becomeUser: playKinds.becomeUser,
  serial: playKinds.serial,
  order: playKinds.order,
  strategy: playKinds.strategy,
  gone: playKinds.gone,
  vars: playKinds.vars,
  defaults: playKinds.defaults,
  roles: playKinds.roles,
  environment: playKinds.environment,
  timeout: playKinds.timeout,
  noLog: playKinds.noLog,
  forceHandlers: playKinds.forceHandlers,
  confirm: kind(isPlainObject, "must be a question and what is typed: { question: '...', type: 'yes' }"),
  playbook: kind(
    (value) => value instanceof Playbook || isFilled(value),
    "must be what definePlaybook returned, or a playbook's name or path",
  ),
  before: common.tasks,
  tasks: common.tasks,
  after: common.tasks,
  back: common.tasks,
  always: common.tasks,
  irreversible: common.flag,
};
const runbookKinds: Kinds<RunbookSpec<ObjectEntries>> = {
  title: common.name,
  description: common.name,
  vars: kind(
    (value) => isPlainObject(value) && Object.values(value).every((one) => isPlainObject(one) && 'type' in one),
    "must be variables, each with its schema: { port: option.port('Where it listens.') }",
  ),
  steps: kind(
    (value) => typeof value === 'function' || (listOf(value, isPlainObject) && Array.isArray(value)),
    'must be a list of steps, or a function that returns one',
  ),
};

/**
 * Declares a runbook: steps in order, with checks, questions to the operator, ways to undo steps, and cleanup.
 * `play runbook NAME` runs it.
 *
 * @throws PlayError if a keyword is unknown or has the wrong type, two steps have the same name, or an irreversible
 * step has no `after`
 * @example
 * export default defineRunbook({
 *   title: 'Replace the certificate',
 *   description: 'When the old one was lost.',
 *   vars: { unit: option.text('What reads it.', 'nginx') },
 *   steps: [
 *     { name: 'look', question: 'Is the new certificate in /root/new.pem?' },
 *     {
 *       name: 'replace',
 *       hosts: 'web',
 *       become: true,
 *       confirm: { question: 'This overwrites the old one.', type: ({ hosts }) => hosts.join(' ') },
 *       tasks: ({ vars }) => [
 *         command({ argv: ['mv', '/root/new.pem', '/etc/ssl/web.pem'], creates: '/etc/ssl/web.pem' }),
 *         systemd({ name: vars.unit, state: 'restarted' }),
 *       ],
 *       after: () => [uri({ url: 'https://localhost/', retries: 10 })],
 *       irreversible: true,
 *     },
 *   ],
 * });
 */
export function defineRunbook<const E extends ObjectEntries = Record<string, never>>(spec: RunbookSpec<E>): Runbook {
  const at = callSite(defineRunbook);
  checkKeywords(spec, { of: 'a runbook', kinds: runbookKinds, needed: ['title', 'description', 'steps'], at });
  if (Array.isArray(spec.steps)) checkSteps(spec.steps, at);
  // What steps are given was checked by the schemas of this very runbook.
  return new Runbook(spec as unknown as RunbookSpec<ObjectEntries>, at);
}

function checkSteps(steps: unknown, at: () => Location | undefined): readonly RunbookStep[] {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new PlayError('The runbook has no steps', {
      ...placeOf({ at: at() }),
      hint: "Give it one: steps: [{ name: 'look', question: 'Is it on fire?' }]",
    });
  const names = new Set<string>();
  for (const step of steps as readonly RunbookStep[]) {
    const of = isPlainObject(step) && isText(step.name) ? `the step "${step.name}"` : 'a step';
    const isAsked = isPlainObject(step) && 'question' in step;
    const needed = isAsked ? ['name', 'question'] : ['name', 'hosts'];
    checkKeywords(step, { of, kinds: isAsked ? questionKinds : workKinds, needed, at });
    if (names.has(step.name))
      throw new PlayError(`Two steps are called "${step.name}"`, {
        ...placeOf({ at: at() }),
        hint: 'The record identifies a step by its name: rename one of them.',
      });
    names.add(step.name);
    if (isQuestion(step)) continue;
    if (step.confirm !== undefined)
      checkKeywords(step.confirm, { of: `"confirm" of ${of}`, kinds: asked, needed: ['question'], at });
    if (step.irreversible === true && step.after === undefined)
      throw new PlayError(`The step "${step.name}" is irreversible and has no \`after\``, {
        ...placeOf({ at: at() }),
        hint: 'Say how to tell that it is done: a later run checks that before it goes on.',
      });
    for (const keyword of ['back', 'always'] as const)
      if (step.irreversible === true && step[keyword] !== undefined)
        throw new PlayError(`The step "${step.name}" is irreversible and has \`${keyword}\``, {
          ...placeOf({ at: at() }),
          hint: 'It is never done twice nor undone: give that to a step of its own before it.',
        });
  }
  return steps as readonly RunbookStep[];
}
