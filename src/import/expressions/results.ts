import { ruleOf } from '../modules/index.ts';
import { hasKnownResult, resultFields } from '../modules/result-fields.ts';
import { code, keyText, level, NotImported, property, quote, reads, type Code, type ResultOf } from './code.ts';

/** A field of a task's result. `use` imports a helper. */
export function resultField(held: Code, at: Code, use: (name: string) => string): Code {
  const { result } = held;
  if (result === undefined) throw new NotImported('a field of a result');
  const name = String(at.literal);
  if (['changed', 'failed', 'skipped'].includes(name)) return outcome(held, name);
  const isHole = result.module === 'hole';
  if (result.each !== undefined && name === 'results') return resultsOfEach(result.of, result.each, use);
  if (result.module === 'uri' && name === 'json')
    return code(`${use('jsonOf')}(${result.of})`, 'any', { run: held.run, maybe: 'json' });
  if (result.module === 'each')
    throw new NotImported('result of each', `${name} of a loop over the run is not known for each item here`);
  if (result.loop !== undefined && !isHole) {
    if (name === 'results') return { ...held, kind: 'list' };
    throw new NotImported(`result ${result.module}.${name}`, `a loop's result has no ${name}`);
  }
  if (name === 'item' && result.item !== undefined && !isHole) return result.item;
  // What a hole will give is known to whoever fills it, and what Ansible's own module gives to Ansible.
  const isAnsibles = ruleOf(result.module) === undefined && !hasKnownResult(result.module);
  if ((isHole || isAnsibles) && at.literal !== undefined)
    return code(property(`${use('anyFields')}(${result.of})`, name), kinds[name] ?? 'any', { run: held.run });
  const field = resultFields(result.module)[name];
  if (field === undefined)
    throw new NotImported(`result ${result.module}.${name}`, `the result of ${result.module} has no ${name} here`);
  const more: Partial<Code> = { run: held.run, isField: true };
  if (typeof field === 'string')
    return code(
      field.split('.').reduce((of, part) => property(of, part), result.of),
      kinds[name] ?? 'any',
      more,
    );
  const inner = Object.fromEntries(
    Object.entries(field.fields).map(([theirs, ours]) => [
      theirs,
      code(property(property(result.of, field.name), ours), statKinds[theirs] ?? 'text', more),
    ]),
  );
  return code(property(result.of, field.name), 'map', { ...more, parts: inner });
}

/** `registered.results` of a loop, read as a whole: the result of each iteration, under Ansible's names. */
export function resultList(held: Code, use: (name: string) => string): Code {
  const { result, kind } = held;
  if (result?.loop === undefined || kind !== 'list') return held;
  const text = `${use('resultsOfLoop')}(${result.loop.name}, results${otherNames(result.module)})`;
  return code(text, 'list', { run: reads.results });
}

/** The same of a task that did each of a list. */
function resultsOfEach(
  of: string,
  { items, module }: NonNullable<ResultOf['each']>,
  use: (name: string) => string,
): Code {
  const text = `${use('resultsOfEach')}(${items}({ facts, results }), ${of}.results${otherNames(module)})`;
  return code(text, 'list', { run: reads.facts | reads.results });
}

/** An argument that says what fields are called otherwise by Ansible; empty where none is. */
function otherNames(module: string): string {
  const names = Object.entries(resultFields(module)).flatMap(([theirs, ours]): (readonly [string, string])[] =>
    typeof ours === 'string'
      ? [[theirs, ours]]
      : Object.entries(ours.fields).map(([inner, own]) => [`${theirs}.${inner}`, `${ours.name}.${own}`]),
  );
  const other = names.filter(([theirs, ours]) => theirs !== ours);
  const table = other.map(([theirs, ours]) => `${keyText(theirs)}: ${quote(ours)}`).join(', ');
  return table === '' ? '' : `, { ${table} }`;
}

const kinds: Readonly<Record<string, Code['kind']>> = {
  rc: 'number',
  status: 'number',
  stdout: 'text',
  stderr: 'text',
  stdout_lines: 'texts',
  stderr_lines: 'texts',
  content: 'text',
  path: 'text',
  dest: 'text',
};

const statKinds: Readonly<Record<string, Code['kind']>> = {
  exists: 'flag',
  isreg: 'flag',
  isdir: 'flag',
  islnk: 'flag',
  uid: 'number',
  gid: 'number',
  size: 'number',
};

/** Whether a task changed something, failed or was skipped; of a loop: any of its tasks. */
export function outcome(held: Code, name: string): Code {
  const { result } = held;
  if (result === undefined) throw new NotImported(`test ${name}`, `${name} is used on a value that is not a result`);
  if (result.loop === undefined) return code(`${result.of}.${name}`, 'flag', { run: held.run });
  const quantifier = name === 'skipped' ? 'every' : 'some';
  return code(`${result.loop.name}.${quantifier}(({ task }) => results(task).${name})`, 'flag', {
    run: reads.results,
    level: level.primary,
  });
}

/** Of a result that is printed: its fields here are others than Ansible's. */
export const wholeResult = (): NotImported =>
  new NotImported(
    'a whole result as text',
    'it prints all of a result, which has other fields here: print those you need',
  );
