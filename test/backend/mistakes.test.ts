import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { torTargets } from '../../roles/ooni_api/tor-targets.ts';
import { placeholdersIn } from '../../roles/placeholders/index.ts';
import { hasSqlUsers, majorOf, rootElement } from '../../src/roles/clickhouse/version.ts';
import { Secret } from '../../src/secrets/index.ts';
import { playRoot } from '../cli/command-line.ts';
import { copyProject } from '../monitoring/project.ts';

const project = copyProject();
const stages = ['ams-pg.ooni.org', 'ams-pg-test.ooni.org', 'backend-fsn.ooni.org', 'backend-hel.ooni.org'] as const;

describe('the four stages', () => {
  const parts: Readonly<Record<(typeof stages)[number], readonly string[]>> = {
    'ams-pg.ooni.org': ['postgresql', 'api_uploader', 'analysis', 'tor_onions'],
    'ams-pg-test.ooni.org': ['api_uploader', 'haproxy', 'analysis'],
    'backend-fsn.ooni.org': ['api_uploader', 'db_backup', 'test_helper_rotation'],
    'backend-hel.ooni.org': ['haproxy', 'analysis'],
  };
  const optional = [
    'postgresql',
    'api_uploader',
    'haproxy',
    'analysis',
    'db_backup',
    'test_helper_rotation',
    'tor_onions',
  ];

  test.each(stages)('have what their variables name, and nothing else: %s', async (host) => {
    const { code, stdout, stderr } = await project.play('deploy-backend.ts', '-l', host, '--list-tasks');
    expect(code, stderr).toBe(0);
    expect(optional.filter((role) => stdout.includes(` ${role} : `))).toEqual(
      optional.filter((role) => parts[host].includes(role)),
    );
  });

  test('-t api is the API and its site, and no part of nginx, haproxy or the database', async () => {
    const { stdout } = await project.play(
      'deploy-backend.ts',
      '-l',
      'ams-pg-test.ooni.org',
      '-t',
      'api',
      '--list-tasks',
    );
    const roles = new Set([...stdout.matchAll(/^ {6}(\w+) : /gm)].map(([, role]) => role));
    expect([...roles]).toEqual(['placeholders', 'ooni_api', 'api_site', 'api_uploader']);
  });
});

const blocks = 'group_vars/backend/vars.yml';

