/** What a start reads and loads: files and modules of Node, counted. */
import { readFileSync, writeFileSync } from 'node:fs';
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
process.on('exit', () => fs.writeFileSync(process.env.SEEN, JSON.stringify({ seen, loaded: process.moduleLoadList })));
`,
});

async function start(...args: readonly string[]) {
  const seen = join(project.dir, 'seen.json');
  writeFileSync(seen, '');
  const outcome = await run(
    process.execPath,
    ['--require', join(project.dir, 'hook.cjs'), join(playRoot, 'dist/play.cjs'), ...args],
    { cwd: project.dir, env: { ...process.env, SEEN: seen, XDG_STATE_HOME: join(project.dir, '.state') } },
  );
  return { ...outcome, ...(JSON.parse(readFileSync(seen, 'utf8')) as { seen: string[]; loaded: string[] }) };
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
