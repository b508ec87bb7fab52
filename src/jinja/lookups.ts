import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { Secret, Unreadable, reveal } from '../secrets/index.ts';
import { evaluateText, renderText, type Variables } from './evaluate/template.ts';
import { isTrue } from './python/compare.ts';
import { BlockedError, JinjaError } from './python/problem.ts';
import { textOf } from './python/text.ts';
import {
  FixedText,
  Undefined,
  entriesOf,
  isMapping,
  isSequence,
  itemsOf,
  plain,
  present,
  wrong,
  type CallArguments,
  type JinjaValue,
} from './python/value.ts';
import { parseJinja } from './syntax/parse.ts';

/** What lookups see of this machine. */
export interface LookupPlaces {
  /** Where files are looked for, nearest first: the playbook's folder. */
  readonly folders: readonly string[];
  /** The plain bytes of a file, and whether it was encrypted. */
  readonly open: (bytes: Buffer, file: string) => { readonly bytes: Buffer; readonly isSecret: boolean };
  /** All names of variables. */
  readonly names: () => Iterable<string>;
  /** False: no lookup runs a command or makes a file; what it would give is not known then. */
  readonly runs: boolean;
}

type Named = ReadonlyMap<string, JinjaValue>;
type Lookup = (terms: readonly JinjaValue[], named: Named, variables: Variables, places: LookupPlaces) => JinjaValue[];

/**
 * `lookup(name, ...)` on the machine play runs on: files, the environment, commands, DNS, made passwords. Several
 * answers are one text with commas, unless `wantlist` is true, as in Ansible.
 *
 * @throws JinjaError a hole for a lookup play does not have
 */
export function lookUp(
  name: string,
  { positional, named }: CallArguments,
  variables: Variables,
  places: LookupPlaces,
): JinjaValue {
  const lookup = lookupNamed(name);
  if (lookup === undefined)
    throw new JinjaError(
      'hole',
      `play has no lookup "${name}"`,
      'Fetch it in TypeScript: secretFromCommand, secretFromEnv, or what Node offers.',
    );
  const isList = isTrue(named.get('wantlist') ?? false);
  const terms = positional.flatMap((term) => (isSequence(term) ? [...term] : [term])).map(present);
  const others = new Map([...named].filter(([key]) => key !== 'wantlist' && key !== 'errors'));
  try {
    const found = lookup(terms, others, variables, places);
    return isList ? found : single(found);
  } catch (error) {
    const lenient = named.get('errors');
    if (!(error instanceof JinjaError) || error.problem !== 'wrong' || lenient === undefined) throw error;
    if (textOf(lenient) === 'strict') throw error;
    return isList ? [] : null;
  }
}

function single(found: readonly JinjaValue[]): JinjaValue {
  const [only] = found;
  const isText = (value: JinjaValue): boolean => typeof value === 'string' || value instanceof Secret;
  // Of no answers Ansible makes no text.
  if (found.length === 0) return found;
  if (found.length === 1 && only !== undefined) return only;
  if (!found.every(isText)) return found;
  const secrets = found.filter((value) => value instanceof Secret);
  const join = (): string => found.map(textOf).join(',');
  return secrets.length === 0 ? join() : new Secret(join, secrets.map(({ source }) => source).join(', '), secrets);
}

/** The file a lookup means: as it is written, or in `below` of a folder, or in the folder itself. */
function fileFor(term: string, below: string, { folders }: LookupPlaces): string {
  const tried = term.startsWith('/')
    ? [term]
    : folders.flatMap((folder) => [join(folder, below, term), join(folder, term)]);
  const found = tried.find((path) => existsSync(path));
  if (found === undefined) throw wrong(`there is no file ${term} (looked for: ${tried.join(', ')})`);
  return found;
}

