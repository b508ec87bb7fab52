import { createHash } from 'node:crypto';
import { isTrue } from '../python/compare.ts';
import { percentFormat } from '../python/format.ts';
import { capitalised, centred, replaceText, splitText, strip } from '../python/methods.ts';
import { textOf } from '../python/text.ts';
import { FixedText, Tuple, isMapping, itemsOf, plain, wrong, type JinjaValue } from '../python/value.ts';
import { movingFilter, openFilter, textFilter, type FilterDefinition, type Filters } from './definition.ts';

/** A filter of Jinja2 or Ansible that makes text of text. */
const simple = (change: (text: string) => string): FilterDefinition => textFilter([], (input) => change(textOf(input)));

/** `title` of Jinja2: a word begins behind a blank, a dash or an opening bracket. */
function titled(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map((part) => capitalised(part))
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const escapeHtml = simple((text) => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign));

/** @param safe what stays besides letters, digits and `_.-~` */
function percentEncoded(text: string, safe: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]|%[\dA-F]{2}/g, (part) => {
    const sign = part.length === 1 ? part : decodeOne(part);
    if (sign !== undefined && safe.includes(sign)) return sign;
    return part.length === 1 ? `%${part.charCodeAt(0).toString(16).toUpperCase()}` : part;
  });
}

function decodeOne(part: string): string | undefined {
  const code = Number.parseInt(part.slice(1), 16);
  return code < 0x80 ? String.fromCharCode(code) : undefined;
}

function urlEncoded(input: JinjaValue): string {
  const value = plain(input);
  if (typeof value === 'string' || !(isMapping(value) || Array.isArray(value)))
    return percentEncoded(textOf(value), '/');
  const pairs = isMapping(value)
    ? itemsOf(value).map((key) => [key, (value as Record<string, JinjaValue>)[textOf(key)] ?? null])
    : itemsOf(value).map((pair) => itemsOf(pair));
  return pairs
    .map(([key = '', item = '']) =>
      [key, item].map((part) => percentEncoded(textOf(part), '').replaceAll('%20', '+')).join('='),
    )
    .join('&');
}

const indent = textFilter(['width?', 'first?', 'blank?'], (input, given) => {
  const width = given.get('width');
  const margin = typeof width === 'string' ? width : ' '.repeat(given.count('width', 4));
  const lines = textOf(input).split('\n');
  const isBlank = given.isTrue('blank');
  const rest = lines.slice(1).map((line) => (line !== '' || isBlank ? margin + line : line));
  const [first = ''] = lines;
  return [given.isTrue('first') ? margin + first : first, ...rest].join('\n');
});

const truncate = textFilter(['length?', 'killwords?', 'end?', 'leeway?'], (input, given) => {
  const text = textOf(input);
  const length = given.count('length', 255);
  const end = given.text('end', '...');
  if (text.length <= length + given.count('leeway', 5)) return text;
  const cut = text.slice(0, length - end.length);
  if (given.isTrue('killwords')) return cut + end;
  const at = cut.lastIndexOf(' ');
  return (at < 0 ? cut : cut.slice(0, at)) + end;
});

/** As Python's `shlex.quote`. */
function shellQuoted(text: string): string {
  if (text === '') return "''";
  return /[^\w@%+=:,./-]/u.test(text) || /[^\x00-\x7f]/.test(text) ? `'${text.replaceAll("'", `'"'"'`)}'` : text;
}

const digest = (fixed?: string): FilterDefinition =>
  textFilter(fixed === undefined ? ['hashtype?'] : [], (input, given) => {
    const kind = fixed ?? given.text('hashtype', 'sha1');
    try {
      return createHash(kind.replace('_', '-')).update(textOf(input), 'utf8').digest('hex');
    } catch {
      throw wrong(`there is no hash "${kind}"`);
    }
  });

const commentStyles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};

const comment = textFilter(['style?', '*'], (input, given) => {
  const style = commentStyles[given.text('style', 'plain')];
  if (style === undefined) throw wrong(`there is no style of comments "${given.text('style')}"`);
  const named = (name: string): string | undefined => {
    const value = given.others.get(name);
    return value === undefined ? undefined : textOf(value);
  };
  const sides = (named('decoration') ?? style['decoration'] ?? '').trimEnd();
  const part = (name: string, fallback = ''): string => named(name) ?? style[name] ?? fallback;
  const newline = part('newline', '\n');
  const decoration = part('decoration');
  const prefix = part('prefix', sides);
  const text = (decoration + textOf(input).replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  );
  const before =
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(Number(part('prefix_count', '1')));
  const after = (newline + part('postfix', sides)).repeat(Number(part('postfix_count', '1')));
  const beginning = part('beginning') === '' ? '' : part('beginning') + newline;
  return beginning + before + text + after + (part('end') === '' ? '' : newline + part('end'));
});

/** Filters on texts; the sources are the documentation of Jinja2 and of Ansible's builtin filters. */
export const textFilters: Filters = {
  upper: simple((text) => text.toUpperCase()),
  lower: simple((text) => text.toLowerCase()),
  capitalize: simple(capitalised),
  title: simple(titled),
  trim: textFilter(['chars?'], (input, given) => strip(textOf(input), given.optionalText('chars'), 'both')),
  string: {
    parameters: [],
    secrets: 'text',
    call: (input) => new FixedText(textOf(input)),
  },
  safe: simple((text) => text),
  escape: escapeHtml,
  e: escapeHtml,
  forceescape: escapeHtml,
  striptags: simple((text) =>
    text
      .replaceAll(/<!--[^]*?-->|<[^>]*>/g, '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  ),
  urlencode: textFilter([], urlEncoded),
  replace: textFilter(['old', 'new', 'count?'], (input, given) =>
    replaceText(textOf(input), given.text('old'), given.text('new'), given.count('count', -1)),
  ),
  center: textFilter(['width?'], (input, given) => centred(textOf(input), given.count('width', 80), ' ')),
  indent,
  truncate,
  comment,
  format: textFilter(['*'], (input, given) =>
    percentFormat(textOf(input), given.others.size > 0 ? Object.fromEntries(given.others) : Tuple.make(given.rest)),
  ),
  wordcount: openFilter([], (input) => [...textOf(input).matchAll(/[\p{L}\p{N}_]+/gu)].length),
  quote: textFilter([], (input) => (plain(input) === null ? "''" : shellQuoted(textOf(input)))),
  split: openFilter(['sep?', 'maxsplit?'], (input, given) =>
    splitText(textOf(input), given.optionalText('sep'), given.count('maxsplit', -1)),
  ),
  join: {
    parameters: ['d?', 'attribute?'],
    secrets: 'text',
    call: (input, given, { attribute }) => {
      const path = given.get('attribute');
      const items = itemsOf(input).map((item) => (path === undefined || path === null ? item : attribute(item, path)));
      return items.map(textOf).join(given.text('d'));
    },
  },
  b64encode: textFilter(['encoding?'], (input) => Buffer.from(textOf(input), 'utf8').toString('base64')),
  b64decode: textFilter(['encoding?'], (input) => Buffer.from(textOf(input), 'base64').toString('utf8')),
  hash: digest(),
  md5: digest('md5'),
  sha1: digest('sha1'),
  checksum: digest('sha1'),
  ternary: {
    ...movingFilter(['true_val', 'false_val', 'none_val?'], (input, given) => {
      const none = given.get('none_val');
      if (plain(input) === null && none !== undefined && none !== null) return none;
      return given.get(isTrue(input) ? 'true_val' : 'false_val') ?? null;
    }),
  },
};
