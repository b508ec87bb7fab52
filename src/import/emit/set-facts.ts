import type { Data } from '../ansible/data.ts';
import { factsSetBy, type AnsibleTask } from '../ansible/tree.ts';
import { bracketed, code, level, NotImported, type Code } from '../expressions/code.ts';
import { InRunCompiler } from '../expressions/compiler.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { identifier } from '../expressions/identifiers.ts';
import { dataCode } from './data-code.ts';
import { defineFact, valueBefore } from './define-fact.ts';
import type { Doc } from './doc.ts';
import { whenOf } from './keywords.ts';
import { loopOf } from './loops.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { hasJinja } from './values.ts';

/** Facts become constants; those that are only known in the run, functions. */
export function setFact(writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] {
  if (writer.rescues > 0) throw new NotImported('fact set in a rescue', 'no later task can tell whether a rescue ran');
  if ([...task.keywords.keys()].some((key) => key === 'loop' || key.startsWith('with_')))
    return setFactOver(writer, compiler, task);
  const inner = writer.withVars(compiler, task.keywords);
  const when = allOf([...writer.enclosing, whenOf(inner, task.keywords)]);
  for (const [name, data] of factsSetBy(task)) {
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

/** A fact that each iteration of a loop sets, made from its previous value. */
function setFactOver(writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] {
  const facts = factsSetBy(task);
  const names = facts.map(([name]) => name);
  if (names.some(hasJinja)) throw new NotImported('set_fact of a computed name');
  const made = facts.map(([name, data]) => {
    const inRun = new InRunCompiler(compiler.scope);
    const loop = loopOf(inRun, task.keywords);
    if (loop === undefined) throw new NotImported('set_fact in a loop', 'it goes over nothing');
    const before = valueBefore(writer, name);
    const so = identifier(`${name}-so-far`, writer.around.taken, 'Value');
    const inLoop = inRun.within(new Map([...loop.names, [name, code(so, 'any', { maybe: name })]]));
    const inner = writer.withVars(inLoop, task.keywords);
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
    return [name, conditional(before, allOf(writer.enclosing), code(text, 'any', { run }))] as const;
  });
  for (const [name, value] of made) defineFact(writer, task, name, value);
  return [];
}

/** All of several conditions. */
export const allOf = (conditions: readonly Code[]): Code => {
  const [first, ...more] = conditions.filter(({ literal }) => literal !== true);
  if (first === undefined) return code('true', 'flag', { literal: true });
  return more.reduce(
    (a, b) =>
      code(`${bracketed(a, level.and)} && ${bracketed(b, level.and)}`, 'flag', { level: level.and, run: runOf(a, b) }),
    first,
  );
};

/** A value under a condition is what it was before, otherwise. */
function conditional(before: Code | undefined, when: Code, value: Code): Code {
  if (when.literal === true) return value;
  const otherwise = before ?? code('undefined', 'any');
  return code(`${when.text} ? ${value.text} : ${otherwise.text}`, 'any', {
    run: runOf(when, value, otherwise),
    level: 1,
  });
}
