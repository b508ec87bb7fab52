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

/** What a question, or the word to type, may be made from. */
export interface StepContext<V = Readonly<Record<string, unknown>>> {
  /** The runbook's variables, as they are for the first of the hosts. */
  readonly vars: V;
  /** The hosts of the step, after `-l`; empty for a question, which has none. */
  readonly hosts: readonly string[];
}

/** Text, or a function that makes it. */
export type StepText<V> = string | ((context: StepContext<V>) => string);

/** What the operator types before a step begins. */
export interface Confirmation<V = Readonly<Record<string, unknown>>> {
  /** What is about to happen. */
  readonly question: StepText<V>;
  /** What must be typed to go on, such as the name of the host. Anything else stops the runbook. Default `yes`. */
  readonly type?: StepText<V>;
}

interface NamedStep {
  /** Its name, for `--from` and `status`: unique in the runbook. */
  readonly name: string;
  /** What the operator has to know about it, for the page that `--doc` writes. */
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

/** A step on hosts. The first host that fails ends the runbook once the others of the step (or batch) are done. */
export interface WorkStep<V = Readonly<Record<string, unknown>>> extends NamedStep, PlayPart {
  /** What the operator must type before the step begins. Default: it begins at once. */
  readonly confirm?: Confirmation<V>;
  /** What must hold before anything is changed: `assert`, `uri`, `command`. */
  readonly before?: StepTasks<V>;
  /**
   * A playbook whose plays are run between `before` and `tasks`, or its name in `playbooks/` or path, so that it can
   * come from a variable. If given by name, its plays run only on those of their hosts that the step is for.
   */
  readonly playbook?: Playbook | string;
  /** What is done. */
  readonly tasks?: StepTasks<V>;
  /** What must hold once it is done, handlers included: gates with `until`, `retries` and `delay`. */
  readonly after?: StepTasks<V>;
  /** The inverse step, run by `--back`. Default: there is nothing to undo. */
  readonly back?: StepTasks<V>;
  /**
   * What is done when the runbook ends, however it ends, if the step was begun: after the last step, a failure,
   * Ctrl-C or a lost link. If it could not be done, it is owed, and the next run does it. A step that was cleaned up
   * is done again when the runbook continues.
   */
  readonly always?: StepTasks<V>;
  /**
   * It cannot be undone. Then it needs `after`, which is checked again before a later run continues past it. Default
   * false.
   */
  readonly irreversible?: boolean;
}

/** A step of a runbook. */
export type RunbookStep<V = Readonly<Record<string, unknown>>> = WorkStep<V> | QuestionStep<V>;

/** What steps may depend on. */
export interface RunbookContext<V> {
  /** The variables as they are for `localhost`: `-e`, then the inventory's for all hosts. */
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
  /** The steps in their order; a function where they depend on variables or groups. */
  readonly steps:
    | readonly RunbookStep<Variables<E>>[]
    | ((context: RunbookContext<Variables<E>>) => readonly RunbookStep<Variables<E>>[]);
}

/** A runbook: the default export of a file in `runbooks/`. */
export class Runbook {
  /** What was declared. */
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
  /** The same, with variables from `-e name=value`: their values are text, whatever was meant. */
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
  /** The steps, for these variables. @throws PlayError where they are not what they must be */
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
 * Declares a runbook: steps in order, with checks, questions to the operator, inverse steps and what is always cleaned
 * up. `play runbook NAME` carries it out.
 *
 * @throws PlayError when a keyword is unknown or of a wrong kind, two steps have one name, or an irreversible step has
 * nothing by which it is seen to be done
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
 *       confirm: { question: 'The old one is gone then.', type: ({ hosts }) => hosts.join(' ') },
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
