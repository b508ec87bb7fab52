import { dirname, join } from 'node:path/posix';
import { textOf, type Data } from '../ansible/data.ts';
import { namePattern, sourceName } from '../ansible/source-names.ts';
import { type AnsibleTask, type TasksFile, tasksIn } from '../ansible/tree.ts';
import { code, level, NotImported, quote, bracketed, type Code } from '../expressions/code.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { identifier } from '../expressions/identifiers.ts';
import { dataCode } from './data-code.ts';
import { deferred, head } from './deferred.ts';
import { arrow, call, choice, joined, list, marked, object, type Doc } from './doc.ts';
import { firstFound, includedName, type FirstFound } from './included-names.ts';
import { plainKeywords, whenOf } from './keywords.ts';
import { loopOf } from './loops.ts';
import { MergedFacts } from './merged-facts.ts';
import type { Parameters } from './parameters.ts';
import type { FileScope } from './scope.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { unrolled } from './unroll.ts';
import { entry } from './values.ts';

/** The files that tasks may include, and what is known of them. */
export interface IncludableFiles {
  /** By the path under which they may be included: `install.yml`. */
  readonly files: ReadonlyMap<string, TasksFile>;
  /** The file of the project that a path's function is in, without its ending. */
  readonly moduleOf: (path: string) => string;
  /** What a file's function is called. */
  readonly nameOf: (path: string) => string;
  /** Names that are given where a file is included; more may be added. */
  readonly parametersOf: (path: string) => Parameters;
}

/** What is included, and what of it is the same whichever file it is. */
interface Including {
  readonly files: IncludableFiles;
  readonly writer: TasksWriter;
  readonly task: AnsibleTask;
  readonly compiler: Compiler;
  readonly when: Code;
  readonly keywords: readonly Doc[];
  readonly handed: ReadonlyMap<string, Code>;
}

/** `include_tasks` and `import_tasks`: calls of the files' functions. @throws NotImported */
export function include(
  files: IncludableFiles,
  writer: TasksWriter,
  compiler: Compiler,
  task: AnsibleTask,
): readonly Doc[] {
  const first = firstFound(task, 'tasks');
  const keywords = new Map([...task.keywords].filter(([key]) => key !== 'with_first_found'));
  const known = writtenOut(compiler, task, keywords);
  const loop = known === undefined ? loopOf(compiler, keywords) : undefined;
  const turns = known ?? [loop?.names ?? new Map<string, Code>()];
  const facts = new MergedFacts(writer, task);
  const docs = turns.flatMap((names) => {
    const handed = handedBy(compiler.within(names), task, names);
    const inner = compiler.within(names).within(handed);
    const when = whenOf(inner, keywords);
    const including: Including = {
      files,
      writer,
      task,
      compiler: inner,
      when,
      keywords: ownKeywords(inner, task),
      handed,
    };
    return first === undefined ? one(including, facts) : theFirst(including, first, facts);
  });
  const made = loop === undefined ? docs : [arrow(`...${loop.over}.flatMap((${loop.parameter}) =>`, list(docs), ')')];
  if (!facts.areRead) return made;
  if (loop !== undefined && facts.areConditional)
    throw new NotImported('facts set under a condition of the run', 'each iteration sets facts under a condition');
  // What it sets is read behind it: it is called where it stands.
  const constant = writer.scope.constant(identifier(`included-${stemOf(task)}`, writer.around.taken, 'Tasks'));
  writer.scope.use('type TaskItem', 'play');
  const id = writer.around.records.id(task);
  facts.keep();
  writer.statements.push(marked(id, joined(`const ${constant}: TaskItem[] = `, list(made), ';')));
  facts.merge();
  return [`...${constant}`];
}

const stemOf = (task: AnsibleTask): string =>
  (textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? '')
    .replaceAll(/\{\{[^]*?\}\}/g, '')
    .replace(/\.ya?ml$/, '');

