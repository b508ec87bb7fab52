import { hasFilter, type Filter as JinjaFilter } from '../../jinja/index.ts';
import { asText } from './as-text.ts';
import { bracketed, code, level, NotImported, textLiteral, type Code, type Kind } from './code.ts';
import { floatCode, runOf, type Compiler } from './compiling.ts';
import type { Filter, Filtered } from './filter.ts';
import { listFilters } from './list-filters.ts';
import { condition } from './operators.ts';
import { filterByName } from './plugins.ts';
import { resultList } from './results.ts';

/** A method of the value: `x.toLowerCase()`. */
const method =
  (name: string, kind: Kind): Filter =>
  ({ value, args }) =>
    code(`${bracketed(value, level.primary)}.${name}(${args.map(({ text }) => text).join(', ')})`, kind, {
      run: runOf(value, ...args),
    });

/** A method of texts: what may be a number is made one. */
const textMethod =
  (name: string): Filter =>
  (filtered) =>
    method(name, 'text')({ ...filtered, value: asText(filtered.compiler, filtered.value) });

/** A function of ansible.ts. */
export const helper =
  (name: string, kind: Kind): Filter =>
  ({ compiler, value, args }) =>
    code(`${compiler.use(name)}(${[value, ...args].map(({ text }) => text).join(', ')})`, kind, {
      run: runOf(value, ...args),
    });

const withText =
  (filter: Filter): Filter =>
  (filtered) =>
    filter({ ...filtered, value: asText(filtered.compiler, filtered.value) });

/** The same value: what the filter does is nothing here. */
const same: Filter = ({ value }) => value;

