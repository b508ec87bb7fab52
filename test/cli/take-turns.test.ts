/** Tasks at which hosts take turns are one task on all of them, also where what they say differs from host to host. */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': `[web]\n${[1, 2, 3, 4].map((n) => `web${n} ansible_connection=local`).join('\n')}\n`,
  'playbooks/once.ts': `
import { command, debug, definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'web', vars: { dir: '' }, tasks: ({ host, vars }) => {
  const made = ['a', 'b'].map((step) => shell({ cmd: 'echo ' + host.name + ' >>' + vars.dir + '/' + step, changes: 'always' }, { runOnce: true }));
  const named = (step: string) => shell({ cmd: 'echo ' + host.name + ' >>' + vars.dir + '/' + step, changes: 'always' }, { name: 'step ' + step, runOnce: true });
  return [...made, ...(host.name === 'web1' ? [named('c')] : [named('d')]), debug({ msg: 'through' })];
} });
`,
  // Each host waits in its first task for the others to be there, too.
  'playbooks/linear.ts': `
import { definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'web', strategy: 'linear', vars: { dir: '' }, tasks: ({ host, vars }) => [
  shell({ cmd: 'cd ' + vars.dir + '; touch first-' + host.name + '; n=0; until [ $(ls | wc -l) = 4 ]; do sleep 0.1; n=$((n+1)); [ $n -lt 100 ] || exit 1; done', changes: 'always' }),
] });
`,
  'playbooks/throttle.ts': `
import { definePlaybook, shell } from 'play';
const narrow = 'n=$(ls ' + 'DIR' + '/busy | wc -l); [ $n -lt 2 ] || echo $n >>DIR/crowded; touch DIR/busy/NAME; sleep 0.2; rm DIR/busy/NAME; touch DIR/done-NAME';
export default definePlaybook({ hosts: 'web', vars: { dir: '' }, tasks: ({ host, vars }) => [
  shell({ cmd: narrow.replaceAll('DIR', String(vars.dir)).replaceAll('NAME', host.name), changes: 'always' }, { throttle: 2 }),
] });
`,
});

test("strategy: 'linear' has all hosts at a task at once", async () => {
  const dir = join(project.dir, 'linear');
  mkdirSync(dir);
  const { code, stderr } = await project.play('linear', '--no-typecheck', '-e', `dir=${dir}`);
  expect([code, stderr]).toEqual([0, '']);
  expect(readdirSync(dir).sort()).toEqual(['first-web1', 'first-web2', 'first-web3', 'first-web4']);
});

test('runOnce runs once', async () => {
  const dir = join(project.dir, 'once');
  mkdirSync(dir);
  const { code, stderr } = await project.play('once', '--no-typecheck', '-e', `dir=${dir}`);
  expect([code, stderr]).toEqual([0, '']);
  const ran = Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
  // Of those that somebody named, each is one, though one line makes them.
  expect(ran).toEqual({ a: 'web1\n', b: 'web1\n', c: 'web1\n', d: 'web2\n' });
});

test('throttle holds', async () => {
  const dir = join(project.dir, 'throttle');
  mkdirSync(join(dir, 'busy'), { recursive: true });
  const { code, stderr } = await project.play('throttle', '--no-typecheck', '-e', `dir=${dir}`);
  expect([code, stderr]).toEqual([0, '']);
  expect(readdirSync(dir).filter((name) => name.startsWith('done-'))).toHaveLength(4);
  expect(existsSync(join(dir, 'crowded'))).toBe(false);
});
