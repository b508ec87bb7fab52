import { resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { plainText } from './jinja.ts';
import type { Definition } from './types.ts';
import { openYaml, readText, readVariables } from './vars-files.ts';
import { YamlFile, type YamlReading } from './yaml-file.ts';

/**
 * The variables of all `-e`, later ones winning: `name=value` pairs (values are always text), a JSON or YAML mapping in
 * braces, or `@FILE`.
 */
export function parseExtraVars(given: readonly string[], reading: YamlReading): Map<string, Definition> {
  const variables = new Map<string, Definition>();
  for (const argument of given) {
    for (const [name, definition] of parseOne(argument, reading)) {
      variables.delete(name);
      variables.set(name, definition);
    }
  }
  return variables;
}

function parseOne(argument: string, reading: YamlReading): Map<string, Definition> {
  if (argument === '') return new Map();
  if (argument.startsWith('@')) {
    const file = resolve(argument.slice(1));
    return readVariables(openYaml(readText(file), file, reading));
  }
  if (argument.startsWith('/') || argument.startsWith('.'))
    throw new PlayError(`-e ${argument} looks like a file`, { where: '-e', hint: `Write -e @${argument}` });
  if (argument.startsWith('{')) return readVariables(new YamlFile(argument, '-e', reading));
  if (argument.startsWith('['))
    throw new PlayError('-e [...] is a list, not variables', { where: '-e', hint: 'Write -e \'{"name": [...]}\'.' });
  return parsePairs(argument);
}

/** What is said of a variable: its value is left out, as it may be a secret. */
const labelOf = (name: string): string => `-e ${name}=...`;

function parsePairs(argument: string): Map<string, Definition> {
  const variables = new Map<string, Definition>();
  let before = '';
  for (const pair of splitPairs(argument)) {
    const text = decodeEscapes(pair);
    const equals = /[^\\]=/.exec(text);
    if (equals === null)
      throw new PlayError(
        // Behind another pair it may be the rest of that one's value.
        before === '' ? `-e ${pair}: "${pair}" is not name=value` : `${before}: what follows is not name=value`,
        {
          where: '-e',
          hint: 'Write name=value; quote a value with spaces: -e \'name="a b"\'. A file takes @.',
        },
      );
    const at = equals.index + 1;
    const value = unquote(text.slice(at + 1).trim());
    const name = text.slice(0, at).trim();
    before = labelOf(name);
    variables.set(name, { value: plainText(value, before), where: before });
  }
  return variables;
}

/** Splits at white space outside quotes and outside `{{ }}`. */
function splitPairs(argument: string): string[] {
  const pairs: string[] = [];
  let pair = '';
  let quote = '';
  let depth = 0;
  for (let i = 0; i < argument.length; i++) {
    const c = argument.charAt(i);
    if (argument.startsWith('{{', i)) depth++;
    if (argument.startsWith('}}', i)) depth = Math.max(0, depth - 1);
    if ((c === '"' || c === "'") && argument.charAt(i - 1) !== '\\' && (quote === '' || quote === c))
      quote = quote === '' ? c : '';
    if ((c === ' ' || c === '\n') && quote === '' && depth === 0) {
      if (pair !== '') pairs.push(pair);
      pair = '';
    } else pair += c;
  }
  if (quote !== '' || depth > 0)
    throw new PlayError(`${labelOf(/^[^=]*/.exec(argument)?.[0] ?? '')}: a quotation is not closed`, {
      where: '-e',
      hint: `Close the ${quote === '' ? '{{' : quote}, or write a backslash before it.`,
    });
  return pair === '' ? pairs : [...pairs, pair];
}

const escapes: Readonly<Record<string, string>> = {
  'n': '\n',
  't': '\t',
  'r': '\r',
  'a': '\x07',
  'b': '\b',
  'f': '\f',
  'v': '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\\'"abfnrtv]))/g,
    (whole: string, long?: string, short?: string, byte?: string, simple?: string) => {
      const code = long ?? short ?? byte;
      return code === undefined
        ? (escapes[simple ?? ''] ?? whole)
        : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, 16)));
    },
  );
}

function unquote(text: string): string {
  const first = text.charAt(0);
  const isQuoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) && text.at(-2) !== '\\';
  return isQuoted ? text.slice(1, -1) : text;
}