function readText(path: string, places: LookupPlaces): string | Secret {
  let raw: Buffer;
  try {
    raw = readFileSync(path);
  } catch (error) {
    throw wrong(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { bytes, isSecret } = places.open(raw, path);
  return isSecret ? new Secret(bytes.toString('utf8'), path) : bytes.toString('utf8');
}

function changed(text: string | Secret, change: (text: string) => string): string | Secret {
  return text instanceof Secret ? new Secret(() => change(text.expose()), text.source, [text]) : change(text);
}

const file: Lookup = (terms, named, _, places) =>
  terms.map((term) => {
    const left = isTrue(named.get('lstrip') ?? false);
    const right = isTrue(named.get('rstrip') ?? true);
    return changed(readText(fileFor(textOf(term), 'files', places), places), (text) => {
      const trimmed = left ? text.trimStart() : text;
      return right ? trimmed.trimEnd() : trimmed;
    });
  });

/** Programs whose output nobody wants to see in a diff. */
const tellsSecrets =
  /(?:^|[\s;&|/(])(?:pass|gopass|op|bw|lpass|vault|sops|age|gpg2?|security|secret-tool|keepassxc-cli)\s/;

/** Ends an evaluation that would do more than look, where nothing more is wanted. */
function mayRun(what: string, { runs }: LookupPlaces): void {
  if (runs) return;
  throw new BlockedError(
    new Unreadable(() => new PlayError(`This value is made by ${what}, which is left out by who only looks`)),
  );
}

function commandOutput(command: string, places: LookupPlaces): string {
  mayRun('a command', places);
  const {
    folders: [cwd = '.'],
  } = places;
  try {
    return execFileSync('/bin/sh', ['-c', command], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { status = null, stderr = '' } = error as { readonly status?: number | null; readonly stderr?: string };
    throw wrong(`the command of lookup('pipe') failed (exit code ${status ?? 'none'}): ${stderr.trim().slice(-300)}`);
  }
}

const pipe: Lookup = (terms, _, __, places) =>
  terms.map((term) => {
    const command = reveal(term as string | Secret);
    const output = (): string => commandOutput(command, places).trimEnd();
    if (term instanceof Secret) return new Secret(output, term.source, [term]);
    return tellsSecrets.test(`${command} `) ? new Secret(output, `pipe ${command}`) : output();
  });

const lines: Lookup = (terms, _, __, places) =>
  terms.flatMap((term) => {
    const text = commandOutput(textOf(term), places).trimEnd();
    return text === '' ? [] : text.split('\n');
  });

const env: Lookup = (terms, named) => terms.map((term) => process.env[textOf(term)] ?? named.get('default') ?? '');

const vars: Lookup = (terms, named, variables) =>
  terms.map((term) => {
    const found = variables.variable(textOf(term)) ?? named.get('default') ?? variables.missing?.(textOf(term));
    if (found === undefined) throw new Undefined(`'${textOf(term)}' is undefined`).error();
    return found instanceof Undefined && named.has('default') ? (named.get('default') ?? null) : present(found);
  });

const varnames: Lookup = (terms, _, __, { names }) => {
  const all = [...names()];
  return terms.flatMap((term) => {
    const pattern = new RegExp(textOf(term), 'u');
    return all.filter((name) => pattern.test(name));
  });
};

const template: Lookup = (terms, named, variables, places) =>
  terms.map((term) => {
    const path = fileFor(textOf(term), 'templates', places);
    const source = readText(path, places);
    const local = named.get('template_vars');
    const extra = local !== undefined && isMapping(local) ? new Map(entriesOf(local)) : new Map<string, JinjaValue>();
    const world: Variables = {
      ...variables,
      variable: (name) => extra.get(name) ?? variables.variable(name),
    };
    const rendered = renderText(
      parseJinja(reveal(source), { literalBackslashes: false, keepTrailingNewline: true }),
      world,
    );
    if (source instanceof Secret) return new Secret(() => textOf(rendered), path, [source]);
    const convert = isTrue(named.get('convert_data') ?? true);
    return rendered instanceof Secret
      ? rendered
      : convert
        ? convertedText(textOf(rendered))
        : new FixedText(textOf(rendered));
  });

/** A text that looks like a list becomes one, as where a variable holds it. */
function convertedText(text: string): JinjaValue {
  const nothing = (): undefined => undefined;
  const world: Variables = {
    written: nothing,
    variable: (name) => (name === 'text' ? text : undefined),
    lookup: () => null,
  };
  return evaluateText('{{ text }}', world);
}

const sets: Readonly<Record<string, string>> = {
  ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};

/** `PATH length=20 chars=ascii_letters,digits`: kept in the file; made, for us alone to read, where there is none. */
const password: Lookup = (terms, named, _, { folders: [folder = '.'] }) =>
  terms.map((term) => {
    const [path = '', ...settings] = textOf(term).split(' ');
    const given = new Map(
      settings.map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]),
    );
    const option = (name: string): string | undefined => {
      const value = named.get(name);
      return value === undefined ? given.get(name) : isSequence(value) ? value.map(textOf).join(',') : textOf(value);
    };
    if (option('encrypt') !== undefined || option('seed') !== undefined)
      throw new JinjaError('hole', "play makes no encrypted or seeded passwords in lookup('password')");
    const length = Number(option('length') ?? 20);
    const characters = candidates(option('chars') ?? 'ascii_letters,digits,.,,:-_');
    const where = resolve(folder, path);
    return new Secret(() => keptPassword(where, length, characters), `password ${path}`);
  });

function candidates(spec: string): string {
  const words = spec.includes(',,') ? [...spec.replace(',,', ',').split(','), ','] : spec.split(',');
  return [...new Set(words.map((word) => sets[word] ?? word).join(''))].filter((c) => c !== '"' && c !== "'").join('');
}

function keptPassword(path: string, length: number, characters: string): string {
  const make = (): string => Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join('');
  if (path === '/dev/null') return make();
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const made = make();
      const descriptor = openSync(path, 'wx', 0o600);
      writeSync(descriptor, `${made}\n`);
      closeSync(descriptor);
      return made;
    } catch (error) {
      // Another run was faster: its password counts.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(path, 'utf8')
    .trimEnd()
    .replace(/ salt=\S*(?: ident=\S*)?$/, '');
}

/** The files of a pattern, sorted; wildcards count in the last part of the path alone, as most are written. */
const fileglob: Lookup = (terms, _, __, { folders }) =>
  terms.flatMap((term) => {
    const text = textOf(term);
    const pattern = new RegExp(
      `^${basename(text)
        .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    const below = dirname(text);
    const tried = text.startsWith('/')
      ? [below]
      : folders.flatMap((one) => [join(one, 'files', below), join(one, below)]);
    const found = tried.find((path) => existsSync(path));
    if (found === undefined) return [];
    return readdirSync(found)
      .filter((name) => pattern.test(name) && statSync(join(found, name)).isFile())
      .sort()
      .map((name) => join(found, name));
  });

const firstFound: Lookup = (terms, named, _, { folders }) => {
  const wanted = [...terms, ...itemsOf(named.get('files') ?? [])].flatMap((term) => {
    if (!isMapping(term)) return [textOf(term)];
    const parts = new Map(entriesOf(term));
    const paths = itemsOf(parts.get('paths') ?? []).map(textOf);
    return itemsOf(parts.get('files') ?? []).flatMap((name) =>
      paths.length === 0 ? [textOf(name)] : paths.map((path) => join(path, textOf(name))),
    );
  });
  const found = wanted
    .flatMap((name) =>
      name.startsWith('/') ? [name] : folders.flatMap((one) => [join(one, 'files', name), join(one, name)]),
    )
    .find((path) => existsSync(path));
  if (found !== undefined) return [found];
  if (isTrue(named.get('skip') ?? false)) return [];
  throw wrong(`none of these files is there: ${wanted.join(', ')}`);
};

/** Asks DNS as this machine would, in a process of its own: an answer is needed now, and Node's resolver waits. */
const askDns = `
const { Resolver, promises } = require('node:dns');
const [name, type, server] = process.argv.slice(1);
const resolver = new promises.Resolver({ timeout: 5000, tries: 2 });
if (server) resolver.setServers([server]);
const dot = (host) => host.endsWith('.') ? host : host + '.';
const shown = { MX: (r) => r.priority + ' ' + dot(r.exchange), TXT: (r) => r.join('" "'), NS: dot, CNAME: dot, PTR: dot,
  SRV: (r) => [r.priority, r.weight, r.port, dot(r.name)].join(' '),
  SOA: (r) => [dot(r.nsname), dot(r.hostmaster), r.serial, r.refresh, r.retry, r.expire, r.minttl].join(' ') };
const { isIP } = require('node:net');
// The name of an address is looked for where such names are; reverse() would ask /etc/hosts, too.
const asked = type === 'PTR' && isIP(name) ? reversed(name) : name;
function reversed(address) {
  if (isIP(address) === 4) return address.split('.').reverse().join('.') + '.in-addr.arpa';
  const [before, behind = ''] = new URL('http://[' + address + ']').hostname.slice(1, -1).split('::');
  const [first, last] = [before, behind].map((part) => part.split(':').filter((one) => one !== ''));
  const groups = [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return [...groups.map((one) => one.padStart(4, '0')).join('')].reverse().join('.') + '.ip6.arpa';
}
resolver.resolve(asked, type).then(
  (all) => process.stdout.write(JSON.stringify([all].flat().map(shown[type] ?? String))),
  (error) => process.stdout.write(JSON.stringify(
    error.code === 'ENOTFOUND' ? ['NXDOMAIN'] : error.code === 'ENODATA' ? [''] : { error: error.message })));
`;

const dig: Lookup = (terms, named) => {
  let type = textOf(named.get('qtype') ?? 'A');
  let server = '';
  let isStrict = isTrue(named.get('fail_on_error') ?? false);
  const names: string[] = [];
  for (const term of terms.map(textOf)) {
    const setting = /^qtype=(.*)$/.exec(term)?.[1];
    if (setting !== undefined) type = setting;
    else if (term.startsWith('@')) server = term.slice(1);
    else if (term.startsWith('fail_on_error=')) isStrict = /=(?:true|yes|on|1|y|t)$/i.test(term);
    // A resolver that fails is asked again in any case.
    else if (term.startsWith('retry_servfail=')) continue;
    else if (/^\w+=/.test(term)) throw new JinjaError('hole', `play's lookup('dig') has no "${term}"`);
    else names.push(term);
  }
  return names.flatMap((name) => {
    const [host = '', own = type] = name.split('/');
    const args = ['-e', askDns, host.replace(/\.$/, ''), own.toUpperCase(), server];
    const answer = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as
      | string[]
      | { error: string };
    if (!Array.isArray(answer)) throw wrong(`DNS gave no answer for ${name}: ${answer.error}`);
    if (isStrict && (answer[0] === '' || answer[0] === 'NXDOMAIN')) throw wrong(`DNS has no ${own} of ${host}`);
    return answer;
  });
};

const lookups: Readonly<Record<string, Lookup>> = {
  env,
  file,
  pipe,
  lines,
  vars,
  varnames,
  template,
  password,
  fileglob,
  first_found: firstFound,
  dig,
  list: (terms) => [...terms],
  items: (terms) => terms.flatMap((term) => (isSequence(term) ? [...term] : [term])),
  flattened: (terms) => terms.flatMap((term) => (isSequence(plain(term)) ? [...itemsOf(term)] : [term])),
  dict: (terms) =>
    terms.flatMap((term): JinjaValue[] =>
      isMapping(term) ? entriesOf(term).map(([key, value]) => Object.freeze({ key, value })) : [term],
    ),
};

function lookupNamed(name: string): Lookup | undefined {
  const short = name.replace(/^(?:ansible\.(?:builtin|legacy)|community\.(?:general|dns))\./, '');
  return Object.hasOwn(lookups, short) ? lookups[short] : undefined;
}

/** Whether play has this lookup. */
export const hasLookup = (name: string): boolean => lookupNamed(name) !== undefined;
