import type { Arguments } from '../../jinja/index.ts';
import { code, NotImported, type Code } from './code.ts';
import { runOf, type Compiler } from './compiling.ts';

/** Lookups by their short names; `wants` says whether a list is wanted, as of `query`. */
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

/** @throws NotImported for a lookup that has no counterpart */
export function compileLookup(compiler: Compiler, { positional, named }: Arguments, isQuery: boolean): Code {
  const [first, ...rest] = positional;
  const name = first === undefined ? undefined : compiler.expression(first).literal;
  const short = typeof name === 'string' ? name.replace(/^(?:ansible\.builtin|community\.general)\./, '') : '';
  const lookup = Object.hasOwn(lookups, short) ? lookups[short] : undefined;
  if (lookup === undefined) throw new NotImported(`lookup ${short}`, `there is no lookup ${short} here`);
  if (named.some(([key]) => key !== 'wantlist'))
    throw new NotImported(`lookup ${short}`, `lookup ${short} with settings`);
  if (isQuery && (short === 'env' || short === 'file')) throw new NotImported(`query ${short}`);
  return lookup(
    rest.map((one) => compiler.required(compiler.expression(one))),
    compiler,
  );
}