/** The turns of a loop whose items are written down, where the name of the file is made of them. */
function writtenOut(
  compiler: Compiler,
  task: AnsibleTask,
  keywords: ReadonlyMap<string, Data>,
): readonly ReadonlyMap<string, Code>[] | undefined {
  const text = textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? '';
  const items = unrolled(compiler, keywords, new NotImported('computed name'));
  const names = [...(items?.[0]?.keys() ?? [])];
  return names.some((name) => new RegExp(`\\{\\{[^}]*\\b${name}\\b`).test(text)) ? items : undefined;
}

const ownKeywords = (compiler: Compiler, task: AnsibleTask): readonly Doc[] => {
  const tagged = task.module === 'import_tasks' ? task.keywords : applied(task);
  return plainKeywords(compiler, new Map([...tagged].filter(([key]) => key !== 'vars')));
};

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

/** Variables that the file is given: those of the task, of its loop, and what was given to this very file. */
function handedBy(compiler: Compiler, task: AnsibleTask, ofLoop: ReadonlyMap<string, Code>): ReadonlyMap<string, Code> {
  const vars = task.keywords.get('vars');
  const own = vars?.type === 'map' ? [...vars.entries] : [];
  const given = [...task.options].filter(([name]) => !['file', '_raw_params', 'apply'].includes(name));
  // What only says which file is the first is of no use to it.
  const isSetting = (name: string): boolean => new RegExp(`first_found[^)]*\\b${name}\\b`).test(task.source);
  return new Map([
    ...[...own, ...given]
      .filter(([name]) => !isSetting(name))
      .map(([name, data]) => [name, dataCode(compiler, data)] as const),
    ...[...ofLoop].filter(([, { result }]) => result === undefined),
  ]);
}

/** The call of a file's function; of a computed name, one for each file it may be. */
function one(including: Including, facts: MergedFacts): Doc[] {
  const { task, compiler } = including;
  const data = includedName(task);
  const written = data === undefined ? undefined : textOf(data);
  if (written === undefined) throw new NotImported('include of nothing');
  const [source = ''] = sourceName(written)
    .trim()
    .split(/\s+(?![^{]*\}\})/);
  const name = compiler.text(source);
  if (typeof name.literal === 'string')
    return [calls(including, pathOf(including, name.literal), including.when, facts)];
  const pattern = namePattern(source);
  const paths = reachable(including, name).filter((path) => pattern === undefined || pattern.test(path));
  if (paths.length === 0) throw new NotImported('computed include', 'no file fits the computed name');
  return chosen(including, paths, facts, (words) => ({
    text: `${compiler.use('oneOf')}(${name.text}, ${words})`,
    run: name.run,
  }));
}

/** Of several names the first that there is: which files there are is known here. */
function theFirst(including: Including, { names, skips }: FirstFound, facts: MergedFacts): Doc[] {
  const { compiler, writer } = including;
  const made = names.map((name) => compiler.text(name));
  const patterns = names.map((name) => namePattern(name) ?? /^/);
  const paths = [...including.files.files.keys()].filter(
    (path) => path !== writer.scope.file && patterns.some((pattern) => pattern.test(path)),
  );
  if (paths.length === 0) {
    if (skips) return [];
    throw new NotImported('included file that is not there', `there are no tasks in ${names.join(', ')}`);
  }
  const literals = made.map(({ literal }) => literal);
  const found = literals.find((literal) => typeof literal !== 'string' || paths.includes(literal));
  if (typeof found === 'string') return [calls(including, found, including.when, facts)];
  const skip = skips ? ', true' : '';
  return chosen(including, paths, facts, (words) => ({
    text: `${compiler.use('firstThere')}([${made.map(({ text }) => text).join(', ')}], ${words}${skip})`,
    run: runOf(...made),
  }));
}

/** A call for each file that may be meant, where it is. */
function chosen(
  including: Including,
  paths: readonly string[],
  facts: MergedFacts,
  nameOf: (words: string) => { readonly text: string; readonly run: number },
): Doc[] {
  const { when } = including;
  const { text, run } = nameOf(`[${paths.map(quote).join(', ')}]`);
  return paths.map((path) => {
    const is = code(`${text} === ${quote(path)}`, 'flag', { level: level.equality, run });
    const both =
      when.literal === true
        ? is
        : code(`${bracketed(when, level.and)} && ${is.text}`, 'flag', { level: level.and, run: runOf(when, is) });
    return calls(including, path, both, facts);
  });
}

