/** Tools as programs of their own: what play's command line has of its own build is theirs too. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';

const project = makeProject({
  'play.config.ts': `import { defineConfig } from 'play';\nexport default defineConfig({ inventory: 'hosts.ts', forks: 3 });\n`,
  'hosts.ts': `import { defineInventory } from 'play';\nexport default defineInventory({ web: { hosts: { web1: { ansible_connection: 'local' } } } });\n`,
  'group_vars/web.yml': 'colour: red\n',
  'files/motd': 'hello\n',
  'tools/tool.ts': `import { ask, copy, definePlaybook } from 'play';
import { openRunner } from 'play/runner';
const runner = await openRunner();
const facts = await runner.ask('web1', [ask.fact('hostname'), ask.stat(process.argv[2] ?? '')]);
const dest = \`\${process.argv[2]}/made\`;
const playbook = definePlaybook({ hosts: 'web', tasks: ({ vars }) => [copy({ dest, content: \`\${vars['colour']}\\n\` })] });
const { exit, hosts } = await runner.run(playbook);
await runner.close();
console.log(JSON.stringify([runner.inventory.hosts(), facts[1].type, exit, hosts['web1']?.changed]));
const late = await runner.ask('web1', ask.fact('hostname')).catch((error: Error) => error.message);
console.log(late);
`,
  'tools/open.ts': `import { openRunner } from 'play/runner';\nconst runner = await openRunner();\nconsole.log(runner.inventory.hosts(), process.argv.length);\n`,
});
mkdirSync(join(project.dir, 'node_modules'));
symlinkSync(playRoot, join(project.dir, 'node_modules/play'));

// Tools import what the launcher builds.
beforeAll(() => project.play('--version'));

const state = join(project.dir, '.state');
const tool = (name: string, ...args: readonly string[]): Promise<Outcome> =>
  run('node', ['--import', 'play/register', `tools/${name}.ts`, ...args], {
    cwd: project.dir,
    env: { ...process.env, XDG_STATE_HOME: state },
  });

test('play.config.ts, a typed inventory and variables count, and the process ends by itself', async () => {
  const { code, stdout, stderr } = await tool('tool', project.dir, 'password=hunter2');
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toBe('[["web1"],"directory",0,1]\nThe runner is closed\n');
  expect(readFileSync(join(project.dir, 'made'), 'utf8')).toBe('red\n');
});

test('what was run is on record under the name of the tool, without its secrets', async () => {
  const { stdout } = await project.play('log');
  expect(stdout).toMatch(/tool\.ts \S+ 'password=\*{8}'/);
  expect(readdirSync(join(state, 'play', 'runs'))).toHaveLength(1);
});

test('a configuration that somebody else could have written is refused', async () => {
  await run('chmod', ['o+w', join(project.dir, 'play.config.ts')]);
  const { code, stderr } = await tool('open');
  await run('chmod', ['o-w', join(project.dir, 'play.config.ts')]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/Everybody may write .*play\.config\.ts/);
});
