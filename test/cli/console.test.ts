/** `play console`: what is typed at its prompt, given on standard input. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completion } from '../../src/cli/commands/console/completion.ts';
import { encryptVault } from '../support/encrypt-vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot } from './command-line.ts';

const place = temporaryFolder('host');
const project = makeProject({
  'inventory/hosts': '[web]\nlocalhost ansible_connection=local\n[db]\ndb1\n',
  'group_vars/all.yml': 'http_port: 8080\n',
  'group_vars/web.yml': encryptVault('db_password: geheim-geheim\n', 'correcthorse'),
  'pw': 'correcthorse\n',
});

async function typed(
  lines: readonly string[],
  ...args: readonly string[]
): Promise<{ code: number | null; out: string }> {
  const child = spawn(join(playRoot, 'play'), ['console', '--vault-password-file', 'pw', ...args], {
    cwd: project.dir,
    env: { ...process.env, XDG_STATE_HOME: join(project.dir, '.state') },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out };
}

test('looks at inventory, variables, facts, templates and what resources would change, and changes nothing', async () => {
  const { code, out } = await typed(
    [
      'hosts',
      'inventory.hosts("all:!web")',
      'hostvars("localhost")',
      'hostvars("localhost").db_password.expose()',
      'console.log(hostvars("localhost").db_password.expose())',
      'render("listen {{http_port}}")',
      'const { processors } = await facts("localhost")',
      'processors > 0 ? "has processors" : "has none"',
      `const wanted = file({ path: '${place}/new', state: 'directory' })`,
      'await wanted',
      '.limit db',
      'hosts',
    ],
    '-l',
    'web',
  );
  // Other tests of this machine may have left something owed.
  expect(out.replace(/\nPLAY RECAP[^]*?\n\n/, '').replace(/^note  localhost  owed .*\n/gm, '')).toBe(`[ 'localhost' ]
[ 'db1' ]
{
  http_port: 8080,
  db_password: Secret(${project.dir}/group_vars/web.yml),
  ansible_connection: 'local'
}
'********'
********
'listen 8080'
'has processors'
would change  localhost  file ${place}/new  new directory
{ localhost: 'would change' }
db1
[ 'db1' ]
`);
  expect(code).toBe(0);
  expect(existsSync(join(place, 'new'))).toBe(false);
});

test('what is wrong is told, and it goes on', async () => {
  const { code, out } = await typed(
    [
      'hostvars("locahost")',
      'await file({ path: "/x", stat: "directory" })',
      '.limit web',
      `await apply(file({ path: '${place}/new', state: 'directory' }))`,
      'nonsense',
      '.limit nobody',
      '"still here"',
    ],
    '-l',
    'db',
  );
  for (const text of [
    'Unknown host "locahost"',
    'Did you mean "localhost"?',
    'Unknown option of file "stat"',
    'Did you mean "state"?',
    'Start it with --write',
    'nonsense is not defined',
    'Unknown host or group "nobody"',
    "'still here'",
  ])
    expect(out).toContain(text);
  expect(code).toBe(1);
  expect(existsSync(join(place, 'new'))).toBe(false);
});

test.each<readonly [line: string, candidates: readonly string[] | undefined]>([
  ['hostvars("we', ['web1', 'web2']],
  ['.limit d', ['db1']],
  ['await file({ pa', ['path: ']],
  ['await file({ path: "/x", sta', ['state: ']],
  ['hosts.le', undefined],
  ['await fil', undefined],
  ['hostvars("web1").', undefined],
])('Tab behind %s', (line, candidates) => {
  expect(completion(line, ['web1', 'web2', 'db1'], new Map([['file', ['path', 'state']]]))?.[0]).toEqual(candidates);
});
