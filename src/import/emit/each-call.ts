import { textOf } from '../ansible/data.ts';
import { type AnsibleTask, registered } from '../ansible/tree.ts';
import { code, NotImported, reads, type Code, type ResultOf } from '../expressions/code.ts';
import { InRunCompiler } from '../expressions/compiler.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { identifier } from '../expressions/identifiers.ts';
import { conditions } from '../expressions/operators.ts';
import { head } from './deferred.ts';
import { arrow, call, joined, marked, object, type Doc } from './doc.ts';
import { mentions, nameOf } from './item-name.ts';
import { conditionTexts, judgements, plainKeywords, whenOf } from './keywords.ts';
import { loopOf, type Loop } from './loops.ts';
import { addedInRun } from './special-calls.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { entry, flagOf } from './values.ts';

/** Resources that `each` cannot repeat. */
const goesBackAndForth = new Set(['certificate', 'fetch', 'pause', 'reboot', 'local', 'hole', 'flushHandlers']);

/**
 * A task over a list as one task: of a list that only the run knows, and of a handler.
 *
 * @param thrown why it is no task for each
 * @throws NotImported where each result is judged
 */
export function asOne(writer: TasksWriter, given: Compiler, task: AnsibleTask, thrown: NotImported): Doc[] {
  const { scope, around } = writer;
  const own = ['failed_when', 'until'].find((key) => isComputed(task, key));
  if (own !== undefined)
    throw new NotImported(thrown.about, `${thrown.message}, and ${own} is evaluated for each item`);
  const inRun = new InRunCompiler(given.scope);
  const loop = loopOf(inRun, task.keywords);
  if (loop === undefined) throw thrown;
  const inner = writer.withVars(inRun.within(loop.names), task.keywords);
  const when = whenOf(inner, task.keywords);
  const made = writer.callOrModule(inner, task);
  if (made.resource === 'addHost') throw addedInRun();
  if (goesBackAndForth.has(made.resource)) throw thrown;
  if (made.resource === 'ansibleModule')
    throw new NotImported(thrown.about, `${thrown.message}, and one of Ansible's modules runs for each item`);
  const filter = when.literal === true ? '' : `.filter((${loop.parameter}) => ${when.text})`;
  const items = arrow(
    `${inRun.run === 0 ? '' : `${head(inRun.run)} `}${loop.over}${filter}.map((${loop.parameter}) =>`,
    joined('(', object(made.options), ')'),
    ')',
  );
  for (const name of [made.resource, 'each']) scope.use(name, 'play');
  const name = registered(task.keywords);
  const hidden = hidesItems(task, loop);
  const reviews = [...made.reviews, ...(hidden ? [hiddenTogether] : [])];
  const keepsChanged = made.keepsChanged && !isComputed(task, 'changed_when');
  const keywords = [
    ...nameOf(given, task),
    ...plainKeywords(given, hidden ? withoutNoLog(task.keywords) : task.keywords),
    ...(hidden ? [entry('noLog', 'true')] : []),
    ...judgements(given, task.keywords, { name, module: 'each', keepsChanged }),
    ...(made.keepsChanged ? changedOfEach(given, task, name) : []),
    ...writer.notified(given, task),
    ...made.keywords,
  ];
  const doc = call('each', made.resource, items, ...(keywords.length === 0 ? [] : [object(keywords)]));
  around.records.imported(task, reviews);
  if (name === undefined) return [marked(around.records.id(task), doc, reviews)];
  // Of those that are left out, Ansible says that they are skipped: their places are not known here.
  const more = filter === '' ? { each: itemsOf(writer, task, loop, inRun.run) } : {};
  return writer.keep(name, task, doc, undefined, reviews, 'each', more);
}

const hiddenTogether = 'Review: `no_log` hides the output of some items in Ansible, and of all of them here.';

/** Whether `no_log` is computed for each item. */
function hidesItems({ keywords }: AnsibleTask, { names }: Loop): boolean {
  const data = keywords.get('no_log');
  const written = data === undefined ? '' : (textOf(data) ?? '');
  return [...names.keys()].some((name) => mentions(written, name));
}

const withoutNoLog = (keywords: AnsibleTask['keywords']): AnsibleTask['keywords'] =>
  new Map([...keywords].filter(([key]) => key !== 'no_log'));

const isComputed = ({ keywords }: AnsibleTask, key: string): boolean => {
  const data = keywords.get(key);
  return data !== undefined && flagOf(data) === undefined;
};

/** Whether one of them changed something, by its own result. */
function changedOfEach(compiler: Compiler, task: AnsibleTask, name: string | undefined): Doc[] {
  if (!isComputed(task, 'changed_when')) return [];
  const result: Code = code('result', 'any', { run: reads.result, result: { module: task.module, of: 'result' } });
  const judge = name === undefined ? compiler : compiler.within(new Map([[name, result]]));
  const made = conditions(judge, conditionTexts(task.keywords.get('changed_when')) ?? []);
  const any = made.run & reads.result ? `result.results.some((result) => ${made.text})` : made.text;
  return [entry('changedWhen', `${head(made.run)} ${any}`)];
}

/** A function that returns the list, for code that reads the result of each item. */
function itemsOf(
  { scope, statements, around }: TasksWriter,
  task: AnsibleTask,
  { over, parameter, item }: Loop,
  run: number,
): NonNullable<ResultOf['each']> {
  const items = scope.constant(identifier(`${registered(task.keywords) ?? ''}-items`, around.taken, 'List'));
  const list = item === parameter.replace(/: any$/, '') ? over : `${over}.map((${parameter}) => (${item}))`;
  scope.use('type RunContext', 'play');
  const given = head(run)
    .replace(' =>', '')
    .replace(')', run === 0 ? '_: RunContext)' : ': RunContext)');
  statements.push(marked(around.records.id(task), `const ${items} = ${given}: readonly any[] => ${list};`));
  return { items, module: task.module };
}
