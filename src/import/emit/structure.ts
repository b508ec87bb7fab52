import { dirname, join } from 'node:path/posix';
import { listOf, textOf, type Data } from '../ansible/data.ts';
import { namePattern, sourceName } from '../ansible/source-names.ts';
import type { AnsibleTask, TasksFile, Variables } from '../ansible/tree.ts';
import { bracketed, code, level, NotImported, property, quote, reads, type Code } from '../expressions/code.ts';
import { InRunCompiler } from '../expressions/compiler.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { camelCase, identifier } from '../expressions/identifiers.ts';
import { dataCode } from './data-code.ts';
import { deferred, head } from './deferred.ts';
import { defineFact, valueBefore } from './define-fact.ts';
import { arrow, call, choice, joined, list, object, print, type Doc } from './doc.ts';
import { plainKeywords, whenOf } from './keywords.ts';
import { loopOf } from './loops.ts';
import { isNeedless } from './needless.ts';
import { tasksIn, type TasksWriter } from './tasks-writer.ts';
import { anyValue, entry, hasJinja } from './values.ts';

/** The files that tasks may include, and what is known of them. */
export interface Includable {
  /** By the path under which they may be included: `install.yml`. */
  readonly files: ReadonlyMap<string, TasksFile>;
  /** The file of the project that a path's function is in, without its ending. */
  readonly moduleOf: (path: string) => string;
  /** What a file's function is called. */
  readonly nameOf: (path: string) => string;
  /** Names that are given where a file is included; more may be added. */
  readonly parametersOf: (path: string) => Set<string>;
  /** Files of variables, by name. */
  readonly vars: ReadonlyMap<string, Variables>;
  /** The call of a role. */
  readonly role: (compiler: Compiler, task: AnsibleTask, writer: TasksWriter) => readonly Doc[];
}

export const functionOf = (path: string): string =>
  `${camelCase(path.replace(/\.ya?ml$/, '').replaceAll('/', '-'))}Tasks`;

const includes = new Set(['include_tasks', 'import_tasks', 'include']);
const roles = new Set(['include_role', 'import_role']);

/** Writes what is no resource: tasks, variables and roles that are included, and facts that are set. */
export function structureOf(includable: Includable) {
  return (writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] | undefined => {
    if (includes.has(task.module)) return include(includable, writer, compiler, task);
    if (roles.has(task.module)) return includable.role(compiler, task, writer);
    if (task.module === 'set_fact') return setFact(writer, compiler, task);
    if (task.module === 'include_vars') return includeVars(includable, writer, compiler, task);
    if (isNeedless(task)) return [];
    return undefined;
  };
}

const given = (task: AnsibleTask): Data | undefined =>
  task.options.get('file') ??
  task.options.get('_raw_params') ??
  (task.text === undefined ? undefined : { type: 'text', value: task.text, at: task.at });

function include(includable: Includable, writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] {
  const loop = loopOf(compiler, task.keywords.has('with_first_found') ? new Map() : task.keywords);
  const inner = loop === undefined ? compiler : compiler.within(loop.names);
  const names = namesOf(inner, task);
  const when = whenOf(inner, task.keywords);
  const vars = task.keywords.get('vars');
  const handed = new Map<string, Code>([
    ...(vars?.type === 'map' ? [...vars.entries].map(([name, data]) => [name, dataCode(inner, data)] as const) : []),
    ...[...task.options]
      .filter(([name]) => !['file', '_raw_params', 'apply'].includes(name))
      .map(([name, data]) => [name, dataCode(inner, data)] as const),
    ...(loop === undefined ? [] : [...loop.names].filter(([, value]) => value.parts === undefined && value.run === 0)),
    ...(loop === undefined ? [] : [...loop.names].filter(([, value]) => value.parts !== undefined)),
  ]);
  const tagged = task.module === 'import_tasks' ? task.keywords : applied(task);
  const keywords = [...plainKeywords(inner, new Map([...tagged].filter(([key]) => key !== 'vars')))];
  const [only] = names;
  if (only === undefined) throw new NotImported('include of nothing');
  const docs = names.flatMap((name) => one(includable, writer, name, { when, keywords, handed, task }));
  if (loop === undefined) return docs;
  return [arrow(`...${loop.over}.flatMap((${loop.parameter}) =>`, list(docs), ')')];
}

