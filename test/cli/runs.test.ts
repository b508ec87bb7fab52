import { expect, test } from 'vitest';
import { withTypes } from '../support/with-types.ts';
import { localWeb, makeProject, playRoot, run, sayPlaybook } from './command-line.ts';

withTypes();

const project = makeProject({ 'inventory/hosts': localWeb, 'playbooks/site.ts': sayPlaybook });
const events = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('nothing is lost on its way through a pipe, however much it is', async () => {
  project.write({ many: Array.from({ length: 6000 }, (_, i) => `h${i} address=10.0.0.1`).join('\n') });
  const { stdout, code } = await run(
    'sh',
    ['-c', `"$1" inventory -i many --list | (sleep 1; cat)`, 'sh', `${playRoot}/play`],
    { cwd: project.dir },
  );
  expect(Object.keys((JSON.parse(stdout) as { _meta: { hostvars: object } })._meta.hostvars)).toHaveLength(6000);
  expect(code).toBe(0);
  const cut = await run(
    'bash',
    ['-c', `set -o pipefail; "$1" inventory -i many --list | head -n 1`, 'bash', `${playRoot}/play`],
    { cwd: project.dir },
  );
  // As of a program that SIGPIPE ended, and without a word, since nothing but a listing is lost.
  expect(cut).toMatchObject({ code: 141, stdout: '{\n', stderr: '' });
});

test('a playbook is found by path and by name, with and without .ts, from below the project', async () => {
  for (const name of ['site', 'site.ts', 'playbooks/site.ts', `${project.dir}/playbooks/site`]) {
    expect((await project.play(name, '--list-hosts')).stdout).toContain('hosts (2):\n      web1\n      web2\n');
  }
  const below = await run(`${playRoot}/play`, ['site', '--list-hosts'], { cwd: `${project.dir}/playbooks` });
  expect(below.stdout).toContain('web1');
});

test("listings have ansible-playbook's form", async () => {
  const { stdout, code } = await project.play('site', '--list-tasks');
  expect(stdout).toBe(`
playbook: playbooks/site.ts

  play #1 (web): talk\tTAGS: [talk]
    tasks:
      say nothing\tTAGS: [quiet, talk]
      say change\tTAGS: [loud, talk]
`);
  expect(code).toBe(0);
  expect((await project.play('site', '--list-tags')).stdout).toContain('      TASK TAGS: [loud, quiet, talk]\n');
});

test('short flags combine, and check mode says what would change', async () => {
  const { stdout, code } = await project.play('site', '-CDl', 'web1');
  expect(stdout).toBe(`would change  web1  say change  mode 0644 -> 0600

PLAY RECAP *********************************************************************
web1                       : ok=2    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

`);
  expect(code).toBe(0);
});

test('exit codes: 3 for a check that would change, 2 for a failed host', async () => {
  expect((await project.play('site', '-C', '--exit-code')).code).toBe(3);
  expect((await project.play('site', '-C', '--exit-code', '-t', 'quiet')).code).toBe(0);
  const failed = await project.play('site', '-C', '-t', 'broken');
  expect(failed.code).toBe(2);
  expect(failed.stdout).toMatch(
    /would fail {2}web1 {2}say fail\n {4}it does not hold\n {4}at playbooks\/site\.ts:16:\d+\n/,
  );
});

test('an unreachable host is exit code 4, and the others go on', async () => {
  project.write({ half: '[web]\nweb1 ansible_connection=local\nweb2 ansible_host=127.0.0.1 ansible_port=1\n' });
  const { code, stdout } = await project.play('site', '-C', '-i', 'half');
  expect(code).toBe(4);
  expect(stdout).toMatch(/^unreachable {2}web2$/m);
  expect(stdout).toMatch(/^web1 {23}: ok=2 /m);
});

test('--output jsonl prints nothing but events on stdout; the last is the recap with the exit code', async () => {
  const { stdout, code } = await project.play('site', '-CD', '-l', 'web1', '--output', 'jsonl', '--exit-code');
  const all = events(stdout);
  expect(
    all.filter(({ event }) => event === 'task').map(({ task, status, changed }) => ({ task, status, changed })),
  ).toEqual([
    { task: 'say nothing', status: 'ok', changed: false },
    { task: 'say change', status: 'changed', changed: true },
  ]);
  expect(all.at(-1)).toEqual({
    event: 'recap',
    hosts: { web1: { ok: 2, changed: 1, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 } },
    held: {},
    gone: [],
    exit: 3,
  });
  expect(code).toBe(3);
});

