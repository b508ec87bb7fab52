import { join } from 'node:path';
import { textOf, type Data } from '../ansible/data.ts';
import { sourceName } from '../ansible/source-names.ts';
import type { AnsibleRole, AnsibleTask, Variables } from '../ansible/tree.ts';
import { variablesAt } from '../ansible/variables-file.ts';
import { keyText, NotImported, quote } from '../expressions/code.ts';
import type { Scope } from '../expressions/compiling.ts';
import { camelCase, identifier } from '../expressions/identifiers.ts';
import { isGivenByAnsible } from '../expressions/names.ts';
import { importLines, TemplateStore } from '../templates/store.ts';
import { copyCallOf } from './copy-call.ts';
import { head } from './deferred.ts';
import { joined, object, print, type Doc } from './doc.ts';
import { HandlerNames, type HandlerName } from './handlers.ts';
import { ParametersOf, type Parameters } from './parameters.ts';
import type { ProjectFile } from './project-file.ts';
import type { Records } from './report.ts';
import { FileScope, SharedNames } from './scope.ts';
import { functionOf, structureOf, type Includable } from './structure.ts';
import { fileText, tasksFunction } from './tasks-file.ts';
import { TasksWriter, type Surroundings } from './tasks-writer.ts';
import { entry } from './values.ts';
import { RoleVariables, type RoleVariable } from './variables.ts';

/** What a role needs to know of the others. */
export interface Others {
  readonly records: Records;
  readonly taken: ReadonlySet<string>;
  /** A handler of another role; `role` is the one whose tasks notify it. */
  readonly handler: (name: string, role?: string) => HandlerName | undefined;
  /** The call of a role in a list of tasks. */
  readonly role: Includable['role'];
  /** Names of the repository's variables that look like facts. */
  readonly ownNames: ReadonlySet<string>;
  /** Where Ansible looks for templates that the role itself has not: beside playbooks. */
  readonly templateFolders: readonly string[];
}

/** Writes a role: its variables, tasks, handlers and templates. */
export class RoleWriter {
  readonly role: AnsibleRole;
  readonly variables: RoleVariables;
  readonly handlers: HandlerNames;
  readonly #others: Others;
  readonly #at: string;
  /** The function that plays and tasks call. */
  readonly #name: string;
  /** Files of its tasks that others call by themselves, by the name of the function. */
  readonly #entryPoints = new Map<string, string>();
  readonly #shared: SharedNames;
  readonly #parameters = new ParametersOf();
  #variableImports = new Map<string, Set<string>>();
  #variableParts = new Set<string>();

  constructor(role: AnsibleRole, others: Others) {
    this.role = role;
    this.#others = others;
    this.#shared = new SharedNames(others.taken);
    this.#at = `roles/${role.name}`;
    this.#name = identifier(role.name.replace(/^.*[./]/, ''), others.taken, 'Role');
    this.handlers = new HandlerNames(role.handlers, `${this.#at}/handlers`, others.taken);
    this.variables = new RoleVariables(role, others.ownNames, (variables) => this.#scopeOfVariables(variables));
  }

  /** The file that its functions are in, without its ending. */
  get file(): string {
    return `${this.#at}/index`;
  }

  /**
   * The function that runs its main tasks, or those of another file.
   *
   * @throws NotImported where there is no such file
   */
  entryPoint(part: string | undefined): string {
    if (part === undefined || /^main(?:\.ya?ml)?$/.test(part)) return this.#name;
    const path = [part, `${part}.yml`, `${part}.yaml`].find((one) => this.role.tasks.has(one));
    if (path === undefined)
      throw new NotImported('included file that is not there', `${this.role.name} has no tasks in ${part}`);
    const name = `${this.#name}${camelCase(`x-${path.replace(/\.ya?ml$/, '').replaceAll('/', '-')}`).slice(1)}`;
    this.#entryPoints.set(name, path);
    return name;
  }

  /** In its variables a role reads its other variables by `all`. */
  #scopeOfVariables(variables: RoleVariables): Scope {
    return {
      name: (name) => {
        if (name === 'item' || (isGivenByAnsible(name) && !variables.isDeclared(name))) return undefined;
        const found = variables.lookup(name);
        return { ...found, text: found.text.replace(/^vars\b/, 'all') };
      },
      context: (part) => {
        this.#variableParts.add(part);
        return `context.${part}`;
      },
      use: (name, from = 'ansible') => {
        this.#variableImports.set(from, (this.#variableImports.get(from) ?? new Set()).add(name));
        return name;
      },
      needs: () => undefined,
      taken: this.#others.taken,
    };
  }

  /** After it was looked at for the first time: what was asked for may be handed over, as is known by now. */
  lookAgain(): void {
    this.variables.settle(false);
    this.#variableImports = new Map();
    this.#variableParts = new Set();
    this.files();
  }

