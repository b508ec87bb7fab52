import * as v from 'valibot';
import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { accountTable } from '../../probes/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { getentLines } from './getent.probe.ts';

/** An entry of a database. */
export interface GetentEntry {
  /** Its first field. */
  readonly key: string;
  /** The fields after it. */
  readonly fields: readonly string[];
}

export interface GetentResult {
  /** The fields of each entry, by its first one; null for a missing `key` (`failKey: false`). */
  readonly entries: Readonly<Record<string, readonly string[] | null>>;
  /** All entries in order, including several with the same key (a host's addresses). */
  readonly all: readonly GetentEntry[];
}

interface Wanted {
  readonly database: string;
  readonly key: string;
  readonly service: string;
  readonly split: string | undefined;
  readonly failKey: boolean;
}

const word = (description: string, what: string) =>
  v.pipe(text(description), v.regex(/^[a-z][a-z0-9_-]*$/, `must be the name of ${what}`));

/** Entries of the system's databases: accounts, hosts, services. */
export const getent = defineResource({
  name: 'getent',
  summary:
    'Reads entries from a database in nsswitch.conf(5) (passwd, group, hosts, services ...) with getent(1), for later tasks. Changes nothing; in check mode it sees planned accounts and files. Add `noLog` for shadow.',
  options: {
    database: word('The database: `passwd`, `group`, `hosts`, `services` ...', 'a database, such as passwd'),
    key: v.optional(
      v.pipe(
        text('The entry: `root`, `www.example.org`. Default: all entries.'),
        v.regex(/^[^-\0\n][^\0\n]*$/, 'must be one word that does not begin with a dash'),
      ),
    ),
    service: v.optional(
      word(
        'Where to look it up, such as `files`. Default: as /etc/nsswitch.conf says.',
        'a service of nsswitch.conf(5)',
      ),
    ),
    split: v.optional(
      v.pipe(
        text('The field separator. Default: `:` for passwd, group, shadow and gshadow, blanks for the others.'),
        v.nonEmpty('must not be empty'),
      ),
    ),
    failKey: flag('Fail if there is no entry `key`; with `false` the result is null.', true),
  },
  example: `const accounts = getent({ database: 'passwd', key: 'www-data' });
debug({ msg: ({ results }) => results(accounts).entries['www-data']?.[4] ?? '' })`,
  title: ({ database, key }) => [database, key].filter((one) => one !== undefined).join(' '),
  prepare: ({ key, service, ...given }): Wanted => ({
    ...given,
    split: given.split,
    key: key ?? '',
    service: service ?? '',
  }),
  probes: ({ database, key, service }) => [getentLines(database, key, service)],
  plan,
});

const withColons = new Set(['passwd', 'group', 'shadow', 'gshadow']);

function plan({ database, key, service, split, failKey }: Wanted, found: Found): Plan<GetentResult> {
  const answer = found.get(getentLines(database, key, service));
  const open = { unforeseen: true, bringsNothing: true };
  const none: GetentResult = { entries: {}, all: [] };
  if ('notRun' in answer) return { ...settled(none), assumed: [`not looked up (${answer.notRun})`], ...open };
  // Where planned accounts cannot be known, they were not shown.
  if (database === 'passwd' || database === 'group') found.planned(accountTable);
  const { code, lines, caveat } = answer;
  found.require(code !== 127, toolNeed('getent', 'libc-bin'));
  // What is planned and was not in place may be what is missing.
  if (code !== 0 && caveat !== undefined)
    return {
      ...settled(none),
      assumed: [`not looked up (there is no such entry at present, but ${caveat})`],
      ...open,
    };
  found.require(code !== 1, { failure: `the host has no database ${database}`, by: null });
  found.require(code !== 3, { failure: `${database} cannot be listed as a whole: give a \`key\``, by: null });
  found.require(code === 0 || (code === 2 && !failKey), {
    failure: key === '' ? `there is nothing in ${database}` : `there is no ${key} in ${database}`,
    hint: 'If it may be missing, write failKey: false.',
  });
  const between = split ?? (withColons.has(database) ? ':' : undefined);
  const all = lines.map((line): GetentEntry => {
    const [first = '', ...fields] = between === undefined ? line.trim().split(/\s+/) : line.split(between);
    return { key: first, fields };
  });
  const missing: [string, null][] = code === 0 || key === '' ? [] : [[key, null]];
  const entries = Object.fromEntries([
    ...missing,
    ...all.toReversed().map(({ key: first, fields }) => [first, fields] as const),
  ]);
  return {
    ...settled({ entries, all }),
    ...(caveat === undefined ? {} : { assumed: [`it is the same by then (${caveat})`] }),
  };
}
