import { factsSetBy, registered, tasksIn, type AnsibleItem, type AnsibleTask } from '../ansible/tree.ts';
import { code, property, reads, type NotImported } from '../expressions/code.ts';
import { identifier } from '../expressions/identifiers.ts';
import { defineFact } from './define-fact.ts';
import { joined, marked, type Doc } from './doc.ts';
import { holeCall, tagsOf } from './hole.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { toldFacts } from './told-facts.ts';

/** A hole in the place of a task alone. */
export function holeOf({ around, scope }: TasksWriter, task: AnsibleTask, { about, message }: NotImported): Doc {
  around.records.hole(task, about, message);
  scope.use('hole', 'play');
  return marked(around.records.id(task), holeCall(task, message, tagsOf(task)));
}

/** A hole in a list: what its tasks would have given is read from it, so that what reads it comes along. */
export function listedHole(writer: TasksWriter, item: AnsibleItem, { about, message }: NotImported): Doc[] {
  const { scope, statements, around } = writer;
  const { records } = around;
  const inner = tasksIn(item);
  for (const task of inner) records.hole(task, about, message);
  scope.use('hole', 'play');
  const doc = holeCall(item, message, tagsOf(item));
  const [first] = inner;
  const own = first === undefined ? doc : marked(records.id(first), doc);
  const given = givenBy(inner);
  const [name] = [...given.results, ...given.facts];
  if (first === undefined || name === undefined) return [own];
  const constant = scope.constant(identifier(name, around.taken, 'Hole'));
  statements.push(marked(records.id(first), joined(`const ${constant} = `, doc, ';')));
  for (const result of given.results) holds(writer, result, constant);
  for (const fact of given.facts) {
    const field = property(`${scope.use('anyFields')}(results(${constant}))`, fact);
    defineFact(writer, first, fact, code(field, 'any', { run: reads.results, maybe: fact }));
  }
  return [constant];
}

/** A name under which a hole is known. */
function holds({ scope, statements }: TasksWriter, name: string, constant: string): void {
  scope.shared.define(name, scope.file, 'hole');
  if (scope.shared.isShared(name)) statements.push(`${scope.part('known')}.${name} = ${constant};`);
  const of = `results(${constant})`;
  scope.define(name, code(of, 'any', { run: reads.results, result: { module: 'hole', of } }));
}

/** Names that later tasks know by these: of results, and of facts that they set. */
function givenBy(tasks: readonly AnsibleTask[]): { results: readonly string[]; facts: readonly string[] } {
  const set = tasks.flatMap(factsSetBy).flatMap(([name]) => (/^\w+$/.test(name) ? [name] : []));
  const facts = [...set, ...tasks.flatMap((task) => [...toldFacts(task).keys()])];
  return { results: tasks.flatMap(({ keywords }) => registered(keywords) ?? []), facts: [...new Set(facts)] };
}