  /** After all was looked at: which variables have to be there is known. Part of the tasks may not need all. */
  settle(): void {
    this.variables.settle(this.#entryPoints.size === 0);
    this.#variableImports = new Map();
    this.#variableParts = new Set();
  }

  /** All files that are made of it; those that are copied are left out. */
  files(): ProjectFile[] {
    const known = [...this.role.templates, ...this.role.files.map((file) => `files/${file}`)];
    const templates = new TemplateStore({
      folders: [`${this.role.folder}/templates`, ...this.#others.templateFolders],
      known,
      at: `${this.#at}/templates`,
    });
    const around = this.#surroundings(templates);
    const tasks = [...this.role.tasks].map(([path]) => this.#tasksFile(path, around));
    const handlers = this.#handlersFile(around);
    // Last: which variables there are is known once all was read.
    return [
      this.#index(),
      this.#variablesFile(),
      ...tasks,
      ...(handlers === undefined ? [] : [handlers]),
      ...[...templates.made.values()].map(({ path, text, tasks: placing }) => ({
        path: `${this.#at}/templates/${path}`,
        text,
        tasks: placing,
      })),
    ];
  }

  #surroundings(templates: TemplateStore): Surroundings {
    const includable: Includable = {
      files: this.role.tasks,
      moduleOf: (path) => this.#moduleOf(path),
      nameOf: functionOf,
      parametersOf: (path) => this.#parametersOf(path),
      vars: this.role.moreVars,
      varsAt: (path) => this.#varsAt(path),
      role: this.#others.role,
    };
    return {
      records: this.#others.records,
      taken: this.#others.taken,
      handler: (name) => this.handlers.find(name) ?? this.#others.handler(name, this.role.name),
      handlers: this.handlers.all,
      templateCall: (compiler, task, scope) => templates.call(compiler, task, scope),
      templateText: (compiler, name, scope) => templates.text(compiler, name, scope),
      copyCall: copyCallOf(this.role.files),
      structure: structureOf(includable),
    };
  }

  /** Ansible looks in the role, beside its tasks and beside playbooks. */
  #varsAt(path: string): Variables | undefined {
    const own = ['vars', '.', 'tasks'].map((part) => join(this.role.folder, part));
    const folders = [...own, ...this.#others.templateFolders.map((folder) => join(folder, '..'))];
    return variablesAt(folders.map((folder) => join(folder, sourceName(path))));
  }

  #parametersOf(path: string): Parameters {
    return this.#parameters.of(path);
  }

  get #isComputed(): boolean {
    return this.variables.all().some(({ computed }) => computed !== undefined);
  }

