import { textOf, type Data } from '../ansible/data.ts';
import { roleNamed, type AnsibleTask, type Repository, type RoleCall } from '../ansible/tree.ts';
import { keyText, NotImported } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { dataCode } from './data-code.ts';
import { deferred } from './deferred.ts';
import { arrow, call as callDoc, choice, joined, list, object, print, type Doc } from './doc.ts';
import { applied } from './includes.ts';
import { plainKeywords, whenOf } from './keywords.ts';
import { loopOf } from './loops.ts';
import type { RoleWriter } from './role-writer.ts';
import type { FileScope } from './scope.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { anyValue, entry } from './values.ts';

/** What a task that includes a role says besides its variables. */
const settings = new Set([
  'name',
  'role',
  'tasks_from',
  'vars_from',
  'defaults_from',
  'handlers_from',
  'apply',
  'public',
  'allow_duplicates',
  'rolespec_validate',
]);

/** Writes the calls of roles: in the `roles` of a play, and among tasks. */
export class RoleCalls {
  readonly #repository: Repository;
  readonly #writers: ReadonlyMap<string, RoleWriter>;

  constructor(repository: Repository, writers: ReadonlyMap<string, RoleWriter>) {
    this.#repository = repository;
    this.#writers = writers;
  }

  /** Those of these variables that a role reads, or what it needs does. */
  reads(call: RoleCall, names: readonly string[]): string[] {
    const { asked } = this.#writer(call.name).variables;
    return names.filter((name) => asked.has(name) && !call.vars.has(name));
  }

  /** A role in a play's list, with what it is given; its dependencies come before it. */
  ofPlay(call: RoleCall, compiler: Compiler, scope: FileScope): readonly Doc[] {
    return [...this.#dependencies(call.name, compiler, scope), this.#constant(call, compiler, scope)];
  }

  /** A call that is the same for all hosts. @throws NotImported where it is not */
  #constant(call: RoleCall, compiler: Compiler, scope: FileScope): Doc {
    const writer = this.#writer(call.name);
    const keywords = [
      ...plainKeywords(compiler, new Map([...call.keywords].filter(([key]) => key !== 'vars'))),
      ...whenOfRole(compiler, call.keywords),
    ];
    const args = [...call.vars].map(([key, data]) => {
      writer.variables.given.add(key);
      const value = anyValue(compiler, data);
      if (value.run !== 0 || readsHost(print(value.doc)))
        throw new NotImported('a role with a computed argument', `${key} is computed: set it in the inventory`);
      return entry(keyText(key), value.doc);
    });
    return roleCall(scope, writer, undefined, args, keywords);
  }

  /** `import_role` and `include_role`. @throws NotImported */
  amongTasks(compiler: Compiler, task: AnsibleTask, { scope }: TasksWriter): readonly Doc[] {
    const loop = loopOf(compiler, task.keywords);
    const inner = loop === undefined ? compiler : compiler.within(loop.names);
    const name = nameOf(inner, task, ['name', 'role']) ?? '';
    const writer = this.#writer(name);
    const part = nameOf(inner, task, ['tasks_from']);
    for (const option of ['vars_from', 'defaults_from'])
      if (task.options.has(option))
        throw new NotImported('a part of a role', `variables of a role other than its main ones (${option})`);
    const vars = task.keywords.get('vars');
    const given: readonly (readonly [string, Data])[] = [
      ...[...task.options].filter(([key]) => !settings.has(key)),
      ...(vars?.type === 'map' ? vars.entries : []),
    ];
    const args = given.map(([key, data]) => {
      const value = dataCode(inner, data);
      if (value.run !== 0) throw new NotImported('a role with a value of the run', `${key} is only known in the run`);
      writer.variables.given.add(key);
      return entry(keyText(key), value.text);
    });
    const items = [...(loop?.names ?? [])].filter(([key, { run }]) => key !== 'item' && run === 0);
    for (const [key, value] of items) {
      writer.variables.given.add(key);
      args.push(entry(keyText(key), value.text));
    }
    const handed = task.module === 'import_role' ? task.keywords : applied(task);
    const when = whenOf(inner, task.keywords);
    const keywords = [
      ...plainKeywords(inner, new Map([...handed].filter(([key]) => key !== 'vars'))),
      ...(when.run === 0 ? [] : [entry('when', deferred(when.text, when.run))]),
    ];
    const before = this.#dependencies(name, inner, scope);
    const docs = [...before, roleCall(scope, writer, part, args, keywords)];
    const condition = when.literal !== true && when.run === 0 ? when : undefined;
    if (loop === undefined) return condition === undefined ? docs : [choice(condition.text, list(docs))];
    const body = condition === undefined ? list(docs) : joined(`${condition.text} ? `, list(docs), ' : []');
    return [arrow(`...${loop.over}.flatMap((${loop.parameter}) =>`, body, ')')];
  }

