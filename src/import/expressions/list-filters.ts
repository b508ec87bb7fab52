import { bracketed, code, level, NotImported, property, quote, textLiteral, type Code, type Kind } from './code.ts';
import { runOf } from './compiling.ts';
import type { Filter, Filtered } from './filter.ts';
import { testOf } from './type-tests.ts';

const isList = ({ kind, maybe }: Code): boolean => (kind === 'list' || kind === 'texts') && maybe === undefined;

/** The value as a list: what is not known to be one is made one. */
function asList({ compiler, value }: Filtered): Code {
  return isList(value) ? value : code(`${compiler.use('list')}(${value.text})`, 'list', { run: value.run });
}

const helper =
  (name: string, kind?: Kind): Filter =>
  (filtered) => {
    const list = asList(filtered);
    return code(
      `${filtered.compiler.use(name)}(${[list, ...filtered.args].map(({ text }) => text).join(', ')})`,
      kind ?? list.kind,
      {
        run: runOf(list, ...filtered.args),
      },
    );
  };

const held = (one: Code): string => bracketed(one, level.primary);

/** `x.a.b` of an element. */
const path = (element: string, attribute: string): string =>
  attribute.split('.').reduce((from, key) => (/^\d+$/.test(key) ? `${from}[${key}]` : property(from, key)), element);

const element = 'one';

function literal(one: Code | undefined, what: string): string {
  if (typeof one?.literal !== 'string') throw new NotImported(what, `${what} with a computed name`);
  return one.literal;
}

/** `map('filter', ...)` or `map(attribute='x')`. */
const map: Filter = (filtered) => {
  const { compiler, args, named } = filtered;
  const list = asList(filtered);
  const attribute = named['attribute'];
  if (attribute !== undefined) {
    const read = path(element, literal(attribute, 'filter map'));
    const otherwise = named['default'];
    const value = otherwise === undefined ? read : `${read} ?? ${bracketed(otherwise, level.nullish)}`;
    return code(`${held(list)}.map((${element}: any) => ${value})`, 'list', { run: runOf(list) });
  }
  const [name] = args;
  if (name === undefined) throw new NotImported('filter map');
  if (literal(name, 'filter map') === 'extract') throw new NotImported('filter map', 'map of extract');
  const inner = compiler.within(
    new Map([[' one', code(element, list.kind === 'texts' ? 'text' : 'any', { run: list.run })]]),
  );
  const made = inner.expression({
    kind: 'filter',
    input: { kind: 'name', name: ' one', at: 0, end: 0 },
    name: literal(name, 'filter map'),
    args: { positional: filtered.expressions.slice(1), named: [], rest: undefined, namedRest: undefined },
    at: 0,
    end: 0,
  });
  const kind = made.kind === 'text' ? 'texts' : 'list';
  const typed = list.kind === 'texts' ? element : `${element}: any`;
  return code(`${held(list)}.map((${typed}) => ${made.text.startsWith('{') ? `(${made.text})` : made.text})`, kind, {
    run: runOf(list, made),
  });
};

/** `select('test', ...)`, `selectattr('name', 'test', ...)` and their opposites. */
const filtered =
  (byAttribute: boolean, negated: boolean): Filter =>
  (given) => {
    const { compiler, args } = given;
    const list = asList(given);
    const attribute = byAttribute ? literal(args[0], 'filter selectattr') : undefined;
    const read = attribute === undefined ? element : path(element, attribute);
    const isKnown = list.kind === 'texts' && attribute === undefined;
    const value = code(read, isKnown ? 'text' : 'any', { run: list.run, maybe: attribute ?? 'an element' });
    const [test, ...rest] = byAttribute ? args.slice(1) : args;
    const what: Code = { ...value, ...(isKnown ? { maybe: undefined } : {}) } as Code;
    const made = testOf(compiler, test === undefined ? 'truthy' : literal(test, 'filter select'), what, rest, negated);
    const typed = list.kind === 'texts' ? element : `${element}: any`;
    return code(`${held(list)}.filter((${typed}) => ${made.text})`, list.kind, { run: runOf(list, made) });
  };

export const listFilters: Readonly<Record<string, Filter>> = {
  list: asList,
  join: (given) => {
    const list = asList(given);
    const by = given.args[0] ?? given.named['d'] ?? textLiteral('');
    if (given.named['attribute'] !== undefined) throw new NotImported('filter join', 'join by an attribute');
    // What is in it is printed as Jinja does it; of texts that is what they are.
    return list.kind === 'texts'
      ? code(`${held(list)}.join(${by.text})`, 'text', { run: runOf(list, by) })
      : code(`${given.compiler.use('joined')}(${list.text}, ${by.text})`, 'text', { run: runOf(list, by) });
  },
  first: (given) => {
    const list = asList(given);
    return code(`${held(list)}.at(0)`, list.kind === 'texts' ? 'text' : 'any', {
      run: list.run,
      maybe: 'the first of the list',
    });
  },
  last: (given) => {
    const list = asList(given);
    return code(`${held(list)}.at(-1)`, list.kind === 'texts' ? 'text' : 'any', {
      run: list.run,
      maybe: 'the last of the list',
    });
  },
  unique: (given) => {
    const list = asList(given);
    return code(`${given.compiler.use('unique')}(${list.text})`, list.kind, { run: list.run });
  },
  sort: (given) => {
    const { named, args } = given;
    const attribute = named['attribute'];
    const reverse = (args[0] ?? named['reverse'])?.literal === true;
    const list = asList(given);
    const by =
      attribute === undefined ? (reverse ? ', undefined' : '') : `, ${quote(literal(attribute, 'filter sort'))}`;
    return code(`${given.compiler.use('sorted')}(${list.text}${by}${reverse ? ', true' : ''})`, list.kind, {
      run: list.run,
    });
  },
  reverse: (given) => {
    const { value } = given;
    if (isList(value)) return code(`[...${held(value)}].reverse()`, value.kind, { run: value.run });
    const kind = value.kind === 'text' ? 'text' : 'any';
    return code(`${given.compiler.use('reversed')}(${value.text})`, kind, { run: value.run });
  },
  flatten: (given) => {
    const depth = given.named['levels'] ?? given.args[0];
    const list = asList(given);
    if (list.kind === 'texts') return list;
    return code(
      `${given.compiler.use('flatten')}(${list.text}${depth === undefined ? '' : `, ${depth.text}`})`,
      'list',
      { run: list.run },
    );
  },
  min: helper('least', 'any'),
  max: helper('greatest', 'any'),
  sum: (given) => {
    if (given.args.length + Object.keys(given.named).length > 0)
      throw new NotImported('filter sum', 'sum of an attribute');
    return helper('total', 'any')(given);
  },
  union: helper('union'),
  difference: helper('difference'),
  intersect: helper('intersection'),
  symmetric_difference: helper('symmetricDifference'),
  zip: helper('zip', 'list'),
  product: helper('product', 'list'),
  subelements: (given) => {
    const skip = given.args[1] ?? given.named['skip_missing'];
    const list = asList(given);
    const [key] = given.args;
    const missing = skip?.literal === true || skip?.kind === 'map' ? ', true' : '';
    return code(
      `${given.compiler.use('subelements')}(${list.text}, ${quote(literal(key, 'filter subelements'))}${missing})`,
      'list',
      { run: list.run },
    );
  },
  map,
  select: filtered(false, false),
  reject: filtered(false, true),
  selectattr: filtered(true, false),
  rejectattr: filtered(true, true),
};