describe('at the desk, before a host is touched', () => {
  test('a secret that nobody gave', async () => {
    const { code, stderr } = await project.play('deploy-backend.ts', '-l', 'backend-fsn.ooni.org', '-t', 'api', '-C');
    expect(code).toBe(1);
    expect(stderr).toContain('API_JWT_KEY_BACKEND_FSN is not set');
  });

  test.each([
    [
      'a tor target without its port',
      'roles/ooni_api/tor-targets.ts',
      '203.0.113.22:47452',
      '198.51.100.11',
      /target 22 is wrong at address: must be ADDRESS:PORT[^\n]*\n {2}at \S*tor-targets\.ts:45:14\n$/,
    ],
    [
      'a tor target with a short fingerprint',
      'roles/ooni_api/tor-targets.ts',
      "fingerprint: '9CA39DB3",
      "fingerprint: '9CA39DB",
      /at fingerprint[^\n]*\n {2}at \S*tor-targets\.ts:46:/,
    ],
    [
      'an authority of no address',
      'roles/ooni_api/tor-targets.ts',
      "'198.51.100.12'",
      "'198.51.100.912'",
      /target 3 is wrong at address[^\n]*\n {2}at \S*tor-targets\.ts:21:13/,
    ],
    [
      'an authority twice',
      'roles/ooni_api/tor-targets.ts',
      "'198.51.100.12', 80",
      "'198.51.100.11', 9030",
      /target 3 is there twice\n {2}at \S*tor-targets\.ts:21:\d+\n {2}Take/,
    ],
    ['a table without a schema', 'group_vars/backend/vars.yml', '- name: jsonl', '- name: jsnol', 'clickhouse_tables'],
    [
      'a key that is none',
      'group_vars/all/vars.yml',
      "keys: ['ssh-ed25519 ",
      "keys: ['ssh-rsa ",
      'this is not a public key',
    ],
    [
      'an account twice',
      'group_vars/all/vars.yml',
      '- name: bob',
      '- name: alice',
      'the account alice is listed twice',
    ],
    [
      'a block with a misspelt key',
      blocks,
      'blocked_networks: []',
      'blocked_networks:\n  - {network: 198.51.100.0/24, reason: floods, until: 2027-01-31}\n  - network: 203.0.113.7\n    reson: floods\n    until: 2027-01-31',
      /at 1, has "reson", which nothing reads\n {2}at \S+vars\.yml:14:12\n[^]*Did you mean "reason"/,
    ],
    [
      'a block without its end',
      blocks,
      'blocked_networks: []',
      'blocked_networks:\n  - network: 203.0.113.7\n    reason: floods',
      /at 0, lacks "until"\n {2}at \S+vars\.yml:12:5/,
    ],
    [
      'a block of no address',
      blocks,
      'blocked_networks: []',
      'blocked_networks:\n  - network: 203.0.113.777',
      /at 0\.network, is "203\.0\.113\.777" \(a string\), but must be[^\n]*\n {2}at \S+vars\.yml:12:14/,
    ],
    [
      'one block in place of a list',
      blocks,
      'blocked_networks: []',
      'blocked_networks:\n  network: 203.0.113.7',
      'is {"network":"203.0.113.7"} (an object), but must be a list',
    ],
  ])('%s', async (_, file, from, to, message) => {
    const bad = copyProject();
    bad.edit(file, from, to);
    const { code, stderr } = await bad.play('deploy-backend.ts', '-l', 'ams-pg-test.ooni.org', '-C');
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test.each(['10.1.0.7', '10.1.0.0/33', '10.1.0.999/24', '10.1/16', '2001:db8::/129'])(
    'a client network that PostgreSQL would refuse: %s',
    async (from) => {
      const { code, stderr } = await project.play(
        'deploy-backend.ts',
        '-l',
        'ams-pg.ooni.org',
        '-C',
        '-e',
        JSON.stringify({ postgresql_standbys: ['10.1.0.0/24', from] }),
      );
      expect(code).toBe(1);
      expect(stderr).toContain(
        `variable "postgresql_standbys" of role postgresql, at 1, is "${from}" (a string), but must be a network, such as 10.1.0.0/24, or 10.1.0.7/32 for one host`,
      );
    },
  );
});

describe('placeholders', () => {
  // This machine is taken for the host: what the run refuses is not asked of it.
  const onRealHost = (...args: readonly string[]) =>
    project.play('deploy-backend.ts', '-l', 'backend-fsn.ooni.org', '-c', 'local', '-C', '-t', 'always', ...args);

  test('a real host is refused while its variables hold one; each is named', async () => {
    const { code, stdout, stderr } = await onRealHost();
    expect(code, stderr).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(
      /docs\/placeholders\.md[^]*accounts\[0\]\.keys\[0\][^]*metrics_open_to\[0\][^]*firewall_ports\[0\]\.from\[0\][^]*api_uploader\.access_key/,
    );
  });

  test('throwaway hosts are set up with them', async () => {
    const { code, stdout, stderr } = await project.play(
      'deploy-backend.ts',
      '-l',
      'backend-fsn.ooni.org',
      '--sandbox',
      '--list-tasks',
    );
    expect(code, stderr).toBe(0);
    expect(stdout).not.toContain('no placeholders');
  });

  test.each([
    ['a word', ['bob (placeholder)', 'CHANGE_ME', 'please change-me'], true],
    [
      'an address of documents',
      [
        '192.0.2.10',
        '203.0.113.21:2759',
        '198.51.100.0/24',
        '[2001:db8::25]:443',
        '2001:db8::/48',
        'host=192.0.2.1 port=1',
      ],
      true,
    ],
    [
      'what people mean',
      ['place', '192.0.3.10', '172.26.43.0/24', 'changement', '2001:db9::1', '1.192.0.2.10.example', ''],
      false,
    ],
  ])('%s', (_, texts, isOne) => {
    for (const text of texts) expect(placeholdersIn({ a: [text] }, 'x'), text).toEqual(isOne ? ['x.a[0]'] : []);
  });

  test('secrets are not looked into', () => {
    expect(
      placeholdersIn(
        [
          new Secret(() => {
            throw new Error('asked');
          }),
        ],
        'x',
      ),
    ).toEqual([]);
  });

  test('all that is marked is told of in the documents', () => {
    const page = readFileSync(join(playRoot, 'docs/placeholders.md'), 'utf8');
    for (const name of [
      'accounts',
      'metrics_open_to',
      'clickhouse_open_to',
      'firewall_ports',
      'api_uploader',
      'db_backup',
      'tor-targets.ts',
    ])
      expect(page).toContain(name);
    expect(placeholdersIn(torTargets, 'x').length).toBe(torTargets.length);
  });
});

test('versions of ClickHouse: 21.11 is later than 21.8', () => {
  expect(majorOf('21.11.1')).toBeGreaterThan(majorOf('21.8.12.*'));
  expect(['18.16.*', '20.4.1', '20.5.2', '23.8.2.*'].map(hasSqlUsers)).toEqual([false, false, true, true]);
  expect(['18.16.*', '21.8.12.*', '23.8.2.*'].map(rootElement)).toEqual(['yandex', 'yandex', 'clickhouse']);
});
