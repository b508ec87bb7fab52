import { dirname, join } from 'node:path/posix';
import { listOf, textOf, type Data } from '../ansible/data.ts';
import {
  roleNamed,
  type AnsibleItem,
  type AnsiblePlay,
  type AnsiblePlaybook,
  type ImportedPlaybook,
  type Repository,
  type RoleCall,
} from '../ansible/tree.ts';
import { keyText, NotImported, quote } from '../expressions/code.ts';
import { JinjaCompiler } from '../expressions/compiler.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { camelCase } from '../expressions/identifiers.ts';
import type { BesidePlaybooks } from './beside-playbooks.ts';
import { copyCallOf } from './copy-call.ts';
import { joined, list, object, print, type Doc } from './doc.ts';
import { FactsBeforeRoles } from './facts-before-roles.ts';
import { HandlerNames, type HandlerName } from './handlers.ts';
import { plainKeywords } from './keywords.ts';
import type { Parameters } from './parameters.ts';
import { PlayVariables, unseenOfRoles, variablesOfPlayIn } from './play-variables.ts';
import type { ProjectFile } from './project-file.ts';
import { looseName, playbookPathAmong, stem, taskFilePath, tasksBeside } from './project-paths.ts';
import { importOf, readsHost } from './role-calls.ts';
import type { Others } from './role-writer.ts';
import { FileScope, SharedNames } from './scope.ts';
import { structureOf, type Includable } from './structure.ts';
import { fileText, tasksFunction } from './tasks-file.ts';
import { TasksWriter, type Surroundings } from './tasks-writer.ts';
import { anyValue, containsJinja, entry, hasJinja } from './values.ts';

/** What a playbook needs to know of the roles. */
export interface RolesOf extends Others {
  /** The call of a role in a play's list. */
  readonly roleUse: (call: RoleCall, compiler: Compiler, scope: FileScope) => readonly Doc[];
  /** Those of these variables that a role reads. @throws NotImported where there is no such role */
  readonly roleReads: (call: RoleCall, names: readonly string[]) => string[];
  /** Templates and files that belong to no role. */
  readonly beside: BesidePlaybooks;
  /** Names that are given where a file of tasks that belongs to no role is included. */
  readonly looseParameters: (path: string) => Parameters;
}

/** A note on what of a playbook has no counterpart. */
export type Note = (where: string, what: string) => void;

/** Writes one playbook. */
export class PlaybookWriter {
  readonly #book: AnsiblePlaybook;
  readonly #repository: Repository;
  readonly #others: RolesOf;
  readonly #note: Note;
  readonly path: string;

  constructor(book: AnsiblePlaybook, repository: Repository, others: RolesOf, note: Note) {
    this.#book = book;
    this.#repository = repository;
    this.#others = others;
    this.#note = note;
    this.path = playbookPathAmong(book.path, repository.playbooks);
  }

