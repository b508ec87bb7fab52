/** How right dry runs were, by the records of runs; who ran what, by person, playbook and time. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareWithCheck, ownForecast, type Comparison } from '../../src/cli/commands/log/compare-records.ts';
import { countsText } from '../../src/cli/commands/log/dry-runs.ts';
import { earlierCheck, type RecordedRun } from '../../src/cli/commands/log/earlier-check.ts';
import { parseSince } from '../../src/options/option-values.ts';
import type { RecordEntry } from '../../src/report/index.ts';
import { makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const task = (name: string, more: object = {}): RecordEntry => ({
  event: 'task',
  host: 'web1',
  play: 'web',
  role: null,
  task: name,
  status: 'changed',
  changes: [{ what: 'mode', from: '0600', to: '0644' }],
  may: null,
  assumed: [],
  error: null,
  ...more,
});
const recap = (counts: object): RecordEntry => ({
  event: 'recap',
  hosts: { web1: { ok: 10, skipped: 0, failed: 0, rescued: 0, unreachable: 0, ...counts } },
});
const beside = (check: readonly RecordEntry[], did: readonly RecordEntry[], counts: object = {}): Comparison =>
  compareWithCheck([...check, recap({})], [...did, recap(counts)]);

const other = { changes: [{ what: 'mode', from: '0600', to: '0755' }] };
const failed = { status: 'failed', error: { what: 'no room' } };
test.each<[string, Comparison, string, object[]]>([
  ['the same', beside([task('a'), task('b')], [task('a'), task('b')]), 'right: 10 of 10', []],
  ['nothing', beside([], []), 'right: 10 of 10', []],
  [
    'said and not done',
    beside([task('a')], []),
    'right: 9 of 10, 1 wrong',
    [{ task: 'a', said: 'changed (mode 0600 -> 0644)', did: 'ok, or not run' }],
  ],
  ['done and not said', beside([], [task('a')]), 'right: 9 of 10, 1 wrong', [{ task: 'a', said: 'ok, or not run' }]],
  [
    'another change',
    beside([task('a')], [task('a', other)]),
    'right: 9 of 10, 1 wrong',
    [{ did: 'changed (mode 0600 -> 0755)' }],
  ],
  ['the second of a name', beside([task('a', { nth: 1 })], [task('a')]), 'right: 8 of 10, 2 wrong', [{}, {}]],
  ['may change', beside([task('a', { may: 'b runs before' })], []), 'right: 9 of 10, 1 assumed', []],
  ['assumed, and right', beside([task('a', { assumed: ['x'] })], [task('a')]), 'right: 9 of 10, 1 assumed', []],
  ['assumed, and wrong', beside([task('a', { assumed: ['x'] })], []), 'right: 9 of 10, 1 assumed', [{ assumed: 'x' }]],
  [
    'it fails',
    beside([task('a')], [task('a', failed)], { ok: 4, failed: 1 }),
    'right: 4 of 5, 1 wrong',
    [{ why: 'no room' }],
  ],
  [
    'behind a failure',
    beside([task('a'), task('b')], [task('a', failed)], { ok: 4, failed: 1 }),
    'right: 4 of 5, 1 wrong',
    [{ task: 'a' }],
  ],
  [
    'a handler that did not run',
    beside([task('r', { event: 'handler' })], []),
    'right: 10 of 11, 1 wrong',
    [{ task: 'r (handler)' }],
  ],
  [
    'a secret diff, masked alike',
    beside(
      [task('a', { changes: [{ what: 'content', diff: '+x' }] })],
      [task('a', { changes: [{ what: 'content', diff: '+x', written: 'x' }] })],
    ),
    'right: 10 of 10',
    [],
  ],
])('beside a check: %s', (_, comparison, counts, misses) => {
  expect(countsText(comparison)).toBe(counts);
  expect(comparison.misses).toMatchObject(misses);
});

test('what the forecast of the run had right, the host or the code had changed in between', () => {
  const miss = { kind: 'task', role: null, task: 'a', said: 'ok', did: 'changed', why: null, assumed: null };
  const own = (misses: object[]): RecordEntry => ({
    event: 'foretold',
    host: 'web1',
    tasks: 10,
    right: 9,
    misses,
    problem: null,
  });
  const compared = (misses: object[]): string | undefined =>
    compareWithCheck([recap({})], [task('a'), own(misses), recap({})]).misses[0]?.why;
  expect(compared([])).toMatch(/changed between the check and the run/);
  expect(compared([miss])).toBe('');
  expect(ownForecast([own([miss]), { ...own([]), host: 'web2' }])).toMatchObject({
    tasks: 20,
    right: 18,
    misses: [{ host: 'web1', task: 'a' }],
  });
  expect(ownForecast([recap({})])).toBeUndefined();
});

test('a check speaks for the run shortly behind it, of the same playbook, options, commit and hosts', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 10, 29, 10, minute)).toISOString();
  const of = (id: string, minute: number, args: readonly string[], more: object = {}, commit = 'c'): RecordedRun => ({
    id,
    entries: [
      {
        event: 'start',
        kind: 'playbook',
        cwd: '/p',
        started: at(minute),
        check: args.some((one) => /C/.test(one)),
        args,
        hosts: ['web1', 'web2'],
        ...more,
      },
      { event: 'git', commit },
      recap({}),
    ],
  });
  const run1 = of('run', 30, ['site', '-D', '-l', 'web']);
  const found = (...before: readonly RecordedRun[]): string | undefined => earlierCheck(run1, before)?.id;
  expect(found(of('check', 20, ['site', '-CD', '-l', 'web']))).toBe('check');
  expect(found(of('check', 20, ['site', '-C', '--output', 'jsonl', '-l', 'web', '-vv']))).toBe('check');
  expect(found(of('check', -40, ['site', '-C', '-l', 'web']))).toBeUndefined();
  expect(found(of('check', 20, ['site', '-C', '-l', 'db']))).toBeUndefined();
  expect(found(of('check', 20, ['site', '-C', '-l', 'web'], { hosts: ['web1'] }))).toBeUndefined();
  expect(found(of('check', 20, ['site', '-C', '-l', 'web'], {}, 'other'))).toBeUndefined();
  expect(found(of('check', 20, ['site', '-C', '-l', 'web']), of('between', 25, ['other']))).toBeUndefined();
  expect(found(of('check', 20, ['site', '-C', '-l', 'web']), of('else', 25, ['other'], { hosts: ['db1'] }))).toBe(
    'check',
  );
});

test.each([
  ['2h', '2026-11-29T10:00:00'],
  ['06:30', '2026-11-29T06:30:00'],
  ['13:00', '2026-11-28T13:00:00'],
  ['2026-11-01', '2026-11-01T00:00:00'],
])('%s is a time that is past', (text, expected) => {
  expect(parseSince('--since', text, new Date('2026-11-29T12:00:00'))).toBe(new Date(expected).getTime());
});

test('runs of this machine: the hit rate, and who ran what', async () => {
  const state = temporaryFolder('state');
  const dir = temporaryFolder('target');
  const project = makeProject({
    'inventory/hosts': 'web1 ansible_connection=local\n',
    'playbooks/site.ts': `
import { copy, definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'all', tasks: () => [
  shell({ cmd: 'cp ${dir}/other ${dir}/one 2>/dev/null || true', changes: 'always' }, { name: 'a script' }),
  copy({ dest: '${dir}/one', content: 'one\\n', mode: '0644' }, { name: 'behind it' }),
  copy({ dest: '${dir}/two', content: 'two\\n', mode: '0644' }, { name: 'another' }),
] });`,
  });
  const play = (...args: readonly string[]): Promise<Outcome> =>
    run(join(playRoot, 'play'), args, { cwd: project.dir, env: { ...process.env, XDG_STATE_HOME: state } });
  expect((await play('site', '--no-typecheck')).code).toBe(0);
  expect((await play('log', '--dry-runs')).stdout).toMatch(
    /right: 3 of 3 {2}play site --no-typecheck {2}by its own forecast\n1 run: 100 % of 3 tasks right, 100 % of 3 changes; none wrong\n$/,
  );

  await play('site', '-CD', '--no-typecheck');
  writeFileSync(join(dir, 'other'), 'by the script\n');
  rmSync(join(dir, 'two'));
  expect((await play('site', '--no-typecheck')).code).toBe(0);
  const { stdout } = await play('log', '--dry-runs', '-n', '1');
  expect(stdout).toMatch(/right: 1 of 3, 2 wrong {2}play site --no-typecheck {2}by the check of /);
  expect(stdout).toMatch(/wrong {2}web1 {2}behind it: said ok, or not run, did changed \(content\)\n/);
  expect(stdout).toMatch(
    /wrong {2}web1 {2}another: said ok, or not run, did changed \(content -> new file\): the host or the code changed/,
  );
  expect(stdout).toMatch(/\n2 runs: 66\.6 % of 6 tasks right, /);

  const listed = (...more: readonly string[]): Promise<number> =>
    play('log', ...more).then((out) => out.stdout.split('\n').length - 1);
  expect(await listed()).toBe(3);
  expect(await listed('--playbook', 'playbooks/site.ts', '--since', '1h')).toBe(3);
  expect(await listed('--playbook', 'other')).toBe(0);
  expect(await listed('--until', '1h')).toBe(0);
  expect(await listed('--by', 'nobody-else')).toBe(0);
  expect((await play('log', '--since', 'soon')).stderr).toMatch(/--since needs a time, not "soon"/);
  expect((await play('log', '--dry-runs', '--host', 'web1')).stderr).toMatch(/asks no host/);
});
