/** The footer on a real terminal: seen while a run goes on, and gone whatever ends it. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Screen } from '../support/screen.ts';
import { makeProject, playRoot } from './command-line.ts';

const project = makeProject({
  'hosts': 'web1 ansible_connection=local\nweb2 ansible_connection=local\n',
  'site.ts': `
import { definePlaybook, secret, secretFromEnv, shell } from 'play';
const token = secretFromEnv('TOKEN');
export default definePlaybook({ hosts: 'all', tasks: ({ vars }) => [
  shell({ cmd: 'printf "login with %s\\\\n" "$T"; printf \\'%s\\' "$T" | head -c 9; until [ -e ' + vars.dir + '/go ] || [ ! -d ' + vars.dir + ' ]; do sleep 0.1; done', environment: { T: secret\`\${token}\` }, changes: 'always' }, { name: 'wait' }),
  shell({ cmd: 'echo nothing for you; until [ -e ' + vars.dir + '/go2 ] || [ ! -d ' + vars.dir + ' ]; do sleep 0.1; done; exit ' + vars.code, changes: 'always' }, { name: 'hidden', noLog: true }),
] });
`,
});

// Other tests lock this machine for their runs, and would be waited for.
const alone =
  process.getuid?.() === 0
    ? 'exec unshare --mount sh -c \'mkdir -p /run/play; mount -t tmpfs none /run/play; exec "$@"\' sh '
    : '';

interface Run {
  readonly raw: () => string;
  readonly screen: Screen;
  readonly type: (text: string) => void;
  readonly code: Promise<number | null>;
}

const left: (() => void)[] = [];
afterEach(() => {
  go();
  go('go2');
  for (const end of left.splice(0)) end();
});

function play(columns: number, env: NodeJS.ProcessEnv, more: string): Run {
  for (const file of ['go', 'go2']) rmSync(join(project.dir, file), { force: true });
  const words = `${join(playRoot, 'play')} site.ts -i hosts --no-typecheck -e dir=${project.dir} ${more}`;
  const child = spawn(
    'script',
    ['-qefc', `stty cols ${columns} rows 20; tty >tty; ${alone === '' ? 'exec ' : alone}${words}`, '/dev/null'],
    {
      cwd: project.dir,
      env: {
        ...process.env,
        TERM: 'xterm',
        CI: '',
        TOKEN: 'geheim-token-42',
        XDG_STATE_HOME: join(project.dir, '.state'),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  left.push(() => void child.kill('SIGKILL'));
  const screen = new Screen(columns, 20);
  let raw = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    screen.write(text);
  });
  return {
    raw: () => raw,
    screen,
    type: (text) => void child.stdin.write(text),
    code: new Promise((done) => child.once('close', done)),
  };
}

const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 180_000, interval: 50 });
const go = (file = 'go'): void => writeFileSync(join(project.dir, file), '');
/** What stands there once all is over: nothing of the footer. */
const footer = /details|hosts done|tasks left|looking/;

test('what runs, for how long, its last line without secrets, and what is left; at the end only what was printed', async () => {
  const run = play(100, { NO_COLOR: '1' }, '-l web1 -e code=0');
  // Of the line that is not whole yet nothing is shown that may be the beginning of a secret.
  await until(() => expect(run.screen.text).toMatch(/^web1 {2}wait {2}[\dmin ]+ s {2}\| login with \*{8}$/m));
  expect(run.screen.text).toMatch(/^2 of 2 tasks left, [\dmin ]+ s {3}Ctrl-\\ details {2}Ctrl-Z leave {2}Ctrl-C stop/m);
  run.type('\x1c');
  // On a busy machine the look at what it printed may come too late.
  await until(() =>
    expect(run.screen.text).toMatch(/^web1 {2}wait {2}for [\dmin ]+ s\n(?: {6}\| login with \*{8}\n)?web1/m),
  );
  go();
  await until(() => expect(run.screen.text).toMatch(/^web1 {2}hidden {2}[\dmin ]+ s\n1 of 2 tasks left/m));
  go('go2');
  expect(await run.code).toBe(0);
  expect(run.screen.text).not.toMatch(footer);
  expect(run.screen.text).toMatch(/\nweb1 {2}2 changed\n\d+\.\d s$/);
  expect(run.raw()).not.toMatch(/geheim|nothing for you/);
  // No colours, and nothing that would have to be taken back.
  expect(run.raw()).not.toMatch(/\x1b\[(?![0-9]*[AKJ])/);
});

test('60 columns, and fewer once the window is narrower; Ctrl-C leaves nothing behind', async () => {
  const run = play(60, {}, '-e code=0');
  await until(() => expect(run.screen.text).toMatch(/^web1 {2}wait {2}[\dmin ]+ s/m));
  expect(Math.max(...run.screen.text.split('\n').map((line) => line.length))).toBeLessThan(60);
  execFileSync('stty', ['-F', readFileSync(join(project.dir, 'tty'), 'utf8').trim(), 'cols', '40']);
  await until(() =>
    expect(run.screen.text).toMatch(/^web1 {2}wait {2}[\dmin ]+ s.*\n[^]*^0 of 2 hosts done, .*\.\.\.$/m),
  );
  expect(Math.max(...run.screen.text.split('\n').map((line) => line.length))).toBeLessThan(40);
  run.type('\x03');
  await until(() => expect(run.screen.text).toContain('Interrupted: finishing'));
  run.type('\x03');
  expect(await run.code).toBe(99);
  expect(run.screen.text).not.toMatch(footer);
  expect(run.screen.text).toContain('Left at once');
  go();
});

test('a failure is told at the end with the command to go on; a dumb terminal is written to from top to bottom', async () => {
  const run = play(300, { TERM: 'dumb', NO_COLOR: '' }, '-e code=3');
  go();
  go('go2');
  expect(await run.code).toBe(2);
  expect(run.raw()).not.toContain('\x1b');
  expect(run.raw()).not.toMatch(/\r(?!\n)/);
  expect(run.screen.text).toMatch(/continue with: play site\.ts -i hosts .* -l @failed/);
  expect(existsSync(join(project.dir, 'go'))).toBe(true);
});