  #tasksFile(path: string, around: Surroundings): ProjectFile {
    const parameters = this.#parametersOf(path);
    const scope = new FileScope(path, this.variables, this.#shared, parameters);
    const file = `${this.#moduleOf(path)}.ts`;
    const body = tasksFunction(this.role.tasks.get(path)?.items ?? [], scope, around, {
      name: functionOf(path),
      isExported: true,
      context: { type: 'Context', from: `${this.#at}/vars` },
      ...(this.#isComputed ? { variables: { call: 'settings', from: `${this.#at}/vars` } } : {}),
      parameters: parameters.names,
      isFirst: false,
      comment: `tasks/${path}`,
    });
    return { path: file, text: fileText(scope, file, body) };
  }

  #handlersFile(around: Surroundings): ProjectFile | undefined {
    if (this.handlers.handlers.length === 0) return undefined;
    const file = `${this.#at}/handlers.ts`;
    const scope = new FileScope('handlers', this.variables, new SharedNames(this.#others.taken));
    scope.use('handler', 'play');
    const writer = new TasksWriter(scope, {
      ...around,
      handler: (name) => withoutFile(this.handlers.find(name)) ?? around.handler(name),
      handlers: new Map(),
    });
    const made = this.handlers.handlers.map(({ task, name, constant }) => this.#handler(writer, task, name, constant));
    if (this.handlers.topics.length > 0) scope.use('topic', 'play');
    const topics = this.handlers.topics.map(({ name, constant, members }) =>
      print(`export const ${constant} = topic(${quote(name)}, [${members.join(', ')}]);`),
    );
    return { path: file, text: fileText(scope, file, `${[...made, ...topics].join('\n')}\n`) };
  }

  #handler(writer: TasksWriter, task: AnsibleTask, name: string, constant: string): string {
    const { scope } = writer;
    const doc = writer.single(task);
    const needsVars = /\bvars\b/.test(print(doc));
    const parts = ['host', 'groups', 'hostvars', 'playHosts'].filter((part) =>
      new RegExp(`\\b${part}\\b`).test(print(doc)),
    );
    if (!needsVars && parts.length === 0)
      return print(joined(`export const ${constant} = handler(${quote(name)}, () => `, doc, ');'));
    const vars = this.#isComputed ? 'settings' : 'variablesIn';
    const lines = [
      ...(needsVars ? [`  const vars = ${scope.use(vars, `${this.#at}/vars`)}(context);`] : []),
      ...(parts.length > 0 ? [`  const { ${parts.join(', ')} } = context;`] : []),
    ];
    return `export const ${constant} = handler(${quote(name)}, (context) => {\n${lines.join('\n')}\n  return ${print(doc, 2)};\n});`;
  }

  #index(): ProjectFile {
    const { role } = this;
    const path = `${this.#at}/index.ts`;
    const main = ['main.yml', 'main.yaml'].find((file) => role.tasks.has(file));
    const entryPoints: readonly (readonly [string, string | undefined])[] = [[this.#name, main], ...this.#entryPoints];
    const imports = new Map<string, Set<string>>([
      ['play', new Set(['defineRole'])],
      [`${this.#at}/vars`, new Set(['variables'])],
      ...entryPoints.flatMap(([, file]) =>
        file === undefined ? [] : [[this.#moduleOf(file), new Set([functionOf(file)])] as const],
      ),
    ]);
    const made = entryPoints.map(([name, file]) => {
      const tasks =
        file === undefined
          ? 'tasks: () => []'
          : `tasks: (context) => ${functionOf(file)}(context, {}${this.#given(file)})`;
      const spec = object([...(role.allowDuplicates ? ['allowDuplicates: true'] : []), 'vars: variables', tasks], true);
      return `${print(joined(`export const ${name} = defineRole(import.meta, `, spec, ');'))}\n`;
    });
    return { path, text: `${importLines(imports, path)}\n${made.join('\n')}` };
  }

  #moduleOf(path: string): string {
    return `${this.#at}/tasks/${path.replace(/\.ya?ml$/, '')}`;
  }

  /** What includes pass to a file is missing where the file is called on its own. */
  #given(path: string): string {
    return this.#parametersOf(path).names.length > 0 ? ', {}' : '';
  }

  #variablesFile(): ProjectFile {
    const path = `${this.#at}/vars.ts`;
    const all = this.variables.all();
    const entries = all.map((one): Doc => {
      const described = this.#described(one);
      const doc = entry(keyText(one.name), described);
      return one.comment === undefined ? doc : `// ${one.comment}\n  ${print(doc)}`;
    });
    const computed = all.flatMap((one) => (one.computed === undefined ? [] : [{ ...one, computed: one.computed }]));
    const text = [
      `/** The variables it takes, with what they are where nobody sets them. */\n${print(joined('export const variables = ', object(entries, true), ';'))}\n`,
      `/** What its tasks are made from. */\nexport type Context = TaskContext<v.InferOutput<v.StrictObjectSchema<typeof variables, undefined>>>;\n`,
      ...(computed.length === 0 ? [] : [settings(computed)]),
      ...(computed.length > 0
        ? []
        : [
            `/** Its variables, for handlers. */\nexport const variablesIn = (context: TaskContext): Context['vars'] => (context as Context).vars;\n`,
          ]),
    ].join('\n');
    const runs = computed.some((one) => one.computed.run !== 0);
    const imports = new Map(this.#variableImports);
    const fromPlay = new Set([
      ...(imports.get('play') ?? []),
      'v',
      'type TaskContext',
      ...(runs ? ['type RunContext'] : []),
    ]);
    return { path, text: `${importLines(new Map([...imports, ['play', fromPlay]]), path)}\n${text}` };
  }

  #described({ name, schema }: RoleVariable): string {
    const spec = this.role.specs?.entries.get(name);
    const description = spec?.type === 'map' ? spec.entries.get('description') : undefined;
    const text = description === undefined ? undefined : descriptionText(description);
    return text === undefined ? schema : `v.pipe(${schema}, v.description(${quote(text)}))`;
  }
}

const descriptionText = (data: Data): string | undefined =>
  data.type === 'list'
    ? data.items.map((item) => textOf(item) ?? '').join(' ')
    : textOf(data)?.trim().replaceAll(/\s+/g, ' ');

/** A handler of this very file is not imported. */
const withoutFile = (found: HandlerName | undefined): HandlerName | undefined =>
  found === undefined ? undefined : { ...found, file: '' };

/** Variables that are made of others: each where it is first read, as in Ansible. */
function settings(
  computed: readonly (RoleVariable & { readonly computed: NonNullable<RoleVariable['computed']> })[],
): string {
  const getters = computed.map(({ name, computed: { value, run, overrides } }) => {
    const given = overrides
      ? value
      : `context.vars.${name} ?? ${/^(?:\w|`|'|\[|\{)/.test(value) && !/ (?:\?|&&|\|\|) /.test(value) ? value : `(${value})`}`;
    const open =
      run === 0
        ? `    get ${keyText(name)}(): any {`
        : `    ${keyText(name)}(${head(run).replace(' =>', '').slice(1, -1)}: RunContext): any {`;
    return `${open}\n      return ${given};\n    },\n`;
  });
  return `/** All of its variables: those that are made of others too. */\nexport function settings(given: TaskContext) {\n  const context = given as Context;\n  const all = {\n    ...context.vars,\n${getters.join('')}  };\n  return all;\n}\n`;
}
