/** Runbooks by the command line: what is on record, asked, undone and cleaned up, on this machine without ssh. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { inTerminal, makeProject, playRoot } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local\n',
  'runbooks/move.ts': `
import { command, copy, defineRunbook, file, option } from 'play';
const there = (path: string) => command({ argv: ['test', '-e', path], changes: 'never' }, { name: 'there is ' + path.replace(/.*\\//, '') });
export default defineRunbook({
  title: 'Move it', description: 'From here to there.',
  vars: { dir: option.path('Where.'), word: option.text('What is written.', 'moved') },
  steps: [
    { name: 'begin', hosts: 'web',
      tasks: ({ vars, host }) => [copy({ dest: vars.dir + '/' + host.name, content: vars.word })],
      back: ({ vars, host }) => [file({ path: vars.dir + '/' + host.name, state: 'absent' })] },
    { name: 'hold', hosts: 'web1',
      tasks: ({ vars }) => [copy({ dest: vars.dir + '/held', content: 'x' })],
      always: ({ vars }) => [file({ path: vars.dir + '/held', state: 'absent' })] },
    { name: 'gate', hosts: 'web2', before: ({ vars }) => [there(vars.dir + '/go')] },
    { name: 'burn', hosts: 'web', irreversible: true,
      confirm: { question: 'It is gone then.', type: ({ hosts }) => hosts.join(' ') },
      tasks: ({ vars, host }) => [copy({ dest: vars.dir + '/burnt-' + host.name, content: 'x' })],
      after: ({ vars, host }) => [there(vars.dir + '/burnt-' + host.name)] },
    { name: 'look', question: 'Is it well?' },
    { name: 'end', hosts: 'web1', before: ({ vars }) => [there(vars.dir + '/ready')], tasks: ({ vars }) => [copy({ dest: vars.dir + '/end', content: 'x' })] },
  ],
});
`,
});

let dir = '';
let args: string[] = [];
let count = 0;
beforeEach(() => {
  dir = join(project.dir, `try${++count}`);
  project.write({ [`try${count}/.keep`]: '' });
  args = ['runbook', 'move', '-e', `dir=${dir}`];
});
const files = (): string[] =>
  readdirSync(dir)
    .filter((name) => name !== '.keep')
    .sort();
const terminal = (more: readonly string[], dialogue: Parameters<typeof inTerminal>[2]) =>
  inTerminal(project, [...args, ...more], dialogue);
const burn = [/Type "web1 web2" to go on: /, 'web1 web2'] as const;
const look = [/Type "yes" to go on: /, 'yes'] as const;
const status = async (): Promise<string> => (await project.play('runbook', 'move', 'status', ...args.slice(2))).stdout;

test('those of the project are listed; check mode shows each step, what is asked, and touches nothing', async () => {
  expect((await project.play('runbook')).stdout).toContain('move  Move it\n');
  project.write({ [`try${count}/go`]: '', [`try${count}/ready`]: '' });
  const { code, stdout } = await project.play(...args, '-C');
  expect(stdout).toMatch(
    /step 1\/6 begin\n.*would change {2}web[12]\b[^]*step 4\/6 burn\n.*would ask: It is gone then\./,
  );
  // What a step would have made is there for what is done always.
  expect(stdout).toContain('state file -> absent');
  expect(code).toBe(0);
  expect(files()).toEqual(['go', 'ready']);
  expect(await status()).toContain('It is not on record');
});

test('a failed check stops it; what is done always is done; it goes on at what was not done, and not past a failed irreversible step', async () => {
  const first = await project.play(...args);
  expect(first.code).toBe(2);
  expect(first.stdout).toContain('stopped at "gate": a host failed. To continue: the same command');
  expect(files()).toEqual(['web1', 'web2']);
  expect(await status()).toMatch(
    /begin {2}done .*\n {2}hold {3}cleaned .*\n {2}gate {3}failed .*\n {2}burn {3}- \(irreversible\)/,
  );

  project.write({ [`try${count}/go`]: '' });
  const wrong = await terminal([], [[burn[0], 'web1']]);
  expect(wrong.shown).toContain('stopped at "burn": "web1" was typed, not "web1 web2"');
  expect(wrong.code).toBe(2);
  // A question that nobody can be asked is no yes.
  const alone = await project.play(...args);
  expect(alone.stdout).toContain('stopped at "burn": there is no terminal to ask at');

  const second = await terminal([], [burn, look]);
  expect(second.shown).toContain('continues at "hold"');
  expect(second.shown).not.toContain('step 1/6');
  expect(second.code).toBe(2);
  expect(files()).toEqual(['burnt-web1', 'burnt-web2', 'go', 'web1', 'web2']);

  // What cannot be undone must still hold, before it goes on behind it.
  rmSync(join(dir, 'burnt-web2'));
  project.write({ [`try${count}/ready`]: '' });
  const third = await project.play(...args);
  expect(third.code).toBe(2);
  expect(third.stdout).toMatch(/step 4\/6 burn: done at \S+ by \S+, and cannot be undone\. Is it still so\?/);
  expect(third.stdout).toContain('stopped at "burn": a host failed');
  expect(existsSync(join(dir, 'end'))).toBe(false);

  project.write({ [`try${count}/burnt-web2`]: 'x' });
  expect((await project.play(...args)).code).toBe(0);
  expect(files()).toContain('end');
  expect(await status()).toMatch(/; ended /);

  // Once more is another attempt, and nothing is undone past what cannot be.
  const back = await project.play(...args, '--back');
  expect(back.stderr).toContain('cannot go further back: 4/6 burn is irreversible, done since');
  expect(back.code).toBe(1);
});

test('--back undoes what was done, the last first, once', async () => {
  await project.play(...args);
  expect(files()).toEqual(['web1', 'web2']);
  const back = await project.play(...args, '--back');
  expect(back.stdout).toMatch(/step 1\/6 begin, undone/);
  expect(back.code).toBe(0);
  expect(files()).toEqual([]);
  expect(await status()).toMatch(/begin {2}undone /);
});

test('another host or variable is another attempt; --from begins where the operator says', async () => {
  await project.play(...args);
  const other = await project.play(...args, '-l', 'web2');
  expect(other.stdout).toContain('step 1/6 begin');
  project.write({ [`try${count}/ready`]: '' });
  const { code, stdout } = await project.play(...args, '--from', 'end');
  expect(stdout).not.toContain('step 5/6');
  expect(code).toBe(0);
  await project.play(...args, '-l', 'web2', '--new');
  expect((await project.play(...args, '-l', 'web2')).stdout).toContain('continues at "hold"');
  const unknown = await project.play(...args, '--from', 'ende');
  expect(unknown.stderr).toContain('Did you mean "end"?');
});

/** Until it was shown, in a run that asks, at a terminal; then the signal. */
async function interrupt(signal: NodeJS.Signals): Promise<{ code: number | null; shown: string }> {
  const words = [join(playRoot, 'play'), ...args].join(' ');
  const child = spawn('script', ['-qefc', `echo $$ >${dir}/pid; exec ${words}`, '/dev/null'], {
    cwd: project.dir,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const code = new Promise<number | null>((done) => child.once('close', done));
  await vi.waitFor(() => expect(shown).toContain('to go on: '), { timeout: 120_000, interval: 20 });
  expect(files()).toContain('held');
  process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')), signal);
  return { code: await code, shown };
}

test('Ctrl-C runs what is done always; after a kill it is owed, and done by the next run', async () => {
  project.write({ [`try${count}/go`]: '' });
  const stopped = await interrupt('SIGINT');
  expect(stopped.code).toBe(99);
  expect(stopped.shown).toContain('stopped at "burn": interrupted');
  expect(files()).not.toContain('held');

  await interrupt('SIGKILL');
  expect(files()).toContain('held');
  expect(await status()).toMatch(/hold .*its `always` steps are still owed/);
  const next = await project.play(...args);
  expect(next.stdout).toContain('owed by an earlier run, and done at the end: what "hold" does always');
  expect(files()).not.toContain('held');
  expect(await status()).not.toContain('owed');
});

test('where nothing can be recorded no step is begun, and what was begun is cleaned up', async () => {
  project.write({
    'runbooks/full.ts': `
import { defineRunbook, file, option, shell } from 'play';
export default defineRunbook({ title: 'Full', description: 'x', vars: { dir: option.path('Where.'), state: option.path('Its record.') }, steps: [
  { name: 'hold', hosts: 'web1', tasks: ({ vars }) => [file({ path: vars.dir + '/held', state: 'touch', modificationTime: 'preserve', accessTime: 'preserve' }),
      shell({ cmd: 'mv "$S" "$S.away" && : >"$S"', environment: { S: vars.state }, changes: 'always' })],
    always: ({ vars }) => [file({ path: vars.dir + '/held', state: 'absent' })] },
  { name: 'next', hosts: 'web1', tasks: ({ vars }) => [file({ path: vars.dir + '/next', state: 'touch' })] },
] });
`,
  });
  args = ['runbook', 'full', '-e', `dir=${dir}`, '-e', `state=${join(project.dir, '.play/runbooks/full')}`];
  const { code, stderr } = await project.play(...args);
  expect(code).not.toBe(0);
  expect(stderr).toContain('The runbook cannot be recorded');
  expect(files()).toEqual([]);
});

test('an irreversible step that was killed is begun again only where somebody says so; meanwhile nobody else begins', async () => {
  project.write({
    'runbooks/slow.ts': `
import { command, defineRunbook, option, shell } from 'play';
export default defineRunbook({ title: 'Slow', description: 'x', vars: { dir: option.path('Where.'), pause: option.integer('Seconds.', 1) }, steps: [
  { name: 'burn', hosts: 'web1', irreversible: true,
    tasks: ({ vars }) => [shell({ cmd: ': >begun; until [ -e go ] || [ ! -d . ]; do sleep 0.05; done; : >burnt', chdir: vars.dir, creates: vars.dir + '/burnt' })],
    after: ({ vars }) => [command({ argv: ['test', '-e', vars.dir + '/burnt'], changes: 'never' })] },
] });
`,
  });
  args[1] = 'slow';
  const wrong = await project.play(...args, '-e', 'pause=soon');
  expect(wrong.stderr).toContain('variable "pause" of the runbook is "soon" (a string), but must be a number');
  const child = spawn(join(playRoot, 'play'), args, {
    cwd: project.dir,
    stdio: 'ignore',
    env: { ...process.env, XDG_STATE_HOME: join(project.dir, '.state') },
  });
  const ended = new Promise((done) => child.once('close', done));
  await vi.waitFor(() => expect(files()).toContain('begun'), { timeout: 120_000, interval: 20 });
  const second = await project.play(...args);
  expect(second.stderr).toContain('The runbook is already running: play runbook slow');
  expect(second.code).toBe(1);
  child.kill('SIGKILL');
  await ended;
  project.write({ [`try${count}/go`]: '' });

  const unsure = await project.play(...args);
  expect(unsure.stdout).toContain('stopped at "burn": there is no terminal to ask at');
  const again = await terminal([], [[/"burn" cannot be undone, was begun by [^]*Type "again" to go on: /, 'again']]);
  expect(again.code, again.shown).toBe(0);
});

test('a playbook by name is run on the hosts of the step, whichever its plays are for', async () => {
  project.write({
    'runbooks/change.ts': `
import { defineRunbook, option } from 'play';
export default defineRunbook({
  title: 'Change', description: 'By a playbook.', vars: { change: option.text('The playbook.') },
  steps: ({ vars }) => [{ name: 'change web2', hosts: 'web2', playbook: vars.change }],
});
`,
    'playbooks/writes.ts': `
import { copy, definePlaybook } from 'play';
export default definePlaybook([
  { hosts: 'all', tasks: ({ host }) => [copy({ dest: '${dir}/all-' + host.name, content: 'x' })] },
  { hosts: 'web1', tasks: () => [copy({ dest: '${dir}/one', content: 'x' })] },
]);
`,
    'playbooks/elsewhere.ts': `
import { definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web1', tasks: () => [] });
`,
  });
  const change = (name: string, ...more: readonly string[]) =>
    project.play('runbook', 'change', '-e', `change=${name}`, ...more);
  const check = await change('writes', '-C');
  expect([check.code, files()], check.stdout + check.stderr).toEqual([0, []]);
  expect((await change('writes')).code).toBe(0);
  expect(files()).toEqual(['all-web2']);
  expect((await change('writes', '--doc')).stdout).toContain(`copy ${dir}/all-web2`);
  const elsewhere = await change('elsewhere');
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    expect.stringContaining('No play of "elsewhere" is for a host of the step "change web2"'),
  ]);
  const unknown = await change('wrtes');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no playbook "wrtes"')]);
});