  #dependencies(name: string, compiler: Compiler, scope: FileScope, above: readonly string[] = []): readonly Doc[] {
    const { role } = this.#writer(name);
    if (above.includes(role.name)) throw new NotImported('a role that needs itself');
    return role.dependencies.flatMap((one) => [
      ...this.#dependencies(one.name, compiler, scope, [...above, role.name]),
      this.#constant(one, compiler, scope),
    ]);
  }

  #writer(given: string): RoleWriter {
    const role = roleNamed(this.#repository.roles, given);
    const writer = role === undefined ? undefined : this.#writers.get(role.name);
    if (writer === undefined) throw new NotImported('a role that is not there', `there is no role ${given} here`);
    return writer;
  }
}

/** A role as a task that imports it, with more variables of the play. */
export function importOf({ name, vars, keywords, at }: RoleCall, more: readonly string[]): AnsibleTask {
  const handed = more.map((one) => [one, { type: 'text', value: `{{ ${one} }}`, at }] as const);
  const given: Data = { type: 'map', entries: new Map<string, Data>([...handed, ...vars]), at, source: '' };
  return {
    type: 'task',
    name: undefined,
    module: 'import_role',
    options: new Map([['name', { type: 'text', value: name, at }]]),
    text: undefined,
    keywords: new Map<string, Data>([...keywords, ['vars', given]]),
    at,
    source: `role: ${name}`,
    isMade: true,
  };
}

/** A name that is written, of the first option that is given. @throws NotImported where it is computed */
function nameOf(compiler: Compiler, task: AnsibleTask, options: readonly string[]): string | undefined {
  const given = options.flatMap((option) => task.options.get(option) ?? [])[0];
  if (given === undefined) return undefined;
  const { literal } = compiler.text(textOf(given) ?? '');
  if (typeof literal === 'string') return literal;
  throw new NotImported('computed role', 'the name of the role, or of its tasks file, is computed');
}

/** @param part the file of its tasks, where it is not the main one */
function roleCall(
  scope: FileScope,
  writer: RoleWriter,
  part: string | undefined,
  args: readonly Doc[],
  keywords: readonly Doc[],
): Doc {
  const made = scope.use(writer.entryPoint(part), writer.file);
  if (keywords.length > 0) return callDoc(made, object(args), object(keywords));
  return args.length === 0 ? `${made}()` : callDoc(made, object(args));
}

/** What a role's condition may read besides facts and results. */
const ofContext = ['host', 'groups', 'hostvars', 'playHosts'];
const reads = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b(?=[.,)\\[])`).test(text);

/** Whether code reads what differs from host to host: nothing that a play says may. */
export const readsHost = (text: string): boolean => ['vars', 'known', ...ofContext].some((name) => reads(text, name));

/** The condition of a role in a play: the variables are those of its host. */
function whenOfRole(compiler: Compiler, keywords: ReadonlyMap<string, Data>): Doc[] {
  const when = whenOf(compiler, keywords);
  if (when.literal === true) return [];
  const { text } = when;
  if (reads(text, 'known'))
    throw new NotImported('a role that waits for a task', 'its condition reads a result registered in the play');
  const names = [...ofContext, 'facts', 'results'].filter((name) => reads(text, name));
  if (!reads(text, 'vars')) return [entry('when', names.length === 0 ? text : `({ ${names.join(', ')} }) => ${text}`)];
  const own = text.replaceAll(/\bvars(?=[.[])/g, `${compiler.use('variablesOfPlay')}(context)`);
  const inContext = names.reduce(
    (made, name) => made.replaceAll(new RegExp(`(?<![.'])\\b${name}\\b(?=[.,)\\[])`, 'g'), `context.${name}`),
    own,
  );
  return [entry('when', `(context) => ${inContext}`)];
}
