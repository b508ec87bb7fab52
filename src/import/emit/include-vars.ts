import { textOf } from '../ansible/data.ts';
import { sourceName } from '../ansible/source-names.ts';
import type { AnsibleTask, Variables } from '../ansible/tree.ts';
import { code, keyText, NotImported, property, quote, reads, type Code } from '../expressions/code.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { head } from './deferred.ts';
import { defineFact } from './define-fact.ts';
import { joined, object, print, type Doc } from './doc.ts';
import { firstFound, includedName } from './included-names.ts';
import { whenOf } from './keywords.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { anyValue, entry, type Value } from './values.ts';

/** The files of variables that tasks may include. */
export interface IncludableVariables {
  /** By name. */
  readonly vars: ReadonlyMap<string, Variables>;
  /** Those of a file elsewhere, by the path that a task names. */
  readonly varsAt: (path: string) => Variables | undefined;
}

/** Variables of a file of the role: by its name, or the first that is there. */
export function includeVars(
  { vars: all, varsAt }: IncludableVariables,
  writer: TasksWriter,
  compiler: Compiler,
  task: AnsibleTask,
): readonly Doc[] {
  if (task.keywords.has('register') || task.options.has('name') || task.options.has('dir'))
    throw new NotImported('include_vars into a name');
  const names = variableFiles(compiler, task);
  const when = whenOf(compiler, task.keywords);
  const near = [...all].filter(([file]) => names.some(({ fits }) => fits.test(file)));
  const known = near.length > 0 ? near : names.flatMap(({ name, path }) => elsewhere(varsAt, name, path));
  if (known.length === 0) throw new NotImported('variables that are not there', 'no file of variables fits the name');
  const { scope } = writer;
  const table = scope.constant('varsByFile');
  const made = known.map(([file, vars]) => [file, valuesOf(compiler, vars)] as const);
  // What reads facts in one of the files is a function in all of them.
  const functions = new Set(
    made.flatMap(([, values]) => values.flatMap(([name, { run }]) => (run === 0 ? [] : [name]))),
  );
  if (functions.size > 0) scope.use('type RunContext', 'play');
  const files = made.map(([file, values]) => {
    const entries = values.map(([name, value]) =>
      entry(keyText(name), functions.has(name) ? asFunction(value) : value.doc),
    );
    return entry(quote(file), print(object(entries, true), 2, 4));
  });
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
    const isFunction = functions.has(name);
    const own = isFunction ? `${property(read, name)}?.({ facts, results })` : property(read, name);
    defineFact(
      writer,
      task,
      name,
      code(before === undefined ? own : `${own} ?? ${before.text}`, 'any', {
        run: (isFunction ? reads.facts | reads.results : bits) | (before?.run ?? 0),
        maybe: name,
      }),
    );
  }
  return [];
}

const valuesOf = (compiler: Compiler, vars: Variables): (readonly [string, Value])[] =>
  [...vars].map(([name, data]) => [name, anyValue(compiler, data)] as const);

const asFunction = ({ doc, run }: Value): Doc =>
  joined(run === 0 ? '() => (' : `${head(run).replace(' =>', '').replace(')', ': RunContext)')} => (`, doc, ')');

const elsewhere = (
  varsAt: IncludableVariables['varsAt'],
  { literal }: Code,
  path: string,
): (readonly [string, Variables])[] => {
  const found = typeof literal === 'string' ? varsAt(path) : undefined;
  return found === undefined || typeof literal !== 'string' ? [] : [[literal, found]];
};

function variableFiles(compiler: Compiler, task: AnsibleTask): { name: Code; path: string; fits: RegExp }[] {
  const first = firstFound(task, 'vars');
  const texts = first?.names ?? [textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? ''];
  return texts.map((text) => {
    const plain = sourceName(text)
      .trim()
      .replace(/^(?:\.\.\/)?vars\//, '')
      .replace(/^\{\{\s*role_path\s*\}\}\/vars\//, '');
    const parts = plain.split(/\{\{[^]*?\}\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (parts.every((part) => part === '')) throw new NotImported('computed include_vars');
    return { name: compiler.text(plain), path: text.trim(), fits: new RegExp(`^${parts.join('[^/]+')}$`) };
  });
}
