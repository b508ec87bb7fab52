import { join } from 'node:path';
import { textOf, type Data } from './ansible/data.ts';
import type { AnsibleTask, Repository, RoleCall } from './ansible/tree.ts';
import { deferred } from './emit/deferred.ts';
import { call as callDoc, object, print, type Doc } from './emit/doc.ts';
import type { HandlerName } from './emit/handlers.ts';
import { plainKeywords, whenOf } from './emit/keywords.ts';
import { looseTasks, PlaybookWriter, type RolesOf } from './emit/playbook-writer.ts';
import type { ProjectFile } from './emit/project-file.ts';
import type { Records } from './emit/report.ts';
import { roleFunction, RoleWriter } from './emit/role-writer.ts';
import type { FileScope } from './emit/scope.ts';
import { anyValue, entry } from './emit/values.ts';
import { keyText, NotImported } from './expressions/code.ts';
import type { Compiler } from './expressions/compiling.ts';

/** A project that is made: files to write, and files to copy as they are. */
export interface MadeProject {
  readonly files: readonly ProjectFile[];
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly notes: readonly string[];
}

/** Makes a project of a repository. What became of its tasks is in `records`. */
export function writeProject(repository: Repository, records: Records, taken: ReadonlySet<string>): MadeProject {
  const notes = new Set<string>();
  const writers = new Map<string, RoleWriter>();
  const loose = new Map<string, Set<string>>();
  const handler = (name: string): HandlerName | undefined => {
    const found = [...writers.values()].flatMap((writer) => writer.handlers.find(name) ?? []);
    // Of several roles that have one by this name nobody knows which is meant.
    return found.length === 1 ? found[0] : undefined;
  };
  const others: RolesOf = {
    records,
    taken,
    handler,
    role: roleInTasks,
    looseParameters: (path) => {
      const known = loose.get(path) ?? new Set<string>();
      loose.set(path, known);
      return known;
    },
    roleUse: (call, compiler, scope) => roleUse(repository, writers, taken, call, compiler, scope),
  };
  for (const [name, role] of repository.roles) writers.set(name, new RoleWriter(role, others));
  const books = repository.playbooks.map(
    (book) => new PlaybookWriter(book, repository, others, (where, what) => notes.add(`${where}: ${what}`)),
  );
  for (const book of books) book.file();
  for (const path of repository.tasks.keys()) looseTasks(path, repository, others);
  for (const writer of writers.values()) writer.prepare();
  const files = [
    ...books.map((book) => book.file()),
    ...[...writers.values()].flatMap((writer) => writer.files()),
    ...[...repository.tasks.keys()].map((path) => looseTasks(path, repository, others)),
  ];
  return { files, copies: copiesOf(repository), notes: [...notes] };
}

const copiesOf = (repository: Repository): { from: string; to: string }[] =>
  [...repository.roles.values()].flatMap((role) =>
    role.files.map((file) => ({ from: join(role.folder, 'files', file), to: `roles/${role.name}/files/${file}` })),
  );

/** A role's call, with what it is given; its dependencies come before it. */
function roleUse(
  repository: Repository,
  writers: ReadonlyMap<string, RoleWriter>,
  taken: ReadonlySet<string>,
  call: RoleCall,
  compiler: Compiler,
  scope: FileScope,
  above: readonly string[] = [],
): readonly Doc[] {
  const name = call.name.split('.').at(-1) ?? call.name;
  const writer = writers.get(call.name) ?? writers.get(name);
  const role = repository.roles.get(call.name) ?? repository.roles.get(name);
  if (writer === undefined || role === undefined)
    throw new NotImported('a role that is not there', `there is no role ${call.name} here`);
  if (above.includes(role.name)) throw new NotImported('a role that needs itself');
  const before = role.dependencies.flatMap((one) =>
    roleUse(repository, writers, taken, one, compiler, scope, [...above, role.name]),
  );
  const keywords = [
    ...plainKeywords(compiler, new Map([...call.keywords].filter(([key]) => key !== 'vars'))),
    ...roleWhen(compiler, call.keywords),
  ];
  const args = [...call.vars].map(([key, data]) => {
    writer.variables.given.add(key);
    const value = anyValue(compiler, data);
    if (value.run !== 0 || /\bvars\b|\bhost\b/.test(print(value.doc)))
      throw new NotImported('a role with a computed argument', `${key} is computed: set it in the inventory`);
    return entry(keyText(key), value.doc);
  });
  const made = scope.use(roleFunction(role.name, taken), `roles/${role.name}/index`);
  if (keywords.length === 0 && args.length === 0) return [...before, `${made}()`];
  return [
    ...before,
    keywords.length === 0 ? callDoc(made, object(args)) : callDoc(made, object(args), object(keywords)),
  ];
}

function roleWhen(compiler: Compiler, keywords: ReadonlyMap<string, Data>): Doc[] {
  const when = whenOf(compiler, keywords);
  if (when.literal === true) return [];
  if (/\bvars\b/.test(when.text)) {
    const text = when.text.replaceAll(/\bvars\./g, `${compiler.use('variablesOfPlay')}(context).`);
    return [
      entry('when', `(context) => ${text.replaceAll(/\b(facts|results|host|groups)\b(?=[.,)])/g, 'context.$1')}`),
    ];
  }
  return [entry('when', when.run === 0 ? when.text : deferred(when.text, when.run))];
}

/** `import_role` and `include_role` in a list of tasks: a role is no part of a list here. */
function roleInTasks(compiler: Compiler, task: AnsibleTask): never {
  const given = task.options.get('name') ?? task.options.get('role');
  const name = given === undefined ? undefined : compiler.text(textOf(given) ?? '').literal;
  if (typeof name !== 'string') throw new NotImported('computed role', 'which role it is, is computed');
  if (['tasks_from', 'vars_from', 'defaults_from'].some((one) => task.options.has(one)))
    throw new NotImported('a part of a role', 'other tasks of a role than its main ones');
  throw new NotImported('a role among tasks', `roles are listed in a play's \`roles\` here: ${name}`);
}
