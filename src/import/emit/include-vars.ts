import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask, Variables } from '../ansible/tree.ts';
import { code, NotImported, property, quote, reads, type Code } from '../expressions/code.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { head } from './deferred.ts';
import { defineFact } from './define-fact.ts';
import { joined, object, print, type Doc } from './doc.ts';
import { firstFound, includedName } from './included-names.ts';
import { whenOf } from './keywords.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { anyValue, entry } from './values.ts';

/** Variables of a file of the role: by its name, or the first that is there. */
export function includeVars(
  all: ReadonlyMap<string, Variables>,
  writer: TasksWriter,
  compiler: Compiler,
  task: AnsibleTask,
): readonly Doc[] {
  if (task.keywords.has('register') || task.options.has('name') || task.options.has('dir'))
    throw new NotImported('include_vars into a name');
  const names = variableFiles(compiler, task);
  const when = whenOf(compiler, task.keywords);
  const known = [...all].filter(([file]) => names.some(({ fits }) => fits.test(file)));
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
  const first = firstFound(task, 'vars');
  const texts = first?.names ?? [textOf(includedName(task) ?? { type: 'null', at: task.at }) ?? ''];
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
