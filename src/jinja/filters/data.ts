import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { expand, toRegExp } from '../../formats/regexp.ts';
import { isTrue } from '../python/compare.ts';
import { jsonText, readJson } from '../python/json.ts';
import { countOf } from '../python/numbers.ts';
import type { Parameters } from '../python/parameters.ts';
import { textOf } from '../python/text.ts';
import { FixedText, Tuple, isSequence, itemsOf, plain, wrong, type JinjaValue } from '../python/value.ts';
import { yamlText } from '../python/yaml-text.ts';
import { readYaml } from '../python/yaml.ts';
import { openFilter, textFilter, type FilterDefinition, type Filters } from './definition.ts';

/** @throws JinjaError for what is no regular expression */
function patternOf(source: string, flags: { readonly ignoreCase: boolean; readonly multiline: boolean }): RegExp {
  try {
    const found = toRegExp(flags.ignoreCase ? `(?i)${source}` : source, { ascii: false, multiline: flags.multiline });
    return new RegExp(found.source, `${found.flags.replaceAll('g', '')}g`);
  } catch (error) {
    throw wrong(`this regular expression cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function givenPattern(given: Parameters, name: string): RegExp {
  return patternOf(given.text(name), { ignoreCase: given.isTrue('ignorecase'), multiline: given.isTrue('multiline') });
}

const regexReplace = textFilter(['pattern?', 'replacement?', 'ignorecase?', 'multiline?'], (input, given) => {
  const text = textOf(input);
  const replacement = given.text('replacement');
  let made = '';
  let at = 0;
  for (const match of text.matchAll(givenPattern(given, 'pattern'))) {
    made += text.slice(at, match.index) + expand(replacement, match);
    at = match.index + match[0].length;
  }
  return made + text.slice(at);
});

function groupOf(match: RegExpMatchArray, reference: string): JinjaValue {
  const named = /^\\g<(\S+)>$/.exec(reference)?.[1] ?? /^\\(\d+)$/.exec(reference)?.[1];
  if (named === undefined) throw wrong(`"${reference}" names no group`);
  return (/^\d+$/.test(named) ? match[Number(named)] : match.groups?.[named]) ?? null;
}

const regexSearch = openFilter(['regex', '*'], (input, given) => {
  const flag = (name: string): boolean => isTrue(given.others.get(name) ?? false);
  const pattern = patternOf(given.text('regex'), { ignoreCase: flag('ignorecase'), multiline: flag('multiline') });
  const match = pattern.exec(textOf(input));
  if (match === null) return null;
  return given.rest.length === 0 ? match[0] : given.rest.map((reference) => groupOf(match, textOf(reference)));
});

const regexFindAll = openFilter(['regex', 'multiline?', 'ignorecase?'], (input, given) =>
  [...textOf(input).matchAll(givenPattern(given, 'regex'))].map((match): JinjaValue => {
    const groups = match.slice(1).map((group) => group ?? '');
    return groups.length === 0 ? match[0] : groups.length === 1 ? (groups[0] ?? '') : Tuple.make(groups);
  }),
);

/** As Python's `re.escape`. */
const regexEscape = textFilter(['re_type?'], (input, given) => {
  if (given.text('re_type', 'python') === 'posix_basic')
    return textOf(input).replaceAll(/[\][.^$*\\]/g, String.raw`\$&`);
  return textOf(input).replaceAll(/[\s#$&()*+\-.?[\\\]^{|}~]/g, String.raw`\$&`);
});

/** A text that stays one even where it looks like a list (`STRING_TYPE_FILTERS` of Ansible). */
const fixedText = (parameters: readonly string[], call: FilterDefinition['call']): FilterDefinition => ({
  parameters,
  secrets: 'text',
  call: (input, given, tools) => new FixedText(textOf(call(input, given, tools))),
});

function jsonLayout(given: Parameters): { sortKeys: boolean; ascii: boolean; indent: number | undefined } {
  const named = (name: string): JinjaValue | undefined => given.others.get(name);
  const indent = named('indent');
  return {
    sortKeys: isTrue(named('sort_keys') ?? false),
    ascii: isTrue(named('ensure_ascii') ?? true),
    indent: indent === undefined || indent === null ? undefined : countOf(indent, '"indent"'),
  };
}

const unsafeInHtml: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  "'": '\\u0027',
};

/** Python's `posixpath` leaves alone what Node's would make shorter. */
function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/+$/.test(head) ? head : head.replace(/\/+$/, '');
}

function joinPaths(parts: readonly string[]): string {
  return parts.reduce((path, part) =>
    part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
  );
}

function splitExtension(path: string): JinjaValue {
  const name = basename(path).replace(/^\.+/, '');
  const at = name.lastIndexOf('.');
  const extension = at < 0 ? '' : name.slice(at);
  return Tuple.make([path.slice(0, path.length - extension.length), extension]);
}

function splitUrl(text: string): Readonly<Record<string, JinjaValue>> {
  const [, scheme = '', , netloc = '', path = '', , query = '', , fragment = ''] =
    /^(?:([a-zA-Z][\w+.-]*):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?$/.exec(text) ?? [];
  const at = netloc.lastIndexOf('@');
  const [username = null, password = null] = at < 0 ? [] : netloc.slice(0, at).split(':');
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(netloc.slice(at + 1)) ?? [];
  const hostname = host.replaceAll(/^\[|\]$/g, '').toLowerCase();
  return {
    fragment,
    hostname: hostname === '' ? null : hostname,
    netloc,
    password,
    path,
    port: port === undefined ? null : Number(port),
    query,
    scheme: scheme.toLowerCase(),
    username,
  };
}

/** The namespace of Ansible's `to_uuid`. */
const ansibleNamespace = '361E6D51-FAEC-444A-9079-341386DA8E2E';

/** A UUID of version 5 (RFC 9562): of a name within a namespace. */
function nameUuid(name: string, namespace: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Filters that read and write formats, paths, addresses and patterns. */
export const dataFilters: Filters = {
  regex_replace: regexReplace,
  regex_search: regexSearch,
  regex_findall: regexFindAll,
  regex_escape: regexEscape,
  from_json: openFilter([], (input) => readJson(textOf(input))),
  to_json: fixedText(['*'], (input, given) => jsonText(input, jsonLayout(given))),
  to_nice_json: fixedText(['indent?', 'sort_keys?', '*'], (input, given) =>
    jsonText(input, {
      ...jsonLayout(given),
      indent: given.count('indent', 4),
      sortKeys: given.isTrue('sort_keys', true),
    }),
  ),
  tojson: textFilter(['indent?'], (input, given) =>
    jsonText(input, {
      sortKeys: true,
      ...(given.get('indent') === undefined ? {} : { indent: given.count('indent', 0) }),
    }).replaceAll(/[<>&']/g, (sign) => unsafeInHtml[sign] ?? sign),
  ),
  from_yaml: openFilter([], (input) => {
    const value = plain(input);
    return typeof value === 'string' ? readYaml(value) : value;
  }),
  to_yaml: fixedText(['*'], (input, given) =>
    yamlText(input, { ...yamlLayout(given), indent: countOf(given.others.get('indent') ?? 2, '"indent"') }),
  ),
  to_nice_yaml: fixedText(['indent?', '*'], (input, given) =>
    yamlText(input, { ...yamlLayout(given), isBlock: true, indent: given.count('indent', 4) }),
  ),
  basename: textFilter([], (input) => basename(textOf(input))),
  dirname: textFilter([], (input) => dirname(textOf(input))),
  splitext: openFilter([], (input) => splitExtension(textOf(input))),
  expanduser: textFilter([], (input) => textOf(input).replace(/^~(?=\/|$)/, homedir())),
  expandvars: textFilter([], (input) =>
    textOf(input).replaceAll(
      /\$(?:(\w+)|\{([^}]*)\})/g,
      (whole: string, bare?: string, braced?: string) => process.env[bare ?? braced ?? ''] ?? whole,
    ),
  ),
  path_join: openFilter([], (input) => {
    const value = plain(input);
    return isSequence(value) ? joinPaths(itemsOf(value).map(textOf)) : textOf(value);
  }),
  relpath: textFilter(
    ['start?'],
    (input, given) => posix.relative(posix.resolve(given.text('start', '.')), posix.resolve(textOf(input))) || '.',
  ),
  realpath: textFilter([], (input) => {
    const path = posix.resolve(textOf(input));
    return existsSync(path) ? realpathSync(path) : path;
  }),
  urldecode: textFilter([], (input) => decodeURIComponent(textOf(input).replaceAll('+', ' '))),
  to_uuid: textFilter(['namespace?'], (input, given) =>
    nameUuid(textOf(input), given.text('namespace', ansibleNamespace)),
  ),
  win_basename: textFilter([], (input) => win32.basename(textOf(input))),
  win_dirname: textFilter([], (input) => win32.dirname(textOf(input))),
  urlsplit: openFilter(['query?'], (input, given) => {
    const parts = splitUrl(textOf(input));
    const wanted = given.text('query');
    if (wanted === '') return parts;
    const part = parts[wanted];
    if (part === undefined) throw wrong(`an address has no part "${wanted}"`);
    return part;
  }),
};

function yamlLayout(given: Parameters): { width: number; sortKeys: boolean; isBlock: boolean | undefined } {
  const flow = given.others.get('default_flow_style');
  return {
    width: countOf(given.others.get('width') ?? 80, '"width"'),
    sortKeys: isTrue(given.others.get('sort_keys') ?? true),
    isBlock: flow === undefined || flow === null ? undefined : !isTrue(flow),
  };
}