  file(): ProjectFile {
    const parts: string[] = [];
    const scopes: FileScope[] = [];
    const handlerNames = new Set<string>();
    const before = new FactsBeforeRoles(this.#repository.roles);
    const plays = this.#book.plays.flatMap((play, i): Doc[] => {
      if (play.type === 'import') return [this.#imported(play, scopes)];
      const all = new FileScope(
        this.#book.path,
        new PlayVariables(new Map(), this.#others.ownNames),
        new SharedNames(this.#others.taken),
      );
      const told = (what: string): void => this.#note(this.#book.path, what);
      const vars = variablesOfPlayIn(this.#repository.folder, this.#book.path, play, told);
      const variables = new PlayVariables(vars, this.#others.ownNames, all, told);
      const scope = new FileScope(this.#book.path, variables, new SharedNames(this.#others.taken));
      scopes.push(all, scope);
      const made = this.#play({ ...play, vars }, i, { scope, variables, handlerNames }, parts);
      const roles = play.roles.flatMap(({ name }) => roleNamed(this.#repository.roles, name) ?? []);
      const unseen = unseenOfRoles({ asked: variables.asked, declared: vars }, roles);
      for (const what of [...unseen, ...before.of(play)]) told(what);
      return [made];
    });
    const all = new FileScope(
      this.#book.path,
      new PlayVariables(new Map(), this.#others.ownNames),
      new SharedNames(this.#others.taken),
    );
    for (const scope of scopes)
      for (const [from, names] of scope.imports) for (const name of names) all.use(name, from);
    all.use('definePlaybook', 'play');
    const list_ = list(plays, plays.length > 1);
    const text = print(joined('export default definePlaybook(', list_, ');'));
    return { path: this.path, text: fileText(all, this.path, [...parts, `${text}\n`].join('\n')) };
  }

  /** Plays of another playbook, with the tags that they get where it is imported. */
  #imported({ path: given, keywords }: ImportedPlaybook, scopes: FileScope[]): Doc {
    const target = join(dirname(this.#book.path), given);
    const name = `${camelCase(stem(target).split('/').at(-1) ?? 'other')}Plays`;
    const scope = new FileScope(
      this.#book.path,
      new PlayVariables(new Map(), this.#others.ownNames),
      new SharedNames(this.#others.taken),
    );
    if (!this.#repository.playbooks.some(({ path }) => path === target)) {
      this.#note(this.#book.path, `the playbook ${given} is not there`);
      return `// Review: the playbook ${given} is not there.`;
    }
    scope.use(`default as ${name}`, stem(playbookPathAmong(target, this.#repository.playbooks)).replace(/\.ts$/, ''));
    scopes.push(scope);
    for (const [key, data] of keywords) {
      if (key === 'tags') continue;
      const what =
        key === 'when' ? `its tasks always run, not only when ${textOf(data) ?? 'it says'}` : 'give it to them';
      this.#note(this.#book.path, `the ${key} of import_playbook ${given} is left out: ${what}`);
    }
    const tags = plainKeywords(new JinjaCompiler(scope), new Map([...keywords].filter(([key]) => key === 'tags')));
    if (tags.length === 0) return `...${name}.plays`;
    return joined(`...${scope.use('withTags')}(${name}.plays, `, object(tags), ')');
  }

  #play(play: AnsiblePlay, i: number, { scope, variables, handlerNames }: PlayIn, parts: string[]): Doc {
    const named = play.name ?? textOf(play.hosts) ?? `play ${i + 1}`;
    const own = `${camelCase(named.slice(0, 40))}${this.#book.plays.length > 1 ? String(i + 1) : ''}`;
    const compiler = new JinjaCompiler(scope);
    const handlers = new HandlerNames(play.handlers, '', this.#others.taken, handlerNames);
    const around = this.#surroundings(handlers);
    const call = variables.isComputed ? { call: `${own}Variables`, from: '' } : ofInventory;
    if (variables.isComputed) parts.push(variables.functionText(call.call, scope));
    if (handlers.handlers.length > 0) parts.push(this.#handlers(handlers, scope, around, call));
    const { listed, among } = this.#roles(play, variables, compiler, scope);
    const functions = (
      [
        ['preTasks', play.preTasks],
        ['tasks', [...among, ...play.tasks]],
        ['postTasks', play.postTasks],
      ] as const
    ).flatMap(([key, items]): Doc[] =>
      items.length === 0
        ? []
        : [
            this.#tasks(
              key,
              `${own}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
              items,
              play,
              { scope, variables, call },
              around,
              parts,
            ),
          ],
    );
    return object(
      [
        ...(play.name === undefined || hasJinja(play.name) ? [] : [entry('name', quote(play.name))]),
        entry('hosts', this.#hosts(play)),
        ...this.#keywords(play, compiler),
        ...this.#vars(play, compiler),
        ...functions.filter((one) => isKey(one, 'preTasks')),
        ...(listed.length === 0 ? [] : [joined('roles: ', list(listed))]),
        ...functions.filter((one) => !isKey(one, 'preTasks')),
      ],
      true,
    );
  }

  /** Roles in the play's list, and from the first on whose arguments are computed, at the beginning of its tasks. */
  #roles(
    play: AnsiblePlay,
    variables: PlayVariables,
    compiler: Compiler,
    scope: FileScope,
  ): { readonly listed: readonly Doc[]; readonly among: readonly AnsibleItem[] } {
    const listed: Doc[] = [];
    const among: AnsibleItem[] = [];
    for (const call of play.roles) {
      try {
        const more = this.#others.roleReads(call, variables.known);
        if (among.length === 0 && more.length === 0) {
          const use = scope.attempt(() => this.#listed(call, compiler, scope));
          if (use !== undefined) {
            listed.push(...use);
            continue;
          }
        }
        among.push(importOf(call, more));
      } catch (thrown) {
        if (!(thrown instanceof NotImported)) throw thrown;
        this.#note(this.#book.path, `the role ${call.name} is left out: ${thrown.message}`);
      }
    }
    return { listed, among };
  }

  /** Undefined: only among tasks can it be given what it is given. */
  #listed(call: RoleCall, compiler: Compiler, scope: FileScope): readonly Doc[] | undefined {
    try {
      return this.#others.roleUse(call, compiler, scope);
    } catch (thrown) {
      if (thrown instanceof NotImported && thrown.about === 'a role with a computed argument') return undefined;
      throw thrown;
    }
  }

  #hosts(play: AnsiblePlay): Doc {
    const texts = listOf(play.hosts).map((one) => textOf(one) ?? '');
    const computed = texts.find(hasJinja);
    if (computed !== undefined) {
      const standard = /default\(\s*'([^']+)'/.exec(computed)?.[1] ?? 'all';
      this.#note(this.#book.path, `hosts are computed (${computed}): write them, or choose with -l`);
      return quote(standard);
    }
    return texts.length === 1 ? quote(texts[0] ?? '') : list(texts.map(quote));
  }

  #keywords(play: AnsiblePlay, compiler: Compiler): Doc[] {
    const passedOver = new Set([
      'gather_facts',
      'gather_subset',
      'vars_files',
      'vars_prompt',
      'strategy',
      'serial',
      'max_fail_percentage',
      'any_errors_fatal',
      'force_handlers',
      'order',
      'connection',
      'remote_user',
      'user',
      'fact_path',
      'gather_timeout',
      'port',
      'module_defaults',
      'check_mode',
      'run_once',
      'become_method',
      'throttle',
      'delegate_to',
    ]);
    const own = new Map([...play.keywords].filter(([key]) => !passedOver.has(key)));
    const told = ['vars_prompt', 'connection', 'module_defaults'].filter((key) => play.keywords.has(key));
    for (const key of told) this.#note(this.#book.path, `the play's ${key} is left out`);
    const made = [...own].flatMap(([key, data]) => this.#keyword(compiler, key, data));
    const plain: readonly (readonly [string, string])[] = [
      ['serial', 'serial'],
      ['max_fail_percentage', 'maxFailPercentage'],
      ['any_errors_fatal', 'anyErrorsFatal'],
      ['force_handlers', 'forceHandlers'],
    ];
    for (const [theirs, ours] of plain) {
      const data = play.keywords.get(theirs);
      if (data === undefined) continue;
      if (containsJinja(data)) this.#note(this.#book.path, `the play's ${theirs} is computed, and left out`);
      else made.push(entry(ours, anyValue(compiler, data).doc));
    }
    if (textOf(play.keywords.get('strategy') ?? { type: 'null', at: play.at }) === 'linear')
      made.push(entry('strategy', "'linear'"));
    return made;
  }

  /** A keyword that is the same for all hosts; any other is reported, and left out. */
  #keyword(compiler: Compiler, key: string, data: Data): readonly Doc[] {
    const docs = this.#attempt(() => plainKeywords(compiler, new Map([[key, data]])), [] as Doc[], key);
    if (!docs.some((doc) => readsHost(print(doc)))) return docs;
    this.#note(this.#book.path, `the play's ${key} is computed, and left out: its tasks or blocks may have it`);
    return [];
  }

  /** Variables of a play, and those of files it names, that are the same for all hosts. */
  #vars(play: AnsiblePlay, compiler: Compiler): Doc[] {
    const entries = [...play.vars].flatMap(([name, data]): Doc[] =>
      containsJinja(data)
        ? []
        : this.#attempt(() => [entry(keyText(name), anyValue(compiler, data).doc)], [], `variable ${name}`),
    );
    return entries.length === 0 ? [] : [joined('vars: ', object(entries))];
  }

  #attempt<T>(work: () => T, otherwise: T, what: string): T {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      this.#note(this.#book.path, `${what}: ${thrown.message}`);
      return otherwise;
    }
  }

  #tasks(
    key: string,
    name: string,
    items: readonly AnsibleItem[],
    play: AnsiblePlay,
    { scope, variables, call }: OfPlay,
    around: Surroundings,
    parts: string[],
  ): Doc {
    const inner = new FileScope(this.#book.path, variables, scope.shared);
    const text = tasksFunction(items, inner, around, {
      name,
      isExported: false,
      context: { type: 'TaskContext', from: 'play' },
      variables: call,
      parameters: [],
      isFirst: true,
      comment: `${key} of ${play.name ?? 'the play'}`,
    });
    for (const [from, names] of inner.imports) for (const one of names) scope.use(one, from);
    parts.push(text);
    return entry(key, name);
  }

  #surroundings(handlers: HandlerNames): Surroundings {
    const folder = dirname(this.#book.path);
    const includable: Includable = {
      files: tasksBeside(this.#book.path, this.#repository),
      moduleOf: (path) => taskFilePath(join(folder, path)).replace(/\.ts$/, ''),
      nameOf: (path) => looseName(join(folder, path)),
      parametersOf: (path) => this.#others.looseParameters(join(folder, path)),
      vars: this.#others.beside.vars(folder),
      varsAt: (path) => this.#others.beside.varsAt(folder, path),
      role: this.#others.role,
    };
    const { beside } = this.#others;
    return {
      records: this.#others.records,
      taken: this.#others.taken,
      handler: (name): HandlerName | undefined => handlers.find(name) ?? this.#others.handler(name),
      handlers: handlers.all,
      templateCall: (compiler, task, scope) => beside.templates(folder).call(compiler, task, scope),
      templateText: (compiler, name, scope) => beside.templates(folder).text(compiler, name, scope),
      copyCall: copyCallOf(beside.files(folder), (name) => beside.place(folder, name)),
      structure: structureOf(includable),
    };
  }

  #handlers(handlers: HandlerNames, scope: FileScope, around: Surroundings, vars: OfPlay['call']): string {
    scope.use('handler', 'play');
    const writer = new TasksWriter(scope, around);
    const made = handlers.handlers.map(({ task, name, constant }) => {
      const doc = writer.single(task);
      const text = print(doc);
      const usesVars = /\bvars\b/.test(text);
      const usesHost = /\bhost\b/.test(text);
      if (!usesVars && !usesHost) return print(joined(`const ${constant} = handler(${quote(name)}, () => `, doc, ');'));
      const lines = [
        ...(usesVars ? [`  const vars = ${scope.use(vars.call, vars.from)}(context);`] : []),
        ...(usesHost ? ['  const { host } = context;'] : []),
      ];
      return `const ${constant} = handler(${quote(name)}, (context) => {\n${lines.join('\n')}\n  return ${print(doc, 2)};\n});`;
    });
    if (handlers.topics.length > 0) scope.use('topic', 'play');
    const topics = handlers.topics.map(
      ({ name, constant, members }) => `const ${constant} = topic(${quote(name)}, [${members.join(', ')}]);`,
    );
    return `${[...made, ...topics].join('\n')}\n`;
  }
}

/** A play in its file. */
interface PlayIn {
  readonly scope: FileScope;
  readonly variables: PlayVariables;
  /** Constants of handlers that the file has: those of several plays may have one name. */
  readonly handlerNames: Set<string>;
}

/** What the tasks of one play have in common. */
interface OfPlay {
  readonly scope: FileScope;
  readonly variables: PlayVariables;
  /** The function that gives the play's variables. */
  readonly call: { readonly call: string; readonly from: string };
}

const ofInventory = { call: 'variablesOfPlay', from: 'ansible' };

const isKey = (doc: Doc, key: string): boolean => typeof doc === 'string' && doc.startsWith(`${key}:`);