/** Files that a computed name may mean. One that includes this file again would never end, since all of them are called. */
function reachable({ files, writer }: Including, name: Code): string[] {
  const own = writer.scope.file;
  return [...files.files.keys()].filter(
    (path) => path !== own && !(name.run !== 0 && leadsTo(files.files, path, own, new Set())),
  );
}

function leadsTo(files: ReadonlyMap<string, TasksFile>, path: string, to: string, seen: Set<string>): boolean {
  if (path === to) return true;
  if (seen.has(path)) return false;
  seen.add(path);
  return (files.get(path)?.items ?? []).flatMap(tasksIn).some((task) => {
    if (!/^(?:include|import)_tasks$|^include$/.test(task.module)) return false;
    const written = textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? '';
    // A computed name may be anything.
    if (written.includes('{{')) return true;
    return leadsTo(files, join(dirname(path), written.trim()), to, seen) || leadsTo(files, written.trim(), to, seen);
  });
}

function pathOf({ files, writer }: Including, name: string): string {
  const plain = name.replace(/^\.\//, '');
  const beside = join(dirname(writer.scope.file), plain);
  const found = [plain, beside, plain.replace(/^.*\/tasks\//, ''), plain.replace(/^tasks\//, '')].find((one) =>
    files.files.has(one),
  );
  if (found === undefined) throw new NotImported('included file that is not there', `there are no tasks in ${name}`);
  return found;
}

function calls(including: Including, path: string, when: Code, facts: MergedFacts): Doc {
  const { files, writer, keywords } = including;
  const { scope } = writer;
  const handed = new Map([...passedOn(including, path), ...including.handed]);
  const parameters = files.parametersOf(path);
  for (const [name, value] of handed) parameters.add(name, value.run);
  const args: Doc[] = [scope.part('context'), scope.part('known')];
  if (parameters.names.length > 0)
    args.push(object([...handed].map(([name, value]) => argument(scope, name, value, parameters.runOf(name) !== 0))));
  const tasks = call(scope.use(files.nameOf(path), files.moduleOf(path)), ...args);
  const file = files.files.get(path);
  const registersSomething = file?.items.flatMap(tasksIn).some((task) => task.keywords.has('register')) === true;
  const isStatic = when.run === 0 && when.literal !== true && !registersSomething;
  const blockKeywords = [
    ...keywords,
    ...(when.literal === true || isStatic ? [] : [entry('when', deferred(when.text, when.run))]),
  ];
  facts.add(path, isStatic ? [] : [when]);
  if (blockKeywords.length === 0) return isStatic ? choice(when.text, tasks) : joined('...', tasks);
  scope.use('block', 'play');
  const made = call('block', tasks, object(blockKeywords));
  return isStatic ? choice(when.text, list([made])) : made;
}

function argument(scope: FileScope, name: string, value: Code, isFunction: boolean): Doc {
  if (value.result !== undefined)
    throw new NotImported(
      'include with a result',
      `${name} is the result of a task, whose fields have other names here`,
    );
  if (!isFunction) return entry(name, value.text);
  if (value.run !== 0) scope.use('type RunContext', 'play');
  return entry(
    name,
    `${head(value.run).replace('})', '}: RunContext)')} ${value.text.startsWith('{') ? `(${value.text})` : value.text}`,
  );
}

/** What was given to this file, files that it includes have as well. */
function passedOn({ files, writer }: Including, path: string): [string, Code][] {
  return writer.scope.given.flatMap((name): [string, Code][] => {
    const value = mentions(files.files, path, name, new Set()) ? writer.scope.name(name) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
}

function mentions(files: ReadonlyMap<string, TasksFile>, path: string, name: string, seen: Set<string>): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  const items = files.get(path)?.items ?? [];
  if (items.some(({ source }) => new RegExp(`\\b${name}\\b`).test(source))) return true;
  return items.flatMap(tasksIn).some((task) => {
    if (!/^(?:include|import)_tasks$|^include$/.test(task.module)) return false;
    const written = (textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? '').trim();
    return [written, join(dirname(path), written)].some((one) => mentions(files, one, name, seen));
  });
}
