/** Node from 22.18 on reads TypeScript itself. The one here may be older: a newer one comes from the npm registry. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const folder = temporaryFolder('node');
beforeAll(() => {
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', 'node@24'], {
    stdio: 'ignore',
  });
});

const runThen = (code: string): string =>
  `import { appendFileSync } from 'node:fs';\nappendFileSync('runs', 'once ');\n${code}\nexport default undefined;\n`;
const project = makeProject({
  'package.json': '{}',
  'inventory/hosts': 'web1\n',
  'playbooks/plain.ts': `import { definePlaybook, debug } from 'play';\nimport { text } from './text.ts';\nexport default definePlaybook({ hosts: 'all', tasks: () => [debug({ msg: text })] });\n`,
  'playbooks/text.ts': `export const text: string = 'said';\n`,
  'playbooks/with-role.ts': `import { definePlaybook } from 'play';\nimport { nginx } from 'play/roles/nginx';\nexport default definePlaybook({ hosts: 'all', roles: [nginx()] });\n`,
  'playbooks/enum.ts': `import { definePlaybook, debug } from 'play';\nenum Words { one = 'said' }\nexport default definePlaybook({ hosts: 'all', tasks: () => [debug({ msg: Words.one })] });\n`,
  'playbooks/wrong.ts': `import { definePlaybook, aptt } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: () => [aptt({})] });\n`,
  'playbooks/throws.ts': `import { definePlaybook } from 'play';\ninterface Nothing {}\nconst none = undefined as unknown as { a: Nothing };\nexport default definePlaybook({ hosts: 'all', tasks: () => [none.a as never] });\n`,
  'playbooks/fails.ts': runThen(
    'const none = undefined as unknown as { a: string };\nexport const text: string = none.a;',
  ),
  'playbooks/parses.ts': runThen("JSON.parse('{');"),
  'playbooks/rejects.ts': runThen(
    "await import('node:fs/promises').then(({ readFile }) => readFile(undefined as never));",
  ),
  'playbooks/circle.ts': `import { definePlaybook } from 'play';\nimport { a } from './a.ts';\nexport default definePlaybook({ hosts: 'all', name: a, tasks: () => [] });\n`,
  'playbooks/a.ts': `import { b } from './b.ts';\nexport const a: string = b + 1;\n`,
  'playbooks/b.ts': `import { a } from './a.ts';\nexport const b: string = a + 1;\n`,
});
const play = (playbook: string): Promise<Outcome> =>
  run(join(playRoot, 'play'), [playbook, '--list-tasks', '--no-typecheck'], {
    cwd: project.dir,
    env: { ...process.env, PATH: `${join(folder, 'node_modules/.bin')}:${process.env['PATH']}` },
  });
const bundles = (): string[] => readdirSync(join(project.dir, '.play/cache')).filter((name) => name.endsWith('.json'));

test('a newer Node reads a playbook itself, and keeps what it made of it', async () => {
  expect(await play('plain')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('debug said') as string,
  });
  expect(bundles()).toEqual([]);
  expect(existsSync(join(project.dir, '.play/cache/compiled'))).toBe(true);
});

test('roles that come with play are found', async () => {
  expect(await play('with-role')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('nginx : apt nginx') as string,
  });
});

test('places in it are the lines of the file', async () => {
  expect((await play('throws')).stderr).toContain('playbooks/throws.ts:4:66');
});

test.each([
  ['fails', 'TypeError: Cannot read properties of undefined', 'fails.ts:4:34'],
  ['parses', 'SyntaxError: Expected property name', 'parses.ts:3:6'],
  ['rejects', 'TypeError: The "path" argument must be', 'rejects.ts:3:57'],
])('a playbook that %s has run once, and the place is told', async (playbook, message, place) => {
  const { code, stderr } = await play(playbook);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^error: The playbook failed: ${message}[^]*\n  at playbooks/${place}\n`));
  expect(readFileSync(join(project.dir, 'runs'), 'utf8')).toBe('once ');
  rmSync(join(project.dir, 'runs'));
});

test('of files in a circle the way round is told, as by the bundler', async () => {
  expect(await play('circle')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      'import one another in a circle: playbooks/b.ts -> playbooks/a.ts -> playbooks/b.ts',
    ) as string,
  });
});

test('what it cannot read is bundled', async () => {
  expect(await play('enum')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('debug said') as string,
  });
  expect(bundles()).toHaveLength(1);
});

test('a name that play has not is told with the nearest one', async () => {
  expect(await play('wrong')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/"aptt"\n {2}at .*playbooks\/wrong\.ts:2:61[^]*Did you mean "apt"/) as string,
  });
});