test("the operator's page has each step with its tasks, and says what cannot be undone", async () => {
  const { stdout } = await project.play(...args, '--doc');
  expect(stdout).toMatch(/^# Move it\n\nFrom here to there\.\n/);
  expect(stdout).toContain("| `word` | string | `'moved'` | What is written. |");
  expect(stdout).toMatch(
    /## 4\. burn\n\nOn web: web1, web2\.\n\n\*\*Cannot be undone\.\*\*\n\nAsks: It is gone then\. To go on, type `web1 web2`\./,
  );
  expect(stdout).toContain('Inverse (`--back`):');
  const bare = await project.play('runbook', 'move', '--doc');
  expect(bare.stdout).toContain('once these are given (`-e`): `dir`');
});

test('a runbook that cannot be is refused at the desk', async () => {
  const told = async (steps: string): Promise<string> => {
    project.write({
      'runbooks/wrong.ts': `import { defineRunbook } from 'play';\nexport default defineRunbook({ title: 'x', description: 'x', steps: [${steps}] as never });\n`,
    });
    return (await project.play('runbook', 'runbooks/wrong.ts', '-C', '--no-typecheck')).stderr;
  };
  expect(await told(`{ name: 'a', hosts: 'web', irreversible: true }`)).toContain('is irreversible and has no `after`');
  expect(await told(`{ name: 'a', question: 'x' }, { name: 'a', question: 'y' }`)).toContain(
    'Two steps are called "a"',
  );
  expect(await told(`{ name: 'a', hosts: 'web', task: () => [] }`)).toContain('Did you mean "tasks"');
  expect(await told('')).toContain('The runbook has no steps');
});
