import * as v from 'valibot';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { notified, type Handler } from './handler.ts';
import { wrongValue } from './options.ts';
import type { PlaySpec } from './playbook.ts';
import type { RoleUse } from './role.ts';
import { withScope, type Scope, type TaskContext } from './scope.ts';
import { tagList } from './tags.ts';
import { Task } from './task.ts';
import { callUserCode } from './user-code.ts';

/** One task with all it inherits from play and role. */
export interface ListedTask {
  readonly task: Task;
  /** As output shows it: the task's name, a handler's own. */
  readonly name: string;
  readonly role: string | null;
  readonly tags: readonly string[];
  readonly become: boolean;
  readonly becomeUser: string;
  readonly notify: readonly ListedHandler[];
}

/** A handler made for one host. */
export interface ListedHandler {
  /** Unique in the playbook: `role : name`. What is owed is recorded under it. */
  readonly id: string;
  readonly handler: Handler;
  readonly listed: ListedTask;
}

/** All that one play is for one host. */
export interface HostTasks {
  readonly tasks: readonly ListedTask[];
  /** In the order in which they run. */
  readonly handlers: readonly ListedHandler[];
}

/** What the list is made from besides the play. */
export interface ListInput {
  readonly play: PlaySpec;
  /** Folder of the playbook file. */
  readonly dir: string;
  readonly context: TaskContext;
  /** A variable of the host and where it was set; undefined when it is not. */
  readonly variable: (name: string) => { readonly value: unknown; readonly at: Location | undefined } | undefined;
  /** `-e`: above all else. */
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** Whether tasks become another user when nothing says so. */
  readonly become: boolean;
  readonly becomeUser: string;
}

/** Makes one host's task list of a play: pure but for the local files that roles read. */
export function listTasks(input: ListInput): HostTasks {
  const { play } = input;
  const become = play.become ?? (play.becomeUser === undefined ? input.become : true);
  const playDefaults: Defaults = { tags: tagList(play.tags), become, becomeUser: play.becomeUser ?? input.becomeUser };
  const builder = new ListBuilder();
  for (const use of play.roles ?? []) {
    const vars = roleVariables(use, input);
    const defaults: Defaults = {
      ...playDefaults,
      tags: tagList(playDefaults.tags, use.keywords.tags, use.spec.tags),
      become: use.keywords.become ?? playDefaults.become,
    };
    const scope: Scope = { ...input.context, vars, role: use.spec.name, dir: use.spec.dir, made: new Set() };
    builder.add(scope, defaults, use.spec.handlers ?? [], () => use.spec.tasks(scope as never), use.at);
  }
  const vars = { ...input.context.vars, ...play.vars, ...input.extraVars };
  const scope: Scope = { ...input.context, vars, role: null, dir: input.dir, made: new Set() };
  builder.add(scope, playDefaults, play.handlers ?? [], () => play.tasks?.(scope) ?? [], undefined);
  return builder.finish();
}

interface Defaults {
  readonly tags: readonly string[];
  readonly become: boolean;
  readonly becomeUser: string;
}

/** Collects scopes first: a task may notify handlers of any role of the play, also of a later one. */
class ListBuilder {
  readonly #drafts: { task: Task; scope: Scope; defaults: Defaults }[] = [];
  readonly #handlers = new Map<Handler, ListedHandler>();

  add(scope: Scope, defaults: Defaults, handlers: readonly Handler[], tasks: () => readonly Task[], at: Location | undefined): void {
    const where = at ? { where: at } : {};
    const owner = scope.role === null ? 'The play' : `The role "${scope.role}"`;
    const list: unknown = callUserCode(`${owner}: tasks`, at, () => withScope(scope, tasks));
    if (!Array.isArray(list)) {
      const hint = list instanceof Promise ? 'Make the function synchronous: a task list depends on variables and inventory only.' : 'Write tasks: () => [ ... ]';
      throw new PlayError(`${owner} does not return a list of tasks`, { ...where, hint });
    }
    for (const task of list.flat(Infinity)) {
      if (!(task instanceof Task)) {
        throw new PlayError(`${owner} lists something that is not a task: ${task instanceof Promise ? 'a promise' : JSON.stringify(task)}`, {
          ...where, hint: 'Lists hold what template(), apt() ... return. To leave a task out, use `when`, or spread: ...(yes ? [task] : [])',
        });
      }
      scope.made.delete(task);
      this.#drafts.push({ task, scope, defaults });
    }
    const forgotten = [...scope.made][0];
    if (forgotten) {
      throw new PlayError(`The task "${forgotten.name}" is made but not in the list of tasks`, {
        ...(forgotten.at ? { where: forgotten.at } : {}), hint: 'Put it into the list that `tasks` returns.',
      });
    }
    for (const one of handlers) this.#addHandler(one, scope, defaults);
  }

