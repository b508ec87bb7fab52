import type { AnsibleTask } from '../ansible/tree.ts';
import { code, reads, type Code } from '../expressions/code.ts';
import { identifier } from '../expressions/identifiers.ts';
import { head } from './deferred.ts';
import { marked } from './doc.ts';
import type { TasksWriter } from './tasks-writer.ts';

/** What a name is before a task sets it: kept, where the new value is a function that asks for the old one. */
export function valueBefore({ scope, statements, around }: TasksWriter, name: string): Code | undefined {
  const before = scope.name(name);
  const own = `known.${name}?.(`;
  if (before === undefined || !before.text.includes(own)) return before;
  const kept = scope.constant(identifier(`${name}-before`, around.taken, 'Value'));
  statements.push(`const ${kept} = known.${name};`);
  return { ...before, text: before.text.replace(own, `${kept}?.(`) };
}

/** Gives a name a value from here on. */
export function defineFact(writer: TasksWriter, task: AnsibleTask, name: string, value: Code): void {
  const { scope } = writer;
  scope.shared.define(name, scope.file, 'set_fact', value.run);
  const isShared = scope.shared.isShared(name);
  const constant = isShared
    ? `${scope.part('known')}.${name}`
    : scope.constant(identifier(name, writer.around.taken, 'Value'));
  const declares = isShared ? `${constant} = ` : `const ${constant} = `;
  const maybe = value.maybe === undefined ? {} : { maybe: value.maybe };
  const id = writer.around.records.id(task);
  if (value.run === 0 && isShared && scope.shared.runOf(name) !== 0) {
    // Where others set it only the run knows what it is: whoever reads it calls it.
    const own = scope.constant(identifier(name, writer.around.taken, 'Value'));
    writer.statements.push(marked(id, `const ${own} = ${value.text};`), `${declares}() => ${own};`);
    scope.define(name, code(own, 'any', maybe));
    return;
  }
  if (value.run === 0) {
    writer.statements.push(marked(id, `${declares}${value.text};`));
    scope.define(name, code(constant, isShared ? 'any' : value.kind, maybe));
    return;
  }
  scope.use('type RunContext', 'play');
  const parameter = head(value.run).replace(' =>', '').replace(')', ': RunContext)');
  const given = value.text.startsWith('{') ? `(${value.text})` : value.text;
  writer.statements.push(marked(id, `${declares}${parameter}: any => ${given};`));
  scope.define(name, code(`${constant}({ facts, results })`, 'any', { run: reads.facts | reads.results, ...maybe }));
}