/** Keywords that an include hands on to its tasks. */
export function applied(task: AnsibleTask): ReadonlyMap<string, Data> {
  const apply = task.options.get('apply');
  const own = new Map(
    [...task.keywords].filter(
      ([key]) => key !== 'tags' && key !== 'when' && !key.startsWith('with_') && key !== 'loop',
    ),
  );
  return apply?.type === 'map' ? new Map([...own, ...apply.entries]) : own;
}

function namesOf(compiler: Compiler, task: AnsibleTask): Code[] {
  const first = task.keywords.get('with_first_found');
  if (first !== undefined)
    throw new NotImported('include of the first found', 'which file is included is found out in the run');
  const data = given(task);
  const written = data === undefined ? undefined : textOf(data);
  if (written === undefined) throw new NotImported('include of nothing');
  return [
    compiler.text(
      sourceName(written)
        .trim()
        .split(/\s+(?![^{]*\}\})/)[0] ?? '',
    ),
  ];
}

interface IncludeOf {
  readonly when: Code;
  readonly keywords: readonly Doc[];
  readonly handed: ReadonlyMap<string, Code>;
  readonly task: AnsibleTask;
}

/** The call of a file's function; of a computed name, one for each file it may be. */
function one(
  includable: Includable,
  writer: TasksWriter,
  name: Code,
  { when, keywords, handed, task }: IncludeOf,
): Doc[] {
  if (typeof name.literal === 'string') {
    const path = find(includable, writer, name.literal);
    if (path === undefined)
      throw new NotImported('included file that is not there', `there are no tasks in ${name.literal}`);
    return [included(includable, writer, path, when, keywords, handed)];
  }
  const pattern = patternOf(task);
  // A file that included itself would not end.
  const own = writer.scope.file;
  const paths = [...includable.files.keys()].filter((path) => pattern.test(path) && path !== own);
  if (paths.length === 0) throw new NotImported('computed include', 'no file fits the computed name');
  return paths.map((path) => {
    const is = code(`${name.text} === ${quote(path)}`, 'flag', { run: name.run });
    const both = when.literal === true ? is : code(`${when.text} && ${is.text}`, 'flag', { run: runOf(when, is) });
    return included(includable, writer, path, both, keywords, handed);
  });
}

/** Files that a computed name may stand for: its constant parts fit. */
function patternOf(task: AnsibleTask): RegExp {
  const data = given(task);
  const pattern = namePattern(data === undefined ? '' : sourceName(textOf(data) ?? ''));
  if (pattern === undefined)
    throw new NotImported('computed include', 'the name of what is included is computed as a whole');
  return pattern;
}