const filters: Readonly<Record<string, Filter>> = {
  bool: ({ compiler, value }) =>
    value.kind === 'flag' ? value : code(`${compiler.use('bool')}(${value.text})`, 'flag', { run: value.run }),
  string: ({ compiler, value }) => asText(compiler, value),
  int: ({ compiler, value, args }) => {
    if (args.length === 0 && value.number !== undefined)
      return code(`Math.trunc(${value.number.text})`, 'number', { run: value.run });
    const isWhole = value.kind === 'number' && Number.isInteger(value.literal ?? Number.NaN);
    return isWhole ? value : helper('int', 'number')({ compiler, value, args, named: {}, expressions: [] });
  },
  float: helper('float', 'any'),
  abs: ({ compiler, value }) => {
    const { number, run } = value;
    return number === undefined
      ? code(`Math.abs(${value.text})`, 'number', { run })
      : floatCode(compiler, code(`Math.abs(${number.text})`, 'number', { run }));
  },
  round: ({ compiler, value, args, named }) => {
    if (args.length + Object.keys(named).length > 0) throw new NotImported('filter round', 'round with a precision');
    return code(`${compiler.use('round')}(${value.text})`, 'any', { run: value.run });
  },
  lower: textMethod('toLowerCase'),
  upper: textMethod('toUpperCase'),
  trim: (filtered) => {
    if (filtered.args.length > 0) throw new NotImported('filter trim', 'trim of given letters');
    return textMethod('trim')(filtered);
  },
  capitalize: withText(helper('capitalize', 'text')),
  title: withText(helper('title', 'text')),
  replace: withText(replace),
  length: lengthOf,
  count: lengthOf,
  quote: withText(helper('shellQuote', 'text')),
  basename: withText(helper('basename', 'text')),
  dirname: withText(helper('dirname', 'text')),
  splitext: withText(helper('splitExtension', 'texts')),
  expanduser: withText(helper('expandUser', 'text')),
  path_join: ({ compiler, value }) =>
    code(`${compiler.use('pathJoin')}(...${bracketed(value, level.primary)})`, 'text', {
      run: value.run,
    }),
  regex_replace: withText((filtered) => {
    const { args, named } = filtered;
    const [pattern = named['pattern'], by = named['replacement'] ?? textLiteral('')] = args;
    if (pattern === undefined) throw new NotImported('filter regex_replace');
    return helper('regexReplace', 'text')({ ...filtered, args: [pattern, by, ...flagsOf(filtered)] });
  }),
  regex_search: withText((filtered) => {
    if (filtered.args.length !== 1) throw new NotImported('filter regex_search', 'regex_search with groups');
    return {
      ...helper('regexSearch', 'text')({ ...filtered, args: [...filtered.args, ...flagsOf(filtered)] }),
      kind: 'any',
    };
  }),
  regex_findall: withText((filtered) =>
    helper('regexFindAll', 'list')({ ...filtered, args: [...filtered.args, ...flagsOf(filtered)] }),
  ),
  regex_escape: withText(helper('regexEscape', 'text')),
  b64encode: withText(helper('base64', 'text')),
  b64decode: withText(helper('fromBase64', 'text')),
  hash: withText(helper('digest', 'text')),
  md5: withText((filtered) => helper('digest', 'text')({ ...filtered, args: [textLiteral('md5')] })),
  sha1: withText((filtered) => helper('digest', 'text')({ ...filtered, args: [textLiteral('sha1')] })),
  checksum: withText((filtered) => helper('digest', 'text')({ ...filtered, args: [textLiteral('sha1')] })),
  split: withText((filtered) => {
    if (filtered.args.length === 0) return helper('words', 'texts')(filtered);
    return { ...method('split', 'texts')(filtered) };
  }),
  to_json: helper('toJson', 'text'),
  to_nice_json: ({ compiler, value, named }) => {
    if (Object.keys(named).some((name) => name !== 'indent'))
      throw new NotImported('filter to_nice_json', 'to_nice_json with settings');
    const indent = named['indent']?.text;
    return code(`${compiler.use('toNiceJson')}(${value.text}${indent === undefined ? '' : `, ${indent}`})`, 'text', {
      run: value.run,
    });
  },
  from_json: ({ value }) => code(`JSON.parse(${value.text})`, 'any', { run: value.run }),
  default: defaultOf,
  d: defaultOf,
  ternary: ({ compiler, value, args }) => {
    const [yes, no, missing] = args;
    if (yes === undefined || no === undefined || missing !== undefined) throw new NotImported('filter ternary');
    return code(
      `${bracketed(condition(compiler, value), level.nullish)} ? ${bracketed(yes, level.choice)} : ${bracketed(no, level.choice)}`,
      yes.kind === no.kind ? yes.kind : 'any',
      {
        level: level.choice,
        run: runOf(value, yes, no),
      },
    );
  },
  mandatory: ({ compiler, value }) => compiler.required(value),
  combine: (filtered) => {
    const { named } = filtered;
    const recursive = named['recursive']?.literal === true;
    if (Object.keys(named).some((name) => name !== 'recursive'))
      throw new NotImported('filter combine', 'combine with list_merge');
    return helper(recursive ? 'combineDeep' : 'combine', 'map')(filtered);
  },
  dict2items: ({ compiler, value, args, named }) => {
    if (args.length + Object.keys(named).length > 0)
      throw new NotImported('filter dict2items', 'dict2items with other names');
    return code(`${compiler.use('itemsOf')}(${value.text})`, 'list', { run: value.run });
  },
  items2dict: ({ compiler, value, args, named }) => {
    if (args.length + Object.keys(named).length > 0)
      throw new NotImported('filter items2dict', 'items2dict with other names');
    return code(`${compiler.use('fromItems')}(${value.text})`, 'map', { run: value.run });
  },
  format: ({ compiler, value, args }) =>
    code(`${compiler.use('format')}(${[value, ...args].map(({ text }) => text).join(', ')})`, 'text', {
      run: runOf(value, ...args),
    }),
  comment: ({ compiler, value, args, named }) => {
    if (args.length + Object.keys(named).length > 0) throw new NotImported('filter comment', 'comment with settings');
    return code(`${compiler.use('comment')}(${value.text})`, 'text', { run: value.run });
  },
  indent: ({ compiler, value, args, named }) => {
    const width = args[0] ?? named['width'] ?? code('4', 'number');
    const first = args[1] ?? named['first'] ?? named['indentfirst'];
    const blank = args[2] ?? named['blank'];
    const more = blank !== undefined ? [first ?? code('false', 'flag'), blank] : first === undefined ? [] : [first];
    return helper(
      'indent',
      'text',
    )({ compiler, value: asText(compiler, value), args: [width, ...more], named: {}, expressions: [] });
  },
  safe: same,
  escape: withText(helper('escapeHtml', 'text')),
  e: withText(helper('escapeHtml', 'text')),
  ...listFilters,
};

/** One text in place of another: `$` has a meaning of its own in JavaScript. */
export function replace({ compiler, value, args }: Pick<Filtered, 'compiler' | 'value' | 'args'>): Code {
  const [, by, ...count] = args;
  const isPlain = count.length === 0 && typeof by?.literal === 'string' && !by.literal.includes('$');
  const given = args.map(({ text }) => text).join(', ');
  const run = runOf(value, ...args);
  return isPlain
    ? code(`${bracketed(value, level.primary)}.replaceAll(${given})`, 'text', { run })
    : code(`${compiler.use('replaced')}(${value.text}, ${given})`, 'text', { run });
}

function flagsOf({ named }: Filtered): Code[] {
  const on = ['ignorecase', 'multiline'].filter((name) => named[name]?.literal === true);
  if (on.length === 0) return [];
  return [textLiteral(on.map((name) => name[0]).join(''))];
}

function lengthOf({ compiler, value }: Filtered): Code {
  if ((value.kind === 'list' || value.kind === 'texts') && value.maybe === undefined)
    return code(`${bracketed(value, level.primary)}.length`, 'number', { run: value.run });
  return code(`${compiler.use('length')}(${value.text})`, 'number', { run: value.run });
}

