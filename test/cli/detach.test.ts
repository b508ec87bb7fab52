/**
 * A run can be left and come back to, and one that was killed is gone on with: nothing is done twice, and what nobody knows is
 * asked.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': 'web1 ansible_connection=local\nweb2 ansible_connection=local\nweb3 ansible_connection=local\n',
  'site.ts': `
import { command, definePlaybook, shell } from 'play';
const log = (dir: string, name: string, keywords = {}) => shell({ cmd: 'echo ' + name + ' >>' + dir + '/log', changes: 'always' }, { name, ...keywords });
export default definePlaybook([
  { name: 'first', hosts: 'web1', tasks: ({ vars }) => [log(String(vars.dir), 'once')] },
  {
    name: 'rolling', hosts: 'web1:web2', serial: 1,
    gate: { before: ({ vars, host }) => [log(String(vars.dir), 'gate-' + host.name)] },
    tasks: ({ vars, host }) => {
      const step = shell({ cmd: 'echo ' + host.name + ' >>' + vars.dir + '/log; echo said', changes: 'always' }, { name: 'step' });
      return [
        step,
        ...(host.name === 'web2' ? [
          shell({ cmd: 'cat ' + vars.dir + '/green', changes: 'never' }, { name: 'green', until: ({ result }) => result.stdout === 'yes', retries: 3600, delay: 0.1 }),
        ] : []),
        shell({ cmd: 'echo after-' + host.name + ' >>' + vars.dir + '/log', changes: 'always' }, { name: 'after', when: ({ results }) => results(step).stdout === 'said' }),
      ];
    },
  },
]);
`,
  'hung.ts': `
import { confirm, definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'web3', tasks: ({ vars }) => [
  shell({ cmd: 'echo hung >>' + vars.dir + '/log; until [ -e ' + vars.dir + '/green ] || [ ! -d ' + vars.dir + ' ]; do sleep 0.05; done', changes: 'always' }, { name: 'hung' }),
  confirm({ prompt: 'Go on?' }),
  shell({ cmd: 'echo end >>' + vars.dir + '/log', changes: 'always' }, { name: 'end' }),
] });
`,
});
const env = { ...process.env, XDG_STATE_HOME: join(project.dir, '.state'), NO_COLOR: '1', TERM: 'xterm', CI: '' };

interface Dir {
  readonly path: string;
  readonly log: () => string;
  readonly go: (word?: string) => void;
}
function dir(name: string): Dir {
  const path = join(project.dir, name);
  mkdirSync(path);
  writeFileSync(join(path, 'log'), '');
  return {
    path,
    log: () => readFileSync(join(path, 'log'), 'utf8').trimEnd().split('\n').join(' '),
    go: (word = 'yes') => writeFileSync(join(path, 'green'), word),
  };
}
const detach = (playbook: string, { path }: Dir): Promise<Outcome> =>
  project.play(playbook, '-e', `dir=${path}`, '--no-typecheck', '--detach');

interface RunForm {
  readonly id: string;
  readonly is: string;
  readonly pid: number;
  readonly doing: readonly {
    readonly task: string;
    readonly wait?: { readonly tries: number; readonly seconds: number; readonly saw: string };
  }[];
  readonly question: string | null;
}
const runs = async (): Promise<RunForm[]> =>
  (await project.play('runs', '--output', 'jsonl')).stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): RunForm => JSON.parse(line));
const until = <T>(holds: () => T | Promise<T>): Promise<T> => vi.waitFor(holds, { timeout: 180_000, interval: 100 });

// A run that is left behind would hold this machine against every other test that changes it.
afterAll(async () => {
  for (const { pid, is } of await runs()) if (is !== 'killed') process.kill(pid, 'SIGKILL');
});

/** play at a terminal of its own. */
function atTerminal(command: string): {
  shown: () => string;
  type: (text: string) => void;
  code: Promise<number | null>;
} {
  const child = spawn('script', ['-qefc', `${join(playRoot, 'play')} ${command}`, '/dev/null'], {
    cwd: project.dir,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    shown: () => shown,
    type: (text) => void child.stdin.write(text),
    code: new Promise((done) => child.once('close', done)),
  };
}

/** The run that waits, once it does so. */
async function waiting(): Promise<RunForm> {
  const found = await until(async () => {
    const one = (await runs()).find(({ doing }) => doing.some(({ wait }) => wait !== undefined && wait.tries > 2));
    expect(one).toBeDefined();
    return one;
  });
  if (found === undefined) throw new Error('no run waits');
  return found;
}

test('a gate that waits is left, come back to, killed, and gone on with: what was done is not done again', async () => {
  const here = dir('wait');
  here.go('no');
  const left = await detach('site.ts', here);
  expect(left.code).toBe(0);
  expect(left.stderr).toMatch(/The run goes on in the background\. Come back to it with: play resume \S+/);
  const { id, is, doing, pid } = await waiting();
  expect(is).toBe('detached');
  expect(doing[0]?.task).toMatch(/^green \(\d+ of 3601 tries, \d+ s: no\)$/);
  const { tries = 0, seconds = 0 } = doing[0]?.wait ?? {};
  expect(tries / 10).toBeLessThanOrEqual(seconds + 1);

  // Somebody comes back, and leaves again.
  const viewer = spawn(join(playRoot, 'play'), ['resume', id], {
    cwd: project.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let shown = '';
  viewer.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const closed = new Promise<number | null>((done) => viewer.once('close', done));
  await until(() => expect(shown).toMatch(/^changed {2}web2 .*(?:\n {4}.*)?step/m));
  viewer.kill('SIGTSTP');
  expect(await closed).toBe(0);

  process.kill(pid, 'SIGKILL');
  expect(
    (
      await until(async () => {
        const one = (await runs()).find((known) => known.id === id);
        expect(one?.is).toBe('killed');
        return one;
      })
    )?.doing[0]?.task,
  ).toContain('green (');
  const listed = await project.play('runs');
  expect(listed.stdout).toContain(`continue it: play resume ${id}`);

  here.go();
  const next = await project.play('resume', id);
  expect(next.stderr).toContain(`continuing ${id}`);
  expect(next.stdout).toContain('play "first" was done before, by the run that this one continues: web1');
  expect(next.code).toBe(0);
  // web2 had only begun: its gate is asked again. Its step was done, and what it gave is known.
  expect(here.log()).toBe('once gate-web1 web1 after-web1 gate-web2 web2 gate-web2 after-web2');
  expect(await runs()).toEqual([]);
  expect((await project.play('resume', id)).stderr).toContain('The run was already continued');
});

test('what was under way when a run was killed is asked about, once there is a terminal', async () => {
  const here = dir('hung');
  expect((await detach('hung.ts', here)).code).toBe(0);
  await until(() => expect(here.log()).toBe('hung'));
  const [first] = await runs();
  if (first === undefined) throw new Error('the run is not listed');
  process.kill(first.pid, 'SIGKILL');
  here.go();
  await until(async () => expect((await runs())[0]?.is).toBe('killed'));
  // Without a terminal nobody can be asked.
  const alone = await project.play('resume');
  expect(alone.stdout).toMatch(/It was running at \S+ when the run ended, and it is not known whether it was done/);
  expect(alone.code).toBe(2);
  expect(here.log()).toBe('hung');
  const [, id = 'none'] = /^(\S+)/.exec((await project.play('log', '-n', '1')).stdout) ?? [];
  const asked = atTerminal(`resume ${id}`);
  await until(() => expect(asked.shown()).toContain('(n)o, do it now: '));
  asked.type('y\r');
  await until(() => expect(asked.shown()).toContain('Go on?'));
  asked.type('yes\r');
  expect(await asked.code).toBe(0);
  expect(here.log()).toBe('hung end');
});

test('what is asked of a run that was left is asked of who comes back', async () => {
  const here = dir('asks');
  here.go();
  expect((await detach('hung.ts', here)).code).toBe(0);
  await until(async () => {
    const asking = (await runs()).find(({ question }) => question !== null);
    expect(asking?.question ?? '').toContain('Go on?');
  });
  const viewer = atTerminal('resume');
  await until(() => expect(viewer.shown()).toMatch(/Go on\?.*Go on\?/s));
  viewer.type('yes\r');
  expect(await viewer.code).toBe(0);
  expect(here.log()).toBe('hung end');
});

test('Ctrl-Z gives the shell its terminal back, and the run goes on though the terminal is closed', async () => {
  const here = dir('shell');
  here.go('no');
  const shell = spawn('script', ['-qefc', "PS1='READY ' bash --norc -i", '/dev/null'], {
    cwd: project.dir,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  shell.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  await until(() => expect(shown).toContain('READY'));
  shell.stdin.write(`${join(playRoot, 'play')} site.ts -e dir=${here.path} --no-typecheck\r`);
  await until(() => expect(shown).toContain('web2  green ('));
  shown = '';
  shell.stdin.write('\x1a');
  await until(() => expect(shown).toMatch(/play resume \S+\s[^]*Stopped[^]*READY/));
  await waiting();
  shell.kill('SIGHUP');
  here.go();
  await until(async () => expect(await runs()).toEqual([]));
  expect(here.log()).toContain('web2 after-web2');
});

test('which run is meant is said, or listed; nothing of it is left behind', async () => {
  expect((await project.play('resume')).stderr).toContain('No run is unfinished');
  expect((await project.play('resume', 'nonsense')).stderr).toContain('There is no run "nonsense" on record');
  expect((await project.play('resume', '20')).stderr).toMatch(/\d+ runs begin with "20"/);
  expect((await project.play('runs')).stdout).toBe('no run is in progress, and none is unfinished\n');
  expect((await project.play('site.ts', '--detach', '-C')).stderr).toContain('--detach leaves the terminal');
  const wrong = await project.play('nothere.ts', '--detach');
  expect([wrong.code, wrong.stdout + wrong.stderr]).toEqual([1, expect.stringContaining('There is no playbook')]);
  const files = await run('ls', [join(project.dir, '.state/play/runs')]);
  expect(files.stdout).not.toMatch(/\.(?:now|answer|new|marks)$/m);
  expect(existsSync(join(project.dir, '.state/play/runs'))).toBe(true);
});
