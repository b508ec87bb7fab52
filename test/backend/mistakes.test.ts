import { describe, expect, test } from 'vitest';
import { hasSqlUsers, majorOf, rootElement } from '../../roles/clickhouse/version.ts';
import { copyProject } from '../monitoring/project.ts';

const project = copyProject();
const stages = ['ams-pg.ooni.org', 'ams-pg-test.ooni.org', 'backend-fsn.ooni.org', 'backend-hel.ooni.org'] as const;

describe('the four stages', () => {
  const parts: Readonly<Record<(typeof stages)[number], readonly string[]>> = {
    'ams-pg.ooni.org': ['postgresql_server', 'api_uploader', 'analysis'],
    'ams-pg-test.ooni.org': ['api_uploader', 'haproxy', 'analysis'],
    'backend-fsn.ooni.org': ['api_uploader', 'db_backup', 'test_helper_rotation'],
    'backend-hel.ooni.org': ['haproxy', 'analysis'],
  };
  const optional = ['postgresql_server', 'api_uploader', 'haproxy', 'analysis', 'db_backup', 'test_helper_rotation'];

  test.each(stages)('have what their variables name, and nothing else: %s', async (host) => {
    const { code, stdout, stderr } = await project.play('deploy-backend.ts', '-l', host, '--list-tasks');
    expect(code, stderr).toBe(0);
    expect(optional.filter((role) => stdout.includes(` ${role} : `))).toEqual(optional.filter((role) => parts[host].includes(role)));
  });

  test('-t api is the API and its site, and no part of nginx, haproxy or the database', async () => {
    const { stdout } = await project.play('deploy-backend.ts', '-l', 'ams-pg-test.ooni.org', '-t', 'api', '--list-tasks');
    const roles = new Set([...stdout.matchAll(/^ {6}(\w+) : /gm)].map(([, role]) => role));
    expect([...roles]).toEqual(['ooni_api', 'api_site', 'api_uploader']);
  });
});

describe('at the desk, before a host is touched', () => {
  test('a secret that nobody gave', async () => {
    const { code, stderr } = await project.play('deploy-backend.ts', '-l', 'backend-fsn.ooni.org', '-t', 'api', '-C');
    expect(code).toBe(1);
    expect(stderr).toContain('API_JWT_KEY_BACKEND_FSN is not set');
  });

  test.each([
    ['a tor target without its port', 'roles/ooni_api/tor-targets.ts', '203.0.113.22:47452', '198.51.100.11', 'target 22 is wrong at address'],
    ['a table without a schema', 'group_vars/backend/vars.yml', '- name: jsonl', '- name: jsnol', 'clickhouse_tables'],
    ['a key that is none', 'group_vars/all/vars.yml', "keys: ['ssh-ed25519 ", "keys: ['ssh-rsa ", 'this is no public key'],
    ['an account twice', 'group_vars/all/vars.yml', '- name: bob', '- name: alice', 'the account alice is listed twice'],
  ])('%s', async (_, file, from, to, message) => {
    const bad = copyProject();
    bad.edit(file, from, to);
    const { code, stderr } = await bad.play('deploy-backend.ts', '-l', 'ams-pg-test.ooni.org', '-C');
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

test('versions of ClickHouse: 21.11 is later than 21.8', () => {
  expect(majorOf('21.11.1')).toBeGreaterThan(majorOf('21.8.12.*'));
  expect(['18.16.*', '20.4.1', '20.5.2', '23.8.2.*'].map(hasSqlUsers)).toEqual([false, false, true, true]);
  expect(['18.16.*', '21.8.12.*', '23.8.2.*'].map(rootElement)).toEqual(['yandex', 'yandex', 'clickhouse']);
});
