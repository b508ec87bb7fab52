import { listOf, textOf, type Data } from '../ansible/data.ts';
import { splitWords } from '../ansible/key-values.ts';
import { bracketed, code, level, NotImported, quote, reads, type Code } from '../expressions/code.ts';
import { runOf, type Compiler } from '../expressions/compiling.ts';
import { identifier } from '../expressions/identifiers.ts';
import { print } from './doc.ts';
import { anyValue, flagOf } from './values.ts';

/** What a task is done over. */
export interface Loop {
  /** The list, as code, to which `.map(` may be added. */
  readonly over: string;
  /** The parameter of the function: `item`, `[key, value]`. */
  readonly parameter: string;
  /** Names that the loop gives: its item, and its index. */
  readonly names: ReadonlyMap<string, Code>;
  /** The item as it is kept beside a task that is registered. */
  readonly item: string;
  readonly itemKind: Code['kind'];
  /** What represents an item in the names of its tasks. */
  readonly label?: Data;
}

/** The loop of a task; undefined where it has none. @throws NotImported */
export function loopOf(compiler: Compiler, keywords: ReadonlyMap<string, Data>): Loop | undefined {
  const [word, data] = [...keywords].find(([key]) => key === 'loop' || key.startsWith('with_')) ?? [];
  if (word === undefined || data === undefined) return undefined;
  const control = keywords.get('loop_control');
  const settings = control?.type === 'map' ? control.entries : new Map<string, Data>();
  const named = settings.get('loop_var');
  const index = settings.get('index_var');
  if (settings.has('extended')) throw new NotImported('loop_control extended');
  const name = named === undefined ? 'item' : (textOf(named) ?? 'item');
  const indexName = index === undefined ? undefined : textOf(index);
  const label = settings.get('label');
  const loop = { ...make(compiler, word, data, name), ...(label === undefined ? {} : { label }) };
  if (indexName === undefined) return loop;
  const position = identifier(indexName, compiler.scope.taken, 'Index');
  return {
    ...loop,
    parameter: `${loop.parameter}, ${position}`,
    names: new Map([...loop.names, [indexName, code(position, 'number')]]),
  };
}

/** The variable of a loop, by its name in Ansible where that hides nothing. */
const variable = (compiler: Compiler, name: string): string =>
  name === 'item' ? name : identifier(name, compiler.scope.taken, 'Item');

const plain = (compiler: Compiler, over: string, name: string, kind: Code['kind'], more: Partial<Code> = {}): Loop => ({
  over,
  parameter: kind === 'any' ? `${variable(compiler, name)}: any` : variable(compiler, name),
  names: new Map([[name, code(variable(compiler, name), kind, more)]]),
  item: variable(compiler, name),
  itemKind: kind,
});

function make(compiler: Compiler, word: string, data: Data, name: string): Loop {
  switch (word.replace(/^with_(?:ansible\.builtin\.)?/, '')) {
    case 'loop':
    case 'list':
      return overList(compiler, data, name, false);
    case 'items':
    case 'flattened':
      return overList(compiler, data, name, true);
    case 'dict':
      return overEntries(compiler, data, name);
    case 'nested':
    case 'cartesian':
      return overPairs(compiler, data, name, 'product');
    case 'together':
      return overPairs(compiler, data, name, 'zipLongest');
    case 'subelements':
      return overSubelements(compiler, data, name);
    case 'indexed_items':
      return plain(compiler, `${listCode(compiler, data, true).text}.map((one, i) => [i, one])`, name, 'any');
    case 'sequence':
      return overSequence(compiler, data, name);
    case 'fileglob':
      return overLookup(compiler, 'fileglob', listOf(data), [], name);
    case 'first_found':
      return overFirstFound(compiler, data, name);
    default:
      throw new NotImported(`loop ${word}`, `there is no loop like ${word} here`);
  }
}

/** A list that is known before the run. */
function listCode(compiler: Compiler, data: Data, flat: boolean): Code {
  const value = anyValue(compiler, data);
  if (value.run !== 0) throw new NotImported('loop over the run', 'its items are only known in the run');
  const isJinjaItem =
    data.type === 'list' && data.items.some((item) => item.type === 'text' && item.value.includes('{{'));
  const text = print(value.doc, 4);
  if (value.kind === 'null') throw new NotImported('loop over nothing', 'its list is empty, which Ansible refuses');
  // A text is one item, and no list of letters.
  if (value.kind === 'text') {
    if (!flat) throw new NotImported('loop over a text', 'its list is a text, which Ansible refuses');
    return code(`[${text}]`, 'texts');
  }
  const isList = value.kind === 'texts' || value.kind === 'list';
  const made = code(
    text,
    isList ? value.kind : 'any',
    text.includes(' ?? ') && !text.startsWith('[')
      ? { level: level.nullish }
      : / \? /.test(text) && !text.startsWith('[')
        ? { level: level.choice }
        : {},
  );
  if (!flat) return isList ? made : code(`${compiler.use('list')}(${text})`, 'list');
  // One level of lists in the list is taken apart.
  if (value.kind === 'texts' && !isJinjaItem) return made;
  if (data.type === 'list' && !isJinjaItem && data.items.every(({ type }) => type !== 'list')) return made;
  return code(`${compiler.use('flatten')}(${text}, 1)`, 'list');
}