test('an editor saving a file between two runs is seen by the second, whatever file it is', async () => {
  const words = makeProject({
    'inventory/hosts': localWeb,
    'roles/words.ts': `export const title: string = 'first';\n`,
    'site.ts': `import { definePlaybook } from 'play';\nimport { title } from './roles/words.ts';\nexport default definePlaybook({ hosts: 'web', name: title });\n`,
  });
  expect((await words.play('site', '--list-hosts')).stdout).toContain('play #1 (web): first');
  words.write({ 'roles/words.ts': `export const title: string = 'other';\n` });
  expect((await words.play('site', '--list-hosts')).stdout).toContain('play #1 (web): other');
  // Only the types change: the bundle stays, the verdict must not.
  words.write({
    'types.ts': 'export type Title = string;\n',
    'site.ts': `import { definePlaybook } from 'play';\nimport type { Title } from './types.ts';\nconst name: Title = 'typed';\nexport default definePlaybook({ hosts: 'web', name });\n`,
  });
  expect((await words.play('site', '-C')).code).toBe(0);
  words.write({ 'types.ts': 'export type Title = number;\n' });
  expect((await words.play('site', '-C')).stderr).toContain(
    "site.ts:3:7 Type 'string' is not assignable to type 'number'",
  );
  expect((await words.play('site', '-C', '--no-typecheck')).code).toBe(0);
});

test("import.meta is each file's own, and a playbook may await at its top", async () => {
  const meta = makeProject({
    'inventory/hosts': localWeb,
    'roles/a/index.ts': `#!/usr/bin/env play\nexport const where = import.meta.dirname;\n`,
    'site.ts': `import { definePlaybook } from 'play';\nimport { where } from './roles/a/index.ts';\nawait Promise.resolve();\nexport default definePlaybook({ hosts: 'web', name: where + ' ' + import.meta.filename });\n`,
  });
  const expected = `play #1 (web): ${meta.dir}/roles/a ${meta.dir}/site.ts`;
  expect((await meta.play('site', '--list-hosts')).stdout).toContain(expected);
  meta.write({
    'site.ts': `import { definePlaybook } from 'play';\nimport { where } from './roles/a/index.ts';\nexport default definePlaybook({ hosts: 'web', name: where + ' ' + import.meta.filename });\n`,
  });
  expect((await meta.play('site', '--list-hosts')).stdout).toContain(expected);
});

test("__dirname is a file's own too, and code is strict as in any module", async () => {
  const files = (name: string): string =>
    `import { definePlaybook } from 'play';\nimport { where } from '../roles/a/index.ts';\nexport default definePlaybook({ hosts: 'web', name: ${name} });\n`;
  const names = makeProject({
    'inventory/hosts': localWeb,
    'roles/a/index.ts': `export const where = __dirname;\n`,
    'playbooks/site.ts': files("where + ' ' + __filename"),
    'playbooks/waits.ts': `${files("where + ' ' + __filename")}await Promise.resolve();\n`,
    'playbooks/own.ts': `const __dirname = import.meta.dirname;\n${files("where + ' ' + __dirname")}`,
    'playbooks/frozen.ts': `const limits: { most: number } = Object.freeze({ most: 1 });\nlimits.most = 2;\n${files('where')}`,
  });
  for (const name of ['site', 'waits'])
    expect((await names.play(name, '--list-hosts', '--no-typecheck')).stdout).toContain(
      `play #1 (web): ${names.dir}/roles/a ${names.dir}/playbooks/${name}.ts`,
    );
  expect((await names.play('own', '--list-hosts', '--no-typecheck')).stdout).toContain(
    `play #1 (web): ${names.dir}/roles/a ${names.dir}/playbooks`,
  );
  expect((await names.play('frozen', '--list-hosts', '--no-typecheck')).stderr).toMatch(
    /Cannot assign to read only property[^]*\n {2}at playbooks\/frozen\.ts:2:\d+\n/,
  );
});

test('a typed inventory is read like any other', async () => {
  const typed = makeProject({
    'inventory/hosts.ts': `import { defineInventory } from 'play';\nexport default defineInventory({ web: { hosts: { 'web[1:2]': { ansible_connection: 'local' } } } });\n`,
    'inventory/more': '[db]\ndb1\n',
    'group_vars/web.yml': 'port: 80\n',
    'playbooks/site.ts': sayPlaybook,
  });
  expect((await typed.play('inventory', '--hosts')).stdout).toBe('web1\nweb2\ndb1\n');
  expect((await typed.play('why', 'web1', 'port')).stdout).toMatch(
    /^web1: port = 80\n {2}from {2}group_vars of web.*group_vars\/web\.yml:1/,
  );
  expect((await typed.play('site', '-C', '--output', 'jsonl')).code).toBe(0);
});
