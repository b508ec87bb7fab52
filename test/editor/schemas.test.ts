/**
 * What editors are told of variables and inventories, held against a validator of JSON Schema: files of this repository
 * pass, and what a role would refuse is red.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { connectionSchemas } from '../../src/cli/commands/schema/connection-schemas.ts';
import { projectSchemas } from '../../src/cli/commands/schema/project-schemas.ts';
import type { DeclaredRole } from '../../src/playbook/index.ts';
import { meantBy } from '../../src/targets/connection-variables.ts';

const root = join(import.meta.dirname, '../..');
const folders = [join(root, 'src/roles'), join(root, 'roles')];
const roles: DeclaredRole[] = [];
for (const folder of folders)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !existsSync(join(folder, entry.name, 'index.ts'))) continue;
    const exported = (await import(join(folder, entry.name, 'index.ts'))) as Readonly<Record<string, unknown>>;
    for (const one of Object.values(exported))
      if (typeof one === 'function' && 'role' in one) roles.push(one.role as DeclaredRole);
  }

const schemas = projectSchemas(roles);
const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true });
/** As it stands in its file. */
const written = (schema: object): Record<string, unknown> => JSON.parse(JSON.stringify(schema));
const accept = { vars: ajv.compile(written(schemas.vars)), inventory: ajv.compile(written(schemas.inventory)) };

const tags = ['!vault', '!vault-encrypted', '!age', '!unsafe'].map((tag) => ({ tag, resolve: (text: string) => text }));
/** A text as the YAML language server reads it, with the settings that `play schema` writes. */
const read = (text: string): unknown => parse(text, { version: '1.1', customTags: (known) => [...known, ...tags] });

/** The places that are wrong, such as `/clickhouse_users/0/readonly`. */
function wrong(kind: keyof typeof accept, text: string): string[] {
  const validate = accept[kind];
  if (validate(read(text))) return [];
  return [...new Set((validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map((one) => one.instancePath))];
}

const files = ['group_vars', 'host_vars'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name)),
);

test.each(files)('%s passes', (file) => {
  expect(wrong('vars', readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

describe('variables', () => {
  const vault = 'x: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n'.slice(3);
  test.each<readonly [what: string, text: string, ...places: readonly string[]]>([
    ['nothing', ''],
    ['a variable of nobody', 'ours: [1, two]'],
    ['a file that is encrypted', '$ANSIBLE_VAULT;1.1;AES256\n6162\n'],
    ['a number', 'sshd_max_sessions: 10'],
    ['a text for a number', 'sshd_max_sessions: ten', '/sshd_max_sessions'],
    ['a number in quotes', "sshd_max_sessions: '10'", '/sshd_max_sessions'],
    ['an expression for a number', 'sshd_max_sessions: "{{ most }}"'],
    ['an encrypted number', `sshd_max_sessions: ${vault}`],
    ['an encrypted list', `accounts: ${vault}`],
    ['an encrypted text in a map', `postgresql_passwords:\n  shop: ${vault.replaceAll('\n  ', '\n    ')}`],
    ['a number that is too small', 'sshd_max_sessions: 0', '/sshd_max_sessions'],
    ['a number for a text', 'base_timezone: 5', '/base_timezone'],
    ['a text for a list', 'base_dns_servers: 192.0.2.1', '/base_dns_servers'],
    ['yes, as Ansible reads it', 'postgresql_standby: yes'],
    ['a text for true or false', 'postgresql_standby: maybe', '/postgresql_standby'],
    ['a port', 'logs_to_port: 70000', '/logs_to_port'],
    ['a pattern', 'prometheus_retention: 90 days', '/prometheus_retention'],
    ['one of a few', 'firewall_ports: [{ port: 1, why: x, protocol: tpc }]', '/firewall_ports/0/protocol'],
    ['a misspelt key', 'firewall_ports: [{ prot: 1, why: x }]', '/firewall_ports/0'],
    ['a key that is missing', 'firewall_ports: [{ why: x }]', '/firewall_ports/0'],
    ['an expression within', 'firewall_ports: [{ port: "{{ p }}", why: x }]'],
    ['how a host is reached', 'ansible_port: ssh', '/ansible_port'],
    ['how a host is reached, as text', "ansible_port: '2222'"],
    ['a list', '[a]', ''],
  ])('%s', (_, text, ...places) => {
    // Of alternatives each is listed, inner places too.
    expect([...new Set(wrong('vars', text).map((place) => places.find((one) => place === one) ?? place))]).toEqual(
      places,
    );
  });

  test('each has a description, and what it may be', () => {
    const { else: variables } = schemas.vars;
    if (typeof variables !== 'object') throw new Error('no variables');
    const bare = Object.entries(variables.properties ?? {}).filter(
      ([, one]) => typeof one !== 'object' || one.description === undefined,
    );
    expect(bare).toEqual([]);
    expect(variables.properties?.['sshd_max_sessions']).toMatchObject({
      description: 'Sessions a connection may have. (role sshd)',
      default: 20,
      else: { type: 'integer', minimum: 1 },
    });
  });

  test('connection variables are those that mean something', () => {
    const strange = Object.keys(connectionSchemas).filter((name) => meantBy(name, 'x') !== undefined);
    expect(strange).toEqual([]);
  });
});

test.each<readonly [what: string, text: string, ...places: readonly string[]]>([
  ['groups', 'all: { hosts: { web1: , web2: { ansible_host: 192.0.2.1 } }, children: { web: { hosts: web1 } } }'],
  ['an empty group', 'web:'],
  ['variables of a group', 'web: { vars: { sshd_max_sessions: 5, ours: x } }'],
  ['what a plugin is told', 'plugin: constructed\nstrict: true\n'],
  ['a misspelt section', 'web: { host: { web1: } }', '/web'],
  ['hosts as a list', 'web: { hosts: [web1] }', '/web/hosts'],
  ['a wrong variable', 'web: { vars: { sshd_max_sessions: x } }', '/web/vars/sshd_max_sessions'],
  [
    'one far below',
    'all: { children: { a: { children: { b: { hosts: { h: { logs_to_port: x } } } } } } }',
    '/all/children/a/children/b/hosts/h/logs_to_port',
  ],
])('inventory: %s', (_, text, ...places) => {
  const found = wrong('inventory', text);
  // Around an inner mistake the alternatives say that none of them fits.
  expect(places.length === 0 ? found : places.filter((one) => !found.includes(one))).toEqual([]);
  if (places.length > 0) expect(found).not.toEqual([]);
});