function overList(compiler: Compiler, data: Data, name: string, flat: boolean): Loop {
  const results = overResults(compiler, data, name);
  if (results !== undefined) return results;
  const entries = overDictItems(compiler, data, name);
  if (entries !== undefined) return entries;
  const made = listCode(compiler, data, flat);
  return plain(compiler, bracketed(made, level.primary), name, elementKind(made, data));
}

function elementKind(made: Code, data: Data): Code['kind'] {
  if (made.kind === 'texts') return 'text';
  if (data.type !== 'list') return 'any';
  return data.items.every(({ type }) => type === 'number') ? 'number' : 'any';
}

/** `loop: "{{ check.results }}"`: over the results of an earlier loop, one task for each of its tasks. */
function overResults(compiler: Compiler, data: Data, name: string): Loop | undefined {
  const [only, second] = listOf(data);
  if (only?.type !== 'text' || second !== undefined || !/^\{\{\s*\w+\.results\s*\}\}$/.test(only.value))
    return undefined;
  const made = compiler.text(only.value);
  if (made.result?.loop === undefined) return undefined;
  const of = variable(compiler, name);
  const inner: Code = code(`results(${of}.task)`, 'any', {
    run: reads.results,
    result: { module: made.result.module, of: `results(${of}.task)`, item: code(`${of}.item`, 'any') },
  });
  return {
    over: made.result.loop.name,
    parameter: of,
    names: new Map([[name, inner]]),
    item: `${of}.item`,
    itemKind: 'any',
  };
}

/** `loop: "{{ x | dict2items }}"`. */
function overDictItems(compiler: Compiler, data: Data, name: string): Loop | undefined {
  if (data.type !== 'text') return undefined;
  const [, inner] = /^\{\{([^|{}]*)\|\s*dict2items\s*\}\}$/.exec(data.value) ?? [];
  return inner === undefined ? undefined : overEntries(compiler, { ...data, value: `{{ ${inner} }}` }, name);
}

function overEntries(compiler: Compiler, data: Data, name: string): Loop {
  const value = anyValue(compiler, data);
  if (value.run !== 0) throw new NotImported('loop over the run', 'its items are only known in the run');
  const parts = { key: code('key', 'text'), value: code('value', 'any') };
  return {
    over: `${compiler.use('entriesOf')}(${print(value.doc, 4)})`,
    parameter: '[key, value]',
    names: new Map([[name, code('{ key, value }', 'map', { parts })]]),
    item: '{ key, value }',
    itemKind: 'map',
  };
}

function overPairs(compiler: Compiler, data: Data, name: string, by: 'product' | 'zipLongest'): Loop {
  const lists = listOf(data).map((one) => listCode(compiler, one, false).text);
  return plain(compiler, `${compiler.use(by)}(${lists.join(', ')})`, name, 'any');
}

function overSubelements(compiler: Compiler, data: Data, name: string): Loop {
  const [of, key, settings] = listOf(data);
  if (of === undefined || key === undefined) throw new NotImported('loop with_subelements');
  const list = listCode(compiler, of, false);
  const skips = settings?.type === 'map' && settings.entries.has('skip_missing') ? ', true' : '';
  return plain(
    compiler,
    `${compiler.use('subelements')}(${list.text}, ${quote(textOf(key) ?? '')}${skips})`,
    name,
    'any',
  );
}

function overSequence(compiler: Compiler, data: Data, name: string): Loop {
  const words = splitWords(textOf(data) ?? '').map(({ word }) => /^(\w+)=(.*)$/.exec(word));
  const given = new Map(words.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const])));
  if ([...given.keys()].some((key) => !['start', 'end', 'count'].includes(key)))
    throw new NotImported('loop with_sequence');
  const start = compiler.text(given.get('start') ?? '1');
  const end = compiler.text(given.get('end') ?? given.get('count') ?? '');
  return plain(compiler, `${compiler.use('sequence')}(${start.text}, ${end.text})`, name, 'text', {
    run: runOf(start, end),
  });
}

/** What a lookup gives: of files here, before the run. */
function overLookup(
  compiler: Compiler,
  lookup: string,
  terms: readonly Data[],
  settings: readonly string[],
  name: string,
): Loop {
  const made = terms.map((term) => anyValue(compiler, term));
  if (made.some(({ run }) => run !== 0))
    throw new NotImported('loop over the run', 'which files are meant is only known in the run');
  const named = settings.length === 0 ? '' : `, { ${settings.join(', ')} }`;
  const list = `[${made.map(({ doc }) => print(doc, 4)).join(', ')}]`;
  const over = `${compiler.use('jinjaLookup')}(${[quote(lookup), list, 'import.meta.dirname'].join(', ')}${named})`;
  return plain(compiler, over, name, 'any');
}

/** The first of these files that is there; none where `skip` says so. */
function overFirstFound(compiler: Compiler, data: Data, name: string): Loop {
  const terms = listOf(data);
  const skips = terms.some((term) => term.type === 'map' && flagOf(term.entries.get('skip')) === true);
  return overLookup(compiler, 'first_found', terms, skips ? ['skip: true'] : [], name);
}
