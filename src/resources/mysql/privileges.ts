import { identifier } from './sql.ts';

/** What an account may do with one object: all databases, one, a table, a routine. */
export interface Grant {
  /** As SQL has it: `*.*`, `` `app`.* ``, `` FUNCTION `app`.`f` ``. */
  readonly on: string;
  /** `SELECT`, `INSERT(a)`: one for each column; sorted. */
  readonly privileges: readonly string[];
  /** It may pass them on. */
  readonly isGrantable: boolean;
}

/** What MariaDB calls otherwise than people may (its manual, GRANT). */
const otherNames: Readonly<Record<string, string>> = {
  'ALL': 'ALL PRIVILEGES',
  'REPLICATION CLIENT': 'BINLOG MONITOR',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
};

/** One word for each privilege, those of columns apart. USAGE is none, and GRANT is told apart. */
function privilegesOf(text: string): { readonly privileges: string[]; readonly isGrantable: boolean } {
  const all = splitOutside(text, ',').flatMap((one) => {
    const [, word = '', columns] = /^\s*([^(]*?)\s*(?:\((.*)\))?\s*$/s.exec(one) ?? [];
    const upper = word.toUpperCase().replace(/\s+/g, ' ');
    const name = otherNames[upper] ?? upper;
    if (columns === undefined) return [name];
    return splitOutside(columns, ',').map((column) => `${name}(${unquoted(column.trim())})`);
  });
  return {
    privileges: [...new Set(all)].filter((one) => !['', 'USAGE', 'GRANT', 'GRANT OPTION'].includes(one)).toSorted(),
    isGrantable: all.includes('GRANT') || all.includes('GRANT OPTION'),
  };
}

/** Splits a text where a sign stands in no quotes and no brackets. */
function splitOutside(text: string, sign: string): string[] {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (const char of text) {
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '`' || char === '"' || char === "'") quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    if (char === sign && depth === 0 && quote === '') parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

const unquoted = (name: string): string =>
  /^(?:`[^]*`|"[^]*")$/.test(name) ? name.slice(1, -1).replaceAll('``', '`') : name;

/** An object as SQL has it. @returns undefined where it is none */
function objectOf(text: string): string | undefined {
  const [, kind, rest = ''] = /^(?:(table|function|procedure)\s+)?(.*)$/is.exec(text.trim()) ?? [];
  const parts = splitOutside(rest, '.').map((part) => part.trim());
  const [database = '', table = ''] = parts;
  if (parts.length !== 2 || database === '' || table === '' || (database === '*' && table !== '*')) return undefined;
  const word = kind === undefined || /^table$/i.test(kind) ? '' : `${kind.toUpperCase()} `;
  const name = (part: string): string => (part === '*' ? '*' : identifier(unquoted(part)));
  return `${word}${name(database)}.${name(table)}`;
}

/** What is asked for: `app.*:ALL/logs.*:INSERT,SELECT`, or the same as a map. @throws RangeError for what is none */
export function wantedGrants(priv: string | Readonly<Record<string, string>>): Grant[] {
  const pairs =
    typeof priv === 'string'
      ? splitOutside(priv, '/').map((one): readonly [string, string] => {
          const [on = '', words, ...more] = splitOutside(one, ':');
          if (words === undefined || more.length > 0)
            throw new RangeError(`"${one}" in \`priv\` is not DATABASE.TABLE:PRIVILEGES`);
          return [on, words];
        })
      : Object.entries(priv);
  const grants = new Map<string, Grant>();
  for (const [text, words] of pairs) {
    const on = objectOf(text);
    if (on === undefined) throw new RangeError(`"${text}" in \`priv\` is not DATABASE.TABLE`);
    const { privileges, isGrantable } = privilegesOf(words);
    const odd = privileges.find((one) => !/^[A-Z][A-Z _]*(?:\([^()]+\))?$/.test(one));
    if (odd !== undefined) throw new RangeError(`"${odd}" in \`priv\` is not a privilege`);
    if (grants.has(on)) throw new RangeError(`"${text}" is in \`priv\` twice`);
    grants.set(on, { on, privileges, isGrantable });
  }
  return [...grants.values()];
}

/** What SHOW GRANTS prints. Roles and proxies are no privileges on objects. */
export function readGrants(lines: readonly string[]): Grant[] {
  return lines.flatMap((line) => {
    const [head = '', tail] = splitWord(line.slice('GRANT '.length), ' TO ');
    const [words = '', object] = splitWord(head, ' ON ');
    const on = object === undefined ? undefined : objectOf(object);
    if (tail === undefined || on === undefined) return [];
    const { privileges } = privilegesOf(words);
    return [{ on, privileges, isGrantable: /\bWITH\b.*\bGRANT OPTION\b/.test(tail.replaceAll(/(['`"])[^]*?\1/g, '')) }];
  });
}

/** The parts before and after a word that stands in no quotes. */
function splitWord(text: string, word: string): string[] {
  const masked = text.replaceAll(/(['`"])[^]*?\1/g, (quoted) => '_'.repeat(quoted.length));
  const at = masked.indexOf(word);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + word.length)];
}

export interface GrantChange {
  readonly on: string;
  readonly from: string;
  readonly to: string;
  /** Statements for the account, in order. */
  readonly sql: readonly string[];
  readonly grant: Grant;
}

/**
 * @param how `whole`: what is not asked for goes; `append`: it stays; `subtract`: what is named goes
 */
export function grantChanges(
  wanted: readonly Grant[],
  now: readonly Grant[],
  account: string,
  how: 'whole' | 'append' | 'subtract',
): GrantChange[] {
  const objects = [...new Set([...wanted, ...(how === 'whole' ? now : [])].map(({ on }) => on))];
  return objects.flatMap((on) => {
    const none: Grant = { on, privileges: [], isGrantable: false };
    const has = now.find((one) => one.on === on) ?? none;
    const asked = wanted.find((one) => one.on === on) ?? none;
    const to = { whole: asked, append: union(has, asked), subtract: without(has, asked) }[how];
    if (shown(has) === shown(to)) return [];
    return [{ on, from: shown(has), to: shown(to), sql: statements(has, to, account), grant: to }];
  });
}

const every = 'ALL PRIVILEGES';

function union(has: Grant, asked: Grant): Grant {
  const all = [...new Set([...has.privileges, ...asked.privileges])].toSorted();
  return {
    on: has.on,
    privileges: all.includes(every) ? [every] : all,
    isGrantable: has.isGrantable || asked.isGrantable,
  };
}

function without(has: Grant, asked: Grant): Grant {
  return {
    on: has.on,
    privileges: asked.privileges.includes(every) ? [] : has.privileges.filter((one) => !asked.privileges.includes(one)),
    isGrantable: has.isGrantable && !asked.isGrantable,
  };
}

function shown({ privileges, isGrantable }: Grant): string {
  const words = [...privileges, ...(isGrantable ? ['GRANT'] : [])];
  return words.length === 0 ? 'none' : words.join(', ');
}

/** Privileges as SQL has them. */
function words(privileges: readonly string[]): string {
  const columns = new Map<string, string[]>();
  for (const one of privileges) {
    const [, name = one, column] = /^(.*?)\((.*)\)$/s.exec(one) ?? [];
    const named = columns.get(name) ?? [];
    if (column !== undefined) named.push(identifier(column));
    columns.set(name, named);
  }
  return [...columns].map(([name, list]) => (list.length === 0 ? name : `${name} (${list.join(', ')})`)).join(', ');
}

function statements(has: Grant, to: Grant, account: string): string[] {
  const { on } = has;
  // ALL PRIVILEGES is no privilege that could be taken from the rest of them.
  const gone = has.privileges.filter((one) => !to.privileges.includes(one) && !to.privileges.includes(every));
  const left = has.privileges.filter((one) => !gone.includes(one));
  const more = to.privileges.filter((one) => !left.includes(one));
  const grants = to.isGrantable && !has.isGrantable;
  return [
    ...(gone.length > 0 ? [`REVOKE ${words(gone)} ON ${on} FROM ${account};`] : []),
    ...(has.isGrantable && !to.isGrantable ? [`REVOKE GRANT OPTION ON ${on} FROM ${account};`] : []),
    ...(more.length > 0 || grants
      ? [
          `GRANT ${more.length === 0 ? 'USAGE' : words(more)} ON ${on} TO ${account}${grants ? ' WITH GRANT OPTION' : ''};`,
        ]
      : []),
  ];
}

/** As SHOW GRANTS would print it. */
export function printedGrant({ on, privileges, isGrantable }: Grant, account: string): string {
  return `GRANT ${privileges.length === 0 ? 'USAGE' : words(privileges)} ON ${on} TO ${account}${isGrantable ? ' WITH GRANT OPTION' : ''}`;
}
