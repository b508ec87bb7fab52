/**
 * Standard output that is lost: a run stops in good order and never claims success, a listing ends as other tools do.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localWeb, makeProject, playRoot, run, sayPlaybook } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': localWeb,
  'site.ts': sayPlaybook,
  'blocks.ts': `
import { block, definePlaybook, defineResource, v } from 'play';
const step = defineResource({
  name: 'step', summary: '', example: '', options: { script: v.string() },
  title: ({ script }) => script ?? '', prepare: (options) => options, probes: () => [],
  plan: ({ script }) => ({ changes: [{ what: 'state' }], steps: [{ script }], after: [], touches: [{ on: 'everything' }], result: {}, again: true }),
});
export default definePlaybook({ hosts: 'web1', tasks: ({ vars }) => {
  const log = (word) => step({ script: 'echo ' + word + ' >>' + vars.dir + '/log' });
  const first = step({ script: ': >' + vars.dir + '/begun; until [ -e ' + vars.dir + '/go ] || [ ! -d ' + vars.dir + ' ]; do sleep 0.05; done; echo in hand >>' + vars.dir + '/log' });
  const late = step({ script: 'echo late >>' + vars.dir + '/log' }, { when: ({ results }) => results(first).changed });
  return [block([first, late], { always: [log('always')] }), log('behind')];
} });
`,
});

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs play with a standard output that nobody reads any more, or that takes nothing. */
function playInto(output: 'gone' | 'full', args: readonly string[], { stderrToo = false } = {}): Promise<Ended> {
  const full = openSync('/dev/full', 'w');
  const child = spawn(join(playRoot, 'play'), args, {
    cwd: project.dir,
    stdio: ['ignore', output === 'full' ? full : 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: join(project.dir, '.state') },
  });
  closeSync(full);
  child.stdout?.destroy();
  let stderr = '';
  if (stderrToo) child.stderr?.destroy();
  else child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done) => child.once('close', (code) => done({ code, stderr })));
}

const gone = /^error: Standard output is lost: its reader is gone\n.*then the run stops/m;
const full = /^error: Standard output is lost: no space is left on its device\n.*then the run stops/m;
const check = ['site.ts', '-C', '--no-typecheck'];
const cases: readonly (readonly [string, 'gone' | 'full', readonly string[], number, RegExp])[] = [
  ['a check', 'gone', check, 99, gone],
  ['a check', 'full', check, 99, full],
  ['a check as JSON lines', 'gone', [...check, '--output', 'jsonl'], 99, gone],
  ['a check as JSON lines', 'full', [...check, '--output', 'jsonl'], 99, full],
  ['a run of which only the recap is lost', 'gone', ['site.ts', '--no-typecheck', '-t', 'quiet'], 99, gone],
  ['a run of which only the recap is lost', 'full', ['site.ts', '--no-typecheck', '-t', 'quiet'], 99, full],
  ['play run', 'gone', ['run', 'echo a; sleep 0.2; echo b', '-l', 'web1'], 99, gone],
  ['play run', 'full', ['run', 'echo a; sleep 0.2; echo b', '-l', 'web1', '--output', 'jsonl'], 99, full],
  ['a single resource', 'full', ['resource', 'debug', 'msg=x', '-l', 'web1'], 99, full],
  ['tasks listed', 'gone', ['site.ts', '--list-tasks'], 141, /^$/],
  [
    'tasks listed',
    'full',
    ['site.ts', '--list-tasks'],
    1,
    /^error: Standard output is lost: no space is left on its device\n$/,
  ],
  ['an inventory listed', 'gone', ['inventory', '--list'], 141, /^$/],
  ['help', 'full', ['--help'], 1, /^error: Standard output is lost/],
  ['the version', 'gone', ['--version'], 141, /^$/],
];

test.each(cases)('%s, standard output %s: $3', async (_, output, args, code, said) => {
  const ended = await playInto(output, args);
  expect(ended.stderr).toMatch(said);
  expect(ended.stderr).not.toMatch(/internal error|EPIPE|ENOSPC/);
  expect(ended.code).toBe(code);
});

test('with standard error lost too a run ends as well, and claims nothing', async () => {
  expect((await playInto('gone', check, { stderrToo: true })).code).toBe(99);
});

test.each([
  ['gone', gone],
  ['full', full],
] as const)(
  '%s in the middle: the step in hand is finished, what a block does always is done, nothing else begins',
  async (output, said) => {
    const dir = join(project.dir, output);
    project.write({ [`${output}/.keep`]: '' });
    const ended = playInto(output, ['blocks.ts', '-e', `dir=${dir}`, '--no-typecheck']);
    while (!existsSync(join(dir, 'begun'))) await new Promise((next) => setTimeout(next, 20));
    project.write({ [`${output}/go`]: '' });
    const { code, stderr } = await ended;
    expect(readFileSync(join(dir, 'log'), 'utf8')).toBe('in hand\nalways\n');
    expect(stderr).toMatch(said);
    expect(code).toBe(99);
  },
);

test('closed from the start, nothing is begun', async () => {
  for (const args of ['site.ts --no-typecheck', '--list-tasks site.ts']) {
    const { code, stderr } = await run('sh', ['-c', `"$0" ${args} >&-`, join(playRoot, 'play')], { cwd: project.dir });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'play: standard output is closed; send it somewhere (>/dev/null if nobody wants it).\n',
    });
  }
});

test('a record of the run that finds no room is said to be cut short, and the run goes on', async () => {
  // The largest file a process may write, in blocks of 512 or 1024 bytes: what the host's shell is sent fits, and the
  // record's first lines; the rest does not.
  const { code, stdout, stderr } = await run(
    'sh',
    [
      '-c',
      `trap '' XFSZ; ulimit -f 8; exec "$0" site.ts -C --no-typecheck -l web1 -e long=${'x'.repeat(9000)}`,
      join(playRoot, 'play'),
    ],
    { cwd: project.dir, env: { ...process.env, XDG_STATE_HOME: join(project.dir, '.small') } },
  );
  expect(stderr).toMatch(/warning: The run is not recorded whole: EFBIG/);
  expect(stdout).toMatch(/PLAY RECAP/);
  expect(code).toBe(0);
});
