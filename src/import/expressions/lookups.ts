import { hasLookup, type Arguments, type Expression } from '../../jinja/index.ts';
import { code, NotImported, type Code } from './code.ts';
import { runOf, type Compiler } from './compiling.ts';
import { lookupByName } from './plugins.ts';

/** Lookups with words of their own, by their short names. */
const lookups: Readonly<Record<string, (args: readonly Code[], compiler: Compiler) => Code>> = {
  env: ([name], compiler) => code(`${compiler.use('environment')}(${name?.text ?? ''})`, 'text'),
  file: ([path], compiler) =>
    code(`${compiler.use('localFile')}(import.meta.dirname, ${path?.text ?? ''})`, 'text', { run: path?.run ?? 0 }),
  flattened: (args, compiler) =>
    code(`${compiler.use('flatten')}([${args.map(({ text }) => text).join(', ')}])`, 'list', { run: runOf(...args) }),
  items: (args, compiler) =>
    code(`${compiler.use('flatten')}([${args.map(({ text }) => text).join(', ')}], 1)`, 'list', {
      run: runOf(...args),
    }),
  dict: ([map], compiler) => code(`${compiler.use('itemsOf')}(${map?.text ?? ''})`, 'list', { run: map?.run ?? 0 }),
};

/** @throws NotImported for a lookup that reads variables */
export function compileLookup(compiler: Compiler, { positional, named }: Arguments, isQuery: boolean): Code {
  const [first, ...rest] = positional;
  const name = first === undefined ? undefined : compiler.expression(first).literal;
  if (typeof name !== 'string') throw new NotImported('computed lookup', "the lookup's name is computed");
  const short = name.replace(/^(?:ansible\.builtin|community\.general)\./, '');
  const args = rest.map((one) => compiler.required(compiler.expression(one)));
  if (short === 'vars') return variable(compiler, args, new Map(named));
  if (short === 'varnames') return variableNames(compiler, args, named, isQuery);
  if (short === 'template') return templateText(compiler, args, named.length > 0);
  const isList = isQuery || named.some(([key, one]) => key === 'wantlist' && compiler.expression(one).literal === true);
  const settings = Object.fromEntries(
    named.filter(([key]) => key !== 'wantlist').map(([key, one]) => [key, compiler.expression(one)]),
  );
  const lookup = Object.hasOwn(lookups, short) ? lookups[short] : undefined;
  const isPlain = Object.keys(settings).length === 0 && !(isList && (short === 'env' || short === 'file'));
  if (lookup !== undefined && isPlain) return lookup(args, compiler);
  return lookupByName(compiler, hasLookup(short) ? short : name, isList, { args, named: settings });
}

/** The text of a template; not for computed names, or with settings. */
function templateText(compiler: Compiler, [name]: readonly Code[], hasSettings: boolean): Code {
  const { template } = compiler.scope;
  if (template === undefined || hasSettings || typeof name?.literal !== 'string')
    throw new NotImported('lookup template', "the template's name is computed, or it has settings");
  return template(compiler, name.literal);
}

/** A variable by its name. */
function variable(compiler: Compiler, args: readonly Code[], named: ReadonlyMap<string, Expression>): Code {
  const [name, second] = args;
  const standard = named.get('default');
  if (name === undefined || second !== undefined || named.size > (standard === undefined ? 0 : 1))
    throw new NotImported('lookup vars', 'it looks up several variables, or has settings other than `default`');
  if (typeof name.literal === 'string' && standard === undefined)
    return compiler.required(compiler.expression({ kind: 'name', name: name.literal, at: 0, end: 0 }));
  const given = standard === undefined ? [] : [compiler.required(compiler.expression(standard))];
  const list = [every(compiler, 'vars'), ...[name, ...given].map(({ text }) => text)].join(', ');
  return code(`${compiler.use('variableByName')}(${list})`, 'any', { run: runOf(name, ...given) });
}

/** Names of variables that match one of these patterns. */
function variableNames(
  compiler: Compiler,
  patterns: readonly Code[],
  named: Arguments['named'],
  isQuery: boolean,
): Code {
  const list = named.find(([key]) => key === 'wantlist');
  if (named.length > (list === undefined ? 0 : 1)) throw new NotImported('lookup varnames');
  const isList = isQuery || (list !== undefined && compiler.expression(list[1]).literal === true);
  const given = `[${patterns.map(({ text }) => text).join(', ')}]`;
  const made = `${compiler.use('variableNames')}(${every(compiler, 'varnames')}, ${given})`;
  const run = runOf(...patterns);
  return isList ? code(made, 'texts', { run }) : code(`${made}.join(',')`, 'text', { run });
}

function every({ scope }: Compiler, lookup: string): string {
  const all = scope.everyVariable?.();
  if (all === undefined) throw new NotImported(`lookup ${lookup}`, "the variable's name is computed");
  return all;
}

/** Calls that look for variables by a computed name. */
export const variableCalls = /\b(?:variableByName|variableNames)\(/;
