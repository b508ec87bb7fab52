import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot, type Outcome } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': 'web1 ansible_connection=local\n',
  'steps.ts': `
import { defineResource, v } from 'play';
export const step = defineResource({
  name: 'step', summary: '', example: '', options: { script: v.string() },
  title: ({ script }) => script ?? '', prepare: (options) => options, probes: () => [],
  plan: ({ script }) => ({ changes: [{ what: 'state' }], steps: [{ script }], after: [], touches: [{ on: 'everything' }], result: {}, again: true }),
});
/** It waits until it is told to go on. */
export const slow = (dir: unknown) => step({ script: 'echo begun >' + dir + '/begun; until [ -e ' + dir + '/go ] || [ ! -d ' + dir + ' ]; do sleep 0.05; done; echo end >' + dir + '/ended' });
`,
  'site.ts': `
import { definePlaybook } from 'play';
import { slow, step } from './steps.ts';
export default definePlaybook({ hosts: 'web1', tasks: ({ vars }) => {
  const first = slow(vars.dir);
  // It reads the first one's result, so that it cannot be on its way to the host already.
  return [first, step({ script: 'echo second >' + vars.dir + '/second' }, { when: ({ results }) => results(first).changed })];
} });
`,
});

project.write({
  'blocks.ts': `
import { block, definePlaybook } from 'play';
import { slow, step } from './steps.ts';
export default definePlaybook({ hosts: 'web1', tasks: ({ vars }) => {
  const log = (word) => step({ script: 'echo ' + word + ' >>' + vars.dir + '/log' });
  const first = slow(vars.dir);
  const late = step({ script: 'echo late >>' + vars.dir + '/log' }, { when: ({ results }) => results(first).changed });
  return [
    block([block([first, late], { rescue: [log('rescue')], always: [log('inner 1'), log('inner 2')] }), log('behind')], { always: [log('outer')] }),
    block([log('next')], { always: [log('not begun')] }),
  ];
} });
`,
});

/** Starts the run and waits until its first step is under way on the host. */
async function begun(
  dir: string,
  playbook = 'site',
): Promise<{
  kill: (signal: NodeJS.Signals) => void;
  said: (text: string) => Promise<void>;
  outcome: Promise<Outcome>;
}> {
  project.write({ [`${dir}/.keep`]: '' });
  const child = spawn(join(playRoot, 'play'), [playbook, '-e', `dir=${join(project.dir, dir)}`, '--no-typecheck'], {
    cwd: project.dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((done) => child.once('close', (code) => done({ code, stdout, stderr })));
  await until(() => existsSync(join(project.dir, dir, 'begun')) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`play ended before it began: ${stderr}`);
  return { kill: (signal) => child.kill(signal), said: (text) => until(() => stderr.includes(text)), outcome };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 20));
}

test('after Ctrl-C what is to be done always is done, of the blocks that were begun, whatever it takes: exit code 99', async () => {
  const { kill, said, outcome } = await begun('three', 'blocks');
  kill('SIGINT');
  await said('Interrupted: finishing what is being written');
  project.write({ 'three/go': '' });
  const { code, stdout } = await outcome;
  expect(code).toBe(99);
  expect(readFileSync(join(project.dir, 'three/log'), 'utf8')).toBe('inner 1\ninner 2\nouter\n');
  expect(stdout).toMatch(
    /interrupted: the "always" tasks of its block run first \("step .*inner 1.*", "step .*inner 2.*"\)/,
  );
  expect(stdout).toMatch(/ok=4 +changed=4 /);
});

test('the first Ctrl-C lets the step in hand finish and begins nothing new: exit code 99', async () => {
  const { kill, said, outcome } = await begun('one');
  kill('SIGINT');
  await said('Interrupted: finishing what is being written');
  project.write({ 'one/go': '' });
  const { code, stdout } = await outcome;
  expect(code).toBe(99);
  expect(existsSync(join(project.dir, 'one/ended'))).toBe(true);
  expect(existsSync(join(project.dir, 'one/second'))).toBe(false);
  expect(stdout).toContain('PLAY RECAP');
});

test('the second leaves at once, with the same code', async () => {
  const { kill, said, outcome } = await begun('two');
  kill('SIGINT');
  await said('Interrupted');
  kill('SIGINT');
  const { code, stderr } = await outcome;
  expect(code).toBe(99);
  expect(stderr).toContain('Left at once');
  project.write({ 'two/go': '' });
});