/** `default(x)`: what is undefined; with `true` also what is false. */
function defaultOf({ compiler, value, args, named }: Filtered): Code {
  const [otherwise = named['default_value'] ?? textLiteral('')] = args;
  if (value.text === 'undefined') return otherwise;
  const also = args[1] ?? named['boolean'];
  const isOmit = otherwise.text === 'undefined';
  const run = runOf(value, otherwise);
  const kind = isOmit || value.kind === otherwise.kind ? value.kind : 'any';
  const maybe = {
    ...(otherwise.maybe === undefined ? {} : { maybe: otherwise.maybe }),
    ...(otherwise.kind === 'number' && kind === 'any' ? ({ mayBeNumber: true } as const) : {}),
  };
  if (also?.literal === true) {
    const test = condition(compiler, value.maybe === undefined ? value : { ...value, kind: 'any' });
    // What is asked for may not be there: the condition asks.
    return code(
      `${bracketed(test, level.nullish)} ? ${bracketed(value, level.choice)} : ${bracketed(otherwise, level.choice)}`,
      kind,
      { level: level.choice, run, ...maybe },
    );
  }
  if (isOmit) return code(value.text, value.kind, { level: value.level, run });
  // Fields of what is only known when it runs may be missing, too.
  if (value.maybe === undefined && value.kind !== 'any' && value.isField !== true) return value;
  const side = (one: Code): string =>
    one.level === level.or || one.level === level.and ? `(${one.text})` : bracketed(one, level.nullish);
  // A variable that is null has a value, to Ansible.
  if (/^[a-z]\w*(?:\??\.\w+)+$/i.test(value.text) && value.isField !== true)
    return code(`${value.text} === undefined ? ${bracketed(otherwise, level.choice)} : ${value.text}`, kind, {
      level: level.choice,
      run,
      ...maybe,
    });
  return code(`${side(value)} ?? ${side(otherwise)}`, kind, { level: level.nullish, run, ...maybe });
}

/** Filters whose value may be undefined. */
const takesUndefined = new Set(['default', 'd']);

/** Arguments by name that filters here know; those of others are for the filter of that name. */
const knownNames: Readonly<Record<string, readonly string[]>> = {
  regex_replace: ['pattern', 'replacement', 'ignorecase', 'multiline'],
  regex_search: ['ignorecase', 'multiline'],
  regex_findall: ['ignorecase', 'multiline'],
  to_nice_json: ['indent'],
  default: ['default_value', 'boolean'],
  d: ['default_value', 'boolean'],
  combine: ['recursive'],
  indent: ['width', 'first', 'indentfirst', 'blank'],
  join: ['d'],
  sort: ['attribute', 'reverse'],
  flatten: ['levels'],
  subelements: ['skip_missing'],
  map: ['attribute', 'default'],
};
/** How many arguments by place filters here know, where that is not all that there are. */
const knownPlaces: Readonly<Record<string, number>> = {
  int: 1,
  float: 1,
  replace: 3,
  split: 1,
  join: 1,
  to_json: 0,
  unique: 0,
  min: 0,
  max: 0,
  sort: 1,
  flatten: 1,
  hash: 1,
  regex_replace: 2,
  regex_findall: 1,
};

const isKnown = (name: string, { positional, named }: JinjaFilter['args']): boolean =>
  positional.length <= (knownPlaces[name] ?? positional.length) &&
  named.every(([key]) => knownNames[name]?.includes(key) === true);

/** @throws NotImported for a filter that gives another value each time */
export function compileFilter(compiler: Compiler, { input, name: written, args }: JinjaFilter): Code {
  const name = written.replace(/^(?:ansible\.(?:builtin|utils)|community\.general)\./, '');
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (input === undefined) throw new NotImported(`filter ${name}`, `there is no filter ${name} here`);
  if (args.rest !== undefined || args.namedRest !== undefined) throw new NotImported('arguments out of a list');
  const found = resultList(compiler.expression(input), (helper) => compiler.use(helper));
  const value = takesUndefined.has(name) ? found : compiler.required(found);
  const given = {
    args: args.positional.map((one) => compiler.expression(one)),
    named: Object.fromEntries(args.named.map(([key, one]) => [key, compiler.expression(one)])),
  };
  const byName = (): Code => filterByName(compiler, hasFilter(name) ? name : written, value, given);
  if (filter === undefined || (!isKnown(name, args) && hasFilter(name))) return byName();
  try {
    return filter({ compiler, value, ...given, expressions: args.positional });
  } catch (thrown) {
    // With settings that have no words of their own here it is called by its name.
    if (!(thrown instanceof NotImported) || !thrown.about.startsWith(`filter ${name}`) || !hasFilter(name))
      throw thrown;
    return byName();
  }
}
