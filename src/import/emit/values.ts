import { exactOf, isFloatData, textOf, type Data } from '../ansible/data.ts';
import { asText } from '../expressions/as-text.ts';
import { code, type Code, keyText, level, NotImported, quote, templateText, textLiteral } from '../expressions/code.ts';
import { keepsOrder, literalCode, numberCode, numberOf, runOf, type Compiler } from '../expressions/compiling.ts';
import { wholeResult } from '../expressions/results.ts';
import type { OptionKind } from '../modules/rules.ts';
import { joined, list, object, type Doc } from './doc.ts';

/** A value as code that may be broken over lines. */
export interface Value {
  readonly doc: Doc;
  readonly run: number;
  readonly kind: Code['kind'];
  readonly literal?: Code['literal'];
}

const valueOf = (made: Code): Value => ({
  doc: made.text,
  run: made.run,
  kind: made.kind,
  ...(made.literal === undefined ? {} : { literal: made.literal }),
});

/** Whether there is Jinja in a text. */
export const hasJinja = (text: string): boolean => /\{\{|\{%|\{#/.test(text);

/** Whether there is Jinja, or what is encrypted, anywhere in a value. */
export function containsJinja(data: Data): boolean {
  if (data.type === 'text') return data.isUnsafe !== true && hasJinja(data.value);
  if (data.type === 'vault') return true;
  if (data.type === 'list') return data.items.some(containsJinja);
  if (data.type === 'map') return [...data.entries].some(([key, value]) => hasJinja(key) || containsJinja(value));
  return false;
}

/** A scalar as code. @throws NotImported */
export function scalar(compiler: Compiler, data: Data): Code {
  switch (data.type) {
    case 'text':
      return data.isUnsafe === true ? textLiteral(data.value) : compiler.text(data.value);
    case 'number': {
      return numberCode(compiler, exactOf(data), isFloatData(data));
    }
    case 'flag':
      return code(String(data.value), 'flag', { literal: data.value });
    case 'null':
      return code('null', 'null');
    case 'vault':
      throw new NotImported(
        'an encrypted value',
        'an encrypted value stands here: keep it in a vault file of the inventory',
      );
    default:
      throw new NotImported('a list where one value is expected');
  }
}

/** Any value, as it is. @throws NotImported */
export function anyValue(compiler: Compiler, data: Data): Value {
  if (data.type === 'list') {
    const items = data.items.map((item) => innerValue(compiler, item));
    const isTexts = items.length > 0 && items.every(({ kind }) => kind === 'text');
    return { doc: list(items.map(({ doc }) => doc)), run: bits(items), kind: isTexts ? 'texts' : 'list' };
  }
  if (data.type === 'map') {
    const entries = [...data.entries].map(([key, value]) => [key, innerValue(compiler, value)] as const);
    const doc = keepsOrder(entries.map(([key]) => key))
      ? object(entries.map(([key, value]) => entry(jinjaKey(compiler, key), value.doc)))
      : joined(`${compiler.use('mapping')}(`, list(entries.map(([key, { doc: one }]) => list([quote(key), one]))), ')');
    return { doc, run: bits(entries.map(([, value]) => value)), kind: 'map' };
  }
  return valueOf(compiler.required(scalar(compiler, data)));
}

/**
 * A part of a list or a mapping, which may be printed as JSON or YAML: a number that went through a template is text
 * there, as for Ansible.
 */
function innerValue(compiler: Compiler, data: Data): Value {
  if (data.type !== 'text') return anyValue(compiler, data);
  const made = compiler.required(scalar(compiler, data));
  if (made.literal === undefined && (made.kind === 'number' || made.kind === 'scalar'))
    return valueOf(code(`String(${made.text})`, 'text', { run: made.run }));
  return valueOf(
    made.mayBeNumber ? code(`${compiler.use('templated')}(${made.text})`, 'any', { run: made.run }) : made,
  );
}

const bits = (values: readonly Value[]): number => values.reduce((run, one) => run | one.run, 0);

function jinjaKey(compiler: Compiler, key: string): string {
  return hasJinja(key) ? `[${compiler.text(key).text}]` : keyText(key);
}

/** `key: value`, or the key alone where both are one name. */
export function entry(key: string, value: Doc): Doc {
  if (value === key) return key;
  return typeof value === 'string' ? `${key}: ${value}` : { type: 'joined', parts: [`${key}: `, value] };
}

/** A value of an option of a kind. @throws NotImported */
export function optionValue(compiler: Compiler, data: Data, kind: OptionKind): Value {
  switch (kind) {
    case 'text':
      return valueOf(textValue(compiler, data));
    case 'single':
      if (data.type === 'list') throw new NotImported('a list where one value is expected');
      return valueOf(textValue(compiler, data));
    case 'content':
      return contentValue(compiler, data);
    case 'number':
      return valueOf(numberValue(compiler, data));
    case 'flag':
      return valueOf(flagValue(compiler, data));
    case 'mode':
      return valueOf(modeValue(compiler, data));
    case 'texts':
      return textsValue(compiler, data);
    case 'textMap':
      return textMap(compiler, data);
    case 'map':
    case 'any':
      return anyValue(compiler, data);
  }
}

/** Text: a long one stands over several lines as it will in the file. */
function textValue(compiler: Compiler, data: Data): Code {
  if (data.type === 'number') return textLiteral(textOf(data) ?? '');
  if (data.type === 'list' && data.items.every((item) => textOf(item) !== undefined))
    return compiler.text(data.items.map((item) => textOf(item) ?? '').join(','));
  const made = optional(compiler, scalar(compiler, data));
  if (made.kind === 'number')
    return typeof made.literal === 'number' ? textLiteral(String(made.literal)) : asText(compiler, made);
  if (made.kind === 'flag')
    return made.literal === undefined
      ? code(`${made.text} ? 'True' : 'False'`, 'text', { level: level.choice, run: made.run })
      : textLiteral(made.literal === true ? 'True' : 'False');
  if (made.kind === 'scalar') return code(`String(${made.text})`, 'text', { run: made.run });
  if (made.kind === 'null') return textLiteral('');
  const { literal } = made;
  if (typeof literal === 'string' && literal.includes('\n') && literal.length > 40)
    return { ...made, text: `\`${templateText(literal)}\`` };
  return made;
}

/** Text, or JSON of a list or mapping: which of them a variable has is not known before it is read. */
function contentValue(compiler: Compiler, data: Data): Value {
  const jsonOf = (value: Doc, run: number, name = 'content'): Value => ({
    doc: joined(`${compiler.use('contentOf')}(`, value, `, ${quote(name)})`),
    run,
    kind: 'text',
  });
  if (data.type === 'list' || data.type === 'map') {
    const { doc, run } = anyValue(compiler, data);
    return jsonOf(doc, run);
  }
  const made = scalar(compiler, data);
  if (made.result !== undefined) throw wholeResult();
  const isOpen = made.kind === 'any' || made.kind === 'list' || made.kind === 'map' || made.kind === 'texts';
  return isOpen && !made.text.includes('undefined')
    ? jsonOf(made.text, made.run, made.maybe)
    : valueOf(textValue(compiler, data));
}

/** Undefined is an option that is left out, where `omit` says so. */
const optional = (compiler: Compiler, made: Code): Code => (made.maybe === undefined ? made : compiler.required(made));

function numberValue(compiler: Compiler, data: Data): Code {
  const made = numberOf(optional(compiler, scalar(compiler, data)));
  if (made.kind === 'number') return made;
  if (typeof made.literal === 'string') {
    const number = Number(made.literal);
    if (made.literal.trim() === '' || Number.isNaN(number))
      throw new NotImported('a number that is none', `${quote(made.literal)} is no number`);
    return literalCode(number);
  }
  if (made.text === 'undefined' || made.kind === 'any') return made.kind === 'any' && made.run === 0 ? made : made;
  return code(`${compiler.use('int')}(${made.text})`, 'number', { run: made.run });
}

const yes = new Set(['yes', 'on', '1', 'true', 't', 'y']);
const no = new Set(['no', 'off', '0', 'false', 'f', 'n']);

/** What Ansible takes for true or false; undefined for other words. */
export function flagOf(data: Data | undefined): boolean | undefined {
  if (data?.type === 'flag') return data.value;
  const word = data === undefined ? undefined : textOf(data)?.toLowerCase();
  if (word === undefined) return undefined;
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

function flagValue(compiler: Compiler, data: Data): Code {
  const known = flagOf(data);
  if (known !== undefined) return code(String(known), 'flag', { literal: known });
  const made = optional(compiler, scalar(compiler, data));
  if (made.kind === 'flag' || made.text === 'undefined') return made;
  if (made.text.includes('undefined'))
    return code(`${compiler.use('boolOrNone')}(${made.text})`, 'flag', { run: made.run });
  return code(`${compiler.use('bool')}(${made.text})`, 'flag', { run: made.run });
}

/** Permissions: a number was read by YAML, as octal where it begins with a zero. */
function modeValue(compiler: Compiler, data: Data): Code {
  if (data.type === 'number') return textLiteral(data.value.toString(8).padStart(4, '0'));
  const made = optional(compiler, scalar(compiler, data));
  if (typeof made.literal === 'string' && /^[0-7]{3}$/.test(made.literal)) return textLiteral(`0${made.literal}`);
  return made.kind === 'number' || made.kind === 'scalar'
    ? code(`${compiler.use('modeOf')}(${made.text})`, 'text', { run: made.run })
    : made;
}

/** A list of texts: a text with commas is one, as Ansible takes it. */
function textsValue(compiler: Compiler, data: Data): Value {
  if (data.type === 'list') {
    const items = data.items.map((item) => textItem(compiler, item));
    if (items.length === 1 && items[0] !== undefined && items[0].kind !== 'text') return spread(compiler, items[0]);
    return {
      doc: list(items.map((item) => (item.kind === 'text' ? item.text : `...${compiler.use('texts')}(${item.text})`))),
      run: runOf(...items),
      kind: 'texts',
    };
  }
  const made = optional(compiler, scalar(compiler, data));
  if (typeof made.literal === 'string') {
    const parts = made.literal === '' ? [] : made.literal.split(',').map((part) => part.trim());
    return { doc: list(parts.map(quote)), run: 0, kind: 'texts' };
  }
  if (made.kind === 'texts') return valueOf(made);
  if (made.kind === 'text' && made.text.startsWith('`') && !made.text.includes(','))
    return { ...valueOf(made), doc: list([made.text]), kind: 'texts' };
  return spread(compiler, made);
}

const spread = (compiler: Compiler, made: Code): Value => ({
  doc: `${compiler.use('texts')}(${made.text})`,
  run: made.run,
  kind: 'texts',
});

function textItem(compiler: Compiler, data: Data): Code {
  if (data.type === 'number') return textLiteral(textOf(data) ?? '');
  const made = compiler.required(scalar(compiler, data));
  return made.kind === 'number' || made.kind === 'scalar' ? asText(compiler, made) : made;
}

function textMap(compiler: Compiler, data: Data): Value {
  if (data.type !== 'map') return anyValue(compiler, data);
  const entries = [...data.entries].map(([key, value]) => [key, textValue(compiler, value)] as const);
  return {
    doc: object(entries.map(([key, value]) => entry(jinjaKey(compiler, key), value.text))),
    run: runOf(...entries.map(([, value]) => value)),
    kind: 'map',
  };
}
