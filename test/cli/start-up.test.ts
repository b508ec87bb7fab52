/** What a start reads and loads: files and modules of Node, counted. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localWeb, makeProject, playRoot, run } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': localWeb,
  'playbooks/site.ts': `import { copy, definePlaybook } from 'play';
export default definePlaybook({
  hosts: 'web',
  tasks: ({ vars }) => [
    copy({ dest: String(vars['dest']), content: 'x' }),
    copy({ dest: String(vars['dest']) + '/y', contents: 'y' }, { when: () => false } as never),
  ],
});
`,
  // Runs before play does.
  'hook.cjs': `const fs = require('node:fs');
const read = fs.readFileSync;
const seen = [];
fs.readFileSync = (file, ...rest) => { if (/\\.map$/.test(String(file))) seen.push(String(file)); return read(file, ...rest); };
const used = new Set();
const word = Symbol.for('play.launch');
Object.defineProperty(globalThis, word, {
  configurable: true,
  set(launch) {
    const { markUse } = launch;
    launch.markUse = (name) => (used.add(name), markUse(name));
    Object.defineProperty(globalThis, word, { value: launch });
  },
});
process.on('exit', () => fs.writeFileSync(process.env.SEEN, JSON.stringify({ seen, used: [...used], loaded: process.moduleLoadList })));
`,
  'playbooks/named.ts': `import { definePlaybook, hostname } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [hostname({ name: 'web' })] });
`,
});

interface Seen {
  readonly seen: readonly string[];
  readonly used: readonly string[];
  readonly loaded: readonly string[];
}

async function start(...args: readonly string[]) {
  const seen = join(project.dir, 'seen.json');
  writeFileSync(seen, '');
  const outcome = await run(
    process.execPath,
    ['--require', join(project.dir, 'hook.cjs'), join(playRoot, 'dist/play.cjs'), ...args],
    { cwd: project.dir, env: { ...process.env, SEEN: seen, XDG_STATE_HOME: join(project.dir, '.state') } },
  );
  return { ...outcome, ...(JSON.parse(readFileSync(seen, 'utf8')) as Seen) };
}

test('to say where a task stands, no source map of play itself is read', async () => {
  await project.play('--version'); // built
  const { stderr, seen } = await start('site', '-e', 'dest=/tmp', '--list-tasks', '--no-typecheck');
  expect(stderr).toMatch(/copy has no option "contents"|Unknown option of copy|contents/);
  expect(stderr).toContain('playbooks/site.ts:6:5');
  expect(seen.filter((file) => file.includes('/dist/'))).toEqual([]);
  expect(seen).toHaveLength(1);
});

test('modules of Node that few runs need are not loaded by all', async () => {
  const { stdout, loaded } = await start('inventory', '--hosts');
  expect(stdout).toContain('web1');
  const rare = ['child_process', 'http', 'repl', 'worker_threads', 'perf_hooks', 'zlib', 'dns'];
  expect(rare.filter((name) => loaded.includes(`NativeModule ${name}`))).toEqual([]);
});

test('a start evaluates its own command, and of the resources those its playbook uses', async () => {
  const { stdout, used } = await start('named', '--list-tasks');
  expect(stdout).toContain('hostname');
  expect(used.toSorted()).toEqual(['cli/commands/run.ts', 'resources/system/hostname.ts']);
});

test('compiled code is kept of all that was used, whoever came first', async () => {
  await start('--version');
  await start('named', '--list-tasks');
  const { stdout } = await start('--version');
  const [, id] = /build (\w+)/.exec(stdout) ?? [];
  const folder = join(playRoot, 'dist', `build-${id}`);
  // The launcher's flag has one of its own.
  const kept = readdirSync(folder).find((name) => /^main\.cjs\..*(?<!-single)\.cache$/.test(name)) ?? '';
  expect(readFileSync(join(folder, kept), 'latin1').includes('\nresources/system/hostname.ts')).toBe(true);
});

test('errors have their names in the build, too', async () => {
  const script = `const { PlayError } = require(${JSON.stringify(join(playRoot, 'dist/play.cjs'))});
    class Mine extends PlayError {}
    console.log(new PlayError('x').name, String(new Mine('y')));`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: project.dir });
  expect(stdout).toBe('PlayError PlayError: y\n');
});

test('each entry of the package gives its names to modules, and no others', async () => {
  const script = ['play', 'runner', 'testing']
    .map((name) => `import * as ${name} from ${JSON.stringify(join(playRoot, `dist/${name}.cjs`))};`)
    .concat('console.log(typeof play.apt, typeof runner.openRunner, typeof testing.checkCase);')
    .concat('for (const one of [play, runner, testing]) console.log("default" in one.default);')
    .join('\n');
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project.dir });
  expect(stderr).toBe('');
  expect(stdout).toBe('function function function\nfalse\nfalse\nfalse\n');
});