  #addHandler(handler: Handler, scope: Scope, defaults: Defaults): void {
    if (this.#handlers.has(handler)) return;
    const body = (): unknown => withScope({ ...scope, made: new Set() }, () => handler.body(scope));
    const task = callUserCode(`The handler "${handler.name}"`, handler.at, body);
    if (!(task instanceof Task)) {
      throw new PlayError(`The handler "${handler.name}" does not return a task`, { ...(handler.at ? { where: handler.at } : {}) });
    }
    const id = scope.role === null ? handler.name : `${scope.role} : ${handler.name}`;
    this.#handlers.set(handler, { id, handler, listed: { ...inherit(task, scope, defaults, []), name: handler.name } });
  }

  finish(): HostTasks {
    const resolve = (task: Task): ListedHandler[] =>
      notified(task.keywords.notify).map((one) => {
        const listed = this.#handlers.get(one);
        if (listed) return listed;
        throw new PlayError(`The task "${task.name}" notifies the handler "${one.name}", which no role of this play lists`, {
          ...(task.at ? { where: task.at } : {}), hint: 'Add it to the `handlers` of its role or play.',
        });
      });
    const handlers = [...this.#handlers.values()].map((one) => ({ ...one, listed: { ...one.listed, notify: resolve(one.listed.task) } }));
    const byHandler = new Map(handlers.map((one) => [one.handler, one]));
    const tasks = this.#drafts.map(({ task, scope, defaults }) =>
      inherit(task, scope, defaults, resolve(task).map((one) => byHandler.get(one.handler) ?? one)),
    );
    return { tasks, handlers };
  }
}

function inherit(task: Task, scope: Scope, defaults: Defaults, notify: readonly ListedHandler[]): ListedTask {
  const { keywords } = task;
  return {
    task,
    name: task.name,
    role: scope.role,
    tags: tagList(defaults.tags, keywords.tags),
    become: keywords.become ?? (keywords.becomeUser === undefined ? defaults.become : true),
    becomeUser: keywords.becomeUser ?? defaults.becomeUser,
    notify,
  };
}

/** The variables a role declares, by precedence, checked against their schemas. */
function roleVariables(use: RoleUse, input: ListInput): Record<string, unknown> {
  const declared = use.spec.vars ?? {};
  const at = (): Location | undefined => use.at;
  for (const name of Object.keys(use.args)) {
    if (!(name in declared)) throw unknownName(`variable of role ${use.spec.name}`, name, Object.keys(declared), use.at ? { where: use.at } : {});
  }
  const vars: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(declared)) {
    const fromInventory = input.variable(name);
    const written = { ...input.play.vars, ...use.args };
    const value = name in input.extraVars ? input.extraVars[name] : name in written ? written[name] : fromInventory?.value;
    const place = name in input.extraVars || name in written ? at : () => fromInventory?.at ?? use.at;
    if (value === undefined && schema.type !== 'optional' && schema.type !== 'exact_optional') {
      throw new PlayError(`The role "${use.spec.name}" needs the variable "${name}", which is not set for ${input.context.host.name}`, {
        ...(use.at ? { where: use.at } : {}),
        hint: `Set it in host_vars/${input.context.host.name}.yml or group_vars/, or pass it: ${use.spec.name}({ ${name}: ... })`,
      });
    }
    const result = v.safeParse(schema as v.GenericSchema, value);
    if (!result.success) throw wrongValue(`${input.context.host.name}: variable "${name}" of role ${use.spec.name}`, value, result.issues, place);
    vars[name] = result.output;
  }
  return vars;
}
