/**
 * The tasks around the statements. The client is a stand-in: it answers with a file, and what it is told makes that
 * file another. No server with users made by SQL can be had here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { definePlaybook } from '../../src/playbook/index.ts';
import { sqlUserTasks } from '../../src/roles/clickhouse/sql-user-tasks.ts';
import { hideSecrets, Secret } from '../../src/secrets/index.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('users');
const file = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(file(name), 'utf8');
const client = file('client');

const user = '{"name":"analyst","storage":"local_directory"}\n';
const select =
  '{"user_name":"analyst","access_type":"SELECT","database":"default","table":null,"column":null,"is_partial_revoke":0,"grant_option":0}\n';

beforeEach(() => {
  writeFileSync(
    client,
    `#!/bin/sh\nsql=$(cat)\ncase $sql in\n  SELECT*) cat ${file('answer')};;\n  *) printf '%s\\n' "$sql" >>${file('told')}; cp ${file('then')} ${file('answer')};;\nesac\n`,
    { mode: 0o755 },
  );
  writeFileSync(file('told'), '');
  writeFileSync(file('then'), user + select);
});

const password = new Secret('a-p4ssword-nobody-sees', 'a test');
const run = (check: boolean): Promise<PlayRun> =>
  runPlay(
    definePlaybook({
      hosts: 'web1',
      tasks: () => sqlUserTasks([{ name: 'analyst', grants: ['SELECT ON default.*'] }], () => password, client),
    }).plays,
    { check },
  );
const statuses = ({ tasks }: PlayRun): string[] => tasks.map(({ status }) => status);

test.each([
  [
    'a user who is not there',
    '',
    "CREATE USER IF NOT EXISTS analyst IDENTIFIED WITH sha256_password BY 'a-p4ssword-nobody-sees';\nGRANT SELECT ON default.* TO analyst;\n",
  ],
  ['a grant that is missing', user, 'GRANT SELECT ON default.* TO analyst;\n'],
])('%s: check mode tells, the run does it, the next has nothing to do', async (_, answer, told) => {
  writeFileSync(file('answer'), answer);
  expect(statuses(await run(true))).toEqual(['ok', 'changed']);
  expect(read('told')).toBe('');
  const done = await run(false);
  expect(statuses(done)).toEqual(['ok', 'changed']);
  expect(read('told')).toBe(told);
  for (const again of [await run(false), await run(true)]) expect(statuses(again)).toEqual(['ok', 'skipped']);
  expect(read('told')).toBe(told);
  expect(JSON.stringify(hideSecrets(done.events))).not.toContain(password.expose());
});

test('a server that does not answer yet is asked again; an answer that cannot be read changes nothing', async () => {
  writeFileSync(file('answer'), user + select);
  writeFileSync(
    client,
    `#!/bin/sh\n[ -e ${file('up')} ] && exec cat ${file('answer')}\n: >${file('up')}; echo 'Connection refused' >&2; exit 210\n`,
    { mode: 0o755 },
  );
  expect(statuses(await run(false))).toEqual(['ok', 'skipped']);
  writeFileSync(file('answer'), 'Code: 497. DB::Exception: Not enough privileges\n');
  const failed = await run(false);
  expect(statuses(failed)).toEqual(['ok', 'failed']);
  expect(JSON.stringify(failed.tasks.at(-1)?.error)).toContain('in an unknown format');
});