function find(includable: Includable, writer: TasksWriter, path: string): string | undefined {
  const plain = path.replace(/^\.\//, '');
  const beside = join(dirname(writer.scope.file), plain);
  return [plain, beside, plain.replace(/^.*\/tasks\//, ''), plain.replace(/^tasks\//, '')].find((one) =>
    includable.files.has(one),
  );
}

function included(
  includable: Includable,
  writer: TasksWriter,
  path: string,
  when: Code,
  keywords: readonly Doc[],
  handed: ReadonlyMap<string, Code>,
): Doc {
  const { scope } = writer;
  const parameters = includable.parametersOf(path);
  for (const name of handed.keys()) parameters.add(name);
  const file = includable.files.get(path);
  const setsFacts = file?.items.flatMap(tasksIn).some((task) => task.module === 'set_fact') === true;
  if (when.run !== 0 && setsFacts)
    throw new NotImported(
      'facts set under a condition of the run',
      'it sets facts, and whether is only known in the run',
    );
  const args: Doc[] = [scope.part('context'), scope.part('known')];
  if (parameters.size > 0) {
    const values = [...handed].map(([name, value]) => {
      if (value.run !== 0) throw new NotImported('include with a value of the run', `${name} is only known in the run`);
      return entry(name, value.text);
    });
    args.push(object(values));
  }
  const tasks = call(scope.use(includable.nameOf(path), includable.moduleOf(path)), ...args);
  const registersSomething = file?.items.flatMap(tasksIn).some((task) => task.keywords.has('register')) === true;
  const isStatic = when.run === 0 && when.literal !== true && !registersSomething;
  const blockKeywords = [
    ...keywords,
    ...(when.literal === true || isStatic ? [] : [entry('when', deferred(when.text, when.run))]),
  ];
  if (blockKeywords.length === 0) return isStatic ? choice(when.text, tasks) : joined('...', tasks);
  scope.use('block', 'play');
  const made = call('block', tasks, object(blockKeywords));
  return isStatic ? choice(when.text, list([made])) : made;
}

/** Facts become constants; those that are only known in the run, functions. */
function setFact(writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] {
  if ([...task.keywords.keys()].some((key) => key === 'loop' || key.startsWith('with_')))
    return setFactOver(writer, compiler, task);
  const vars = task.keywords.get('vars');
  const inner =
    vars?.type === 'map'
      ? compiler.within(new Map([...vars.entries].map(([name, data]) => [name, dataCode(compiler, data)])))
      : compiler;
  const when = whenOf(inner, task.keywords);
  for (const [name, data] of task.options) {
    if (name === 'cacheable') continue;
    if (hasJinja(name)) throw new NotImported('set_fact of a computed name');
    const value = dataCode(inner, data);
    defineFact(
      writer,
      task,
      name,
      conditional(when.literal === true ? undefined : valueBefore(writer, name), when, value),
    );
  }
  return [];
}

const readsName = (data: Data, name: string): boolean => {
  if (data.type === 'text') return new RegExp(`\\{[{%][^]*\\b${name}\\b`).test(data.value);
  if (data.type === 'list') return data.items.some((one) => readsName(one, name));
  return data.type === 'map' && [...data.entries.values()].some((one) => readsName(one, name));
};

/** A fact that each turn of a loop sets anew, made of what it was before. */
function setFactOver(writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] {
  const facts = [...task.options].filter(([name]) => name !== 'cacheable');
  const names = facts.map(([name]) => name);
  if (names.some(hasJinja)) throw new NotImported('set_fact of a computed name');
  const made = facts.map(([name, data]) => {
    const inRun = new InRunCompiler(compiler.scope);
    const loop = loopOf(inRun, task.keywords);
    if (loop === undefined) throw new NotImported('set_fact in a loop', 'it goes over nothing');
    const before = valueBefore(writer, name);
    const so = identifier(`${name}-so-far`, writer.around.taken, 'Value');
    const vars = task.keywords.get('vars');
    const inLoop = inRun.within(new Map([...loop.names, [name, code(so, 'any', { maybe: name })]]));
    const inner =
      vars?.type === 'map'
        ? inLoop.within(new Map([...vars.entries].map(([key, one]) => [key, dataCode(inLoop, one)])))
        : inLoop;
    const when = whenOf(inner, task.keywords);
    const value = dataCode(inner, data);
    const other = names.find((one) => one !== name && readsName(data, one));
    if (other !== undefined)
      throw new NotImported('set_fact in a loop', `${name} is made of ${other}, which is set in the same loop`);
    const start = before === undefined ? 'undefined' : before.text;
    const turn = when.literal === true ? value.text : `${when.text} ? ${bracketed(value, level.choice)} : ${so}`;
    const body = turn.startsWith('{') ? `(${turn})` : turn;
    const run = inRun.run | (before?.run ?? 0);
    const text = `${loop.over}.reduce((${so}: any, ${loop.parameter}) => ${body}, ${start})`;
    return [name, code(text, 'any', { run })] as const;
  });
  for (const [name, value] of made) defineFact(writer, task, name, value);
  return [];
}

/** A value under a condition is what it was before, otherwise. */
function conditional(before: Code | undefined, when: Code, value: Code): Code {
  if (when.literal === true) return value;
  const otherwise = before ?? code('undefined', 'any');
  return code(`${when.text} ? ${value.text} : ${otherwise.text}`, 'any', {
    run: runOf(when, value, otherwise),
    level: 1,
  });
}

/** Variables of a file of the role: by its name, or the first that is there. */
function includeVars(
  includable: Includable,
  writer: TasksWriter,
  compiler: Compiler,
  task: AnsibleTask,
): readonly Doc[] {
  if (task.keywords.has('register') || task.options.has('name') || task.options.has('dir'))
    throw new NotImported('include_vars into a name');
  const names = variableFiles(compiler, task);
  const when = whenOf(compiler, task.keywords);
  const known = [...includable.vars].filter(([file]) => names.some(({ fits }) => fits.test(file)));
  if (known.length === 0) throw new NotImported('variables that are not there', 'no file of variables fits the name');
  const { scope } = writer;
  const table = scope.constant('varsByFile');
  const files = known.map(([file, vars]) =>
    entry(
      quote(file),
      print(
        object(
          [...vars].map(([name, data]) =>
            entry(/^[A-Za-z_]\w*$/.test(name) ? name : quote(name), valueDoc(compiler, data)),
          ),
          true,
        ),
        2,
        4,
      ),
    ),
  );
  writer.statements.push(joined(`const ${table}: Record<string, any> = `, object(files, true), ';'));
  const chosen = scope.constant('fileVars');
  const run = runOf(when, ...names.map(({ name }) => name));
  const wanted = `${scope.use('firstOf')}(${table}, [${names.map(({ name }) => name.text).join(', ')}])`;
  const value = when.literal === true ? wanted : `${when.text} ? ${wanted} : {}`;
  if (run === 0) writer.statements.push(`const ${chosen} = ${value};`);
  else {
    scope.use('type RunContext', 'play');
    writer.statements.push(
      `const ${chosen} = ${head(run).replace(' =>', '').replace(')', ': RunContext)')}: Record<string, any> => ${value};`,
    );
  }
  const read = run === 0 ? chosen : `${chosen}({ facts, results })`;
  const bits = run === 0 ? 0 : reads.facts | reads.results;
  for (const name of new Set(known.flatMap(([, vars]) => [...vars.keys()]))) {
    const before = scope.variables.isDeclared(name) ? scope.name(name) : undefined;
    const own = property(read, name);
    defineFact(
      writer,
      task,
      name,
      code(before === undefined ? own : `${own} ?? ${before.text}`, 'any', {
        run: bits | (before?.run ?? 0),
        maybe: name,
      }),
    );
  }
  return [];
}

function valueDoc(compiler: Compiler, data: Data): Doc {
  const value = anyValue(compiler, data);
  if (value.run !== 0)
    throw new NotImported('variables that read facts', 'a file of variables reads what is only known in the run');
  return value.doc;
}

function variableFiles(compiler: Compiler, task: AnsibleTask): { name: Code; fits: RegExp }[] {
  const first = task.keywords.get('with_first_found');
  const texts = first === undefined ? [textOf(given(task) ?? { type: 'null', at: task.at }) ?? ''] : candidates(first);
  return texts.map((text) => {
    const plain = text
      .trim()
      .replace(/^(?:\.\.\/)?vars\//, '')
      .replace(/^\{\{\s*role_path\s*\}\}\/vars\//, '');
    const parts = plain.split(/\{\{[^]*?\}\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (parts.every((part) => part === '')) throw new NotImported('computed include_vars');
    return { name: compiler.text(plain), fits: new RegExp(`^${parts.join('[^/]+')}$`) };
  });
}

/** The names of `with_first_found`, with or without the folders they are looked for in. */
function candidates(data: Data): string[] {
  return listOf(data).flatMap((one) => {
    if (one.type !== 'map') return [textOf(one) ?? ''];
    return listOf(one.entries.get('files')).map((file) => textOf(file) ?? '');
  });
}
