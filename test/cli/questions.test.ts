import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeProject, playRoot } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local\n',
  'site.ts': `
import { confirm, definePlaybook, pause, shell } from 'play';
export default definePlaybook({ hosts: 'web', tasks: ({ host, vars }) => [
  ...(host.name === 'web1' ? [pause({ prompt: 'Look at the graphs' }), confirm({ prompt: 'This goes on.' })] : []),
  ...(host.name === 'web2' ? [shell({ cmd: 'until [ -e ' + vars.dir + '/asked ] || [ ! -d ' + vars.dir + ' ]; do sleep 0.05; done; echo >' + vars.dir + '/over', changes: 'always' }, { name: 'beside it' })] : []),
  shell({ cmd: 'true', changes: 'always' }, { name: 'last' }),
] });
`,
});

// A run that is left behind would hold this machine against every other test that changes it.
const running = new Set<() => void>();
afterEach(() => {
  for (const end of running) end();
  running.clear();
});

interface Talk {
  /** All the terminal showed so far. */
  readonly shown: () => string;
  readonly until: (holds: (shown: string) => boolean) => Promise<void>;
  readonly type: (text: string) => void;
  readonly code: Promise<number | null>;
}

/** play in a terminal of its own, which util-linux's `script` gives it. */
function atTerminal(dir: string, ...args: readonly string[]): Talk {
  project.write({ [`${dir}/.keep`]: '' });
  const command = [
    join(playRoot, 'play'),
    'site',
    '-e',
    `dir=${join(project.dir, dir)}`,
    '--no-typecheck',
    ...args,
  ].join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: project.dir,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  running.add(() => void child.kill());
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const code = new Promise<number | null>((done) => child.once('close', done));
  const until = async (holds: (text: string) => boolean): Promise<void> => {
    while (!holds(shown)) {
      if (child.exitCode !== null) throw new Error(`play ended: ${shown}`);
      await new Promise((next) => setTimeout(next, 20));
    }
  };
  return { shown: () => shown, until, type: (text) => child.stdin.write(text), code };
}

test('a question has the terminal for itself; what other hosts did meanwhile is told behind the answer', async () => {
  const { shown, until, type, code } = atTerminal('one');
  await until((text) => text.includes('Look at the graphs '));
  project.write({ 'one/asked': '' });
  await until(() => existsSync(join(project.dir, 'one/over')));
  await new Promise((next) => setTimeout(next, 400)); // Longer than the progress line takes to come back.
  expect(shown()).toMatch(/Look at the graphs $/);
  type('\r');
  await until((text) => text.includes('Type "yes" to go on: '));
  type('yes\r');
  expect(await code).toBe(0);
  expect(shown()).toMatch(/Look at the graphs \r\n[^]*beside it[^]*This goes on\.\r\nType "yes" to go on: yes\r\n/);
});

test('with events: the question is one, and stdout has nothing else; what is not confirmed fails', async () => {
  const { shown, until, type, code } = atTerminal('two', '--output', 'jsonl', '>two/events');
  project.write({ 'two/asked': '' });
  await until((text) => text.includes('graphs '));
  type('\r');
  await until((text) => text.includes('to go on: '));
  type('no\r');
  expect(await code).toBe(2);
  const events = readFileSync(join(project.dir, 'two/events'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.filter(({ event }) => event === 'question')).toEqual([
    { event: 'question', host: 'web1', text: 'Look at the graphs ' },
    { event: 'question', host: 'web1', text: 'This goes on.\nType "yes" to go on: ' },
  ]);
  expect(shown()).not.toContain('{');
});

test('--step asks before each change; Ctrl-C at a question is Ctrl-C for the run', async () => {
  const { shown, until, type, code } = atTerminal('three', '--step', '-l', 'web2');
  project.write({ 'three/asked': '' });
  await until((text) => text.includes('beside it on web2 (N)o/(y)es/(a)ll/(q)uit: '));
  type('n\r');
  await until((text) => text.includes('last on web2 (N)o/(y)es/(a)ll/(q)uit: '));
  type('\x03');
  expect(await code).toBe(99);
  expect(existsSync(join(project.dir, 'three/over'))).toBe(false);
  expect(shown()).toContain('Interrupted: finishing what is being written');
});
