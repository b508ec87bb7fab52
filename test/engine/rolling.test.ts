/** Gates and canaries of plays in batches: what they let through, where they stop, and what is told of it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { TaskContext } from '../../src/contract/index.ts';
import type { Event } from '../../src/engine/index.ts';
import { limitedTo } from '../../src/operator/command-line.ts';
import { block, handler, type PlaySpec, type Task } from '../../src/playbook/index.ts';
import { humanReport, makeStyle, masked } from '../../src/report/index.ts';
import { copy, debug, shell } from '../../src/resources/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dir = temporaryFolder('rolling');
const log = join(dir, 'log');
const three: RunPlayOptions = { inventory: 'web1,web2,web3' };
beforeEach(() => rmSync(log, { force: true }));

/** A line in the order in which things happen on the hosts. */
const note = (text: string) => shell({ cmd: `echo ${text} >>${log}`, changes: 'always' }, { name: text });
const gate = (name: string, cmd = 'true'): Task => shell({ cmd, changes: 'never' }, { name });
const happened = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
const rolling = (spec: Partial<PlaySpec>): PlaySpec => ({
  hosts: 'all',
  name: 'web',
  serial: 1,
  tasks: ({ host }) => [note(host.name)],
  ...spec,
});
const stopped = (run: PlayRun): Event | undefined => run.events.find((one) => one.event === 'rollout-stopped');
/** Files of tests that run beside this one work on this machine too, and what they owe for a moment is told of all plays here. */
const notices = (run: PlayRun): string[] =>
  run.events.flatMap((one) => (one.event === 'notice' && !one.text.startsWith('owed since ') ? [one.text] : []));
/** Fails on one host only. */
const failsOn =
  (host: string, name = 'healthy') =>
  (context: TaskContext): Task[] => [gate(name, context.host.name === host ? 'false' : 'true')];

test('a gate stands before the tasks of a host, and behind its handlers', async () => {
  const reload = handler('reload', () => note('reload'));
  const run = await runPlay(
    rolling({
      hosts: 'web1',
      gate: { before: () => [note('before')], after: () => [note('after')] },
      preTasks: () => [note('pre')],
      tasks: () => [shell({ cmd: `echo task >>${log}`, changes: 'always' }, { notify: reload })],
      postTasks: () => [note('post')],
    }),
  );
  expect(happened()).toEqual(['before', 'pre', 'task', 'reload', 'post', 'after']);
  expect(run.tasks.filter((one) => one.gate !== undefined).map(({ task, gate: at }) => [task, at])).toEqual([
    ['before', 'before'],
    ['after', 'after'],
  ]);
});

test('a gate that fails behind the tasks stops before the next batch, and says who is where', async () => {
  const run = await runPlay(rolling({ gate: { after: failsOn('web2') }, maxFailPercentage: 100 }), three);
  expect(happened()).toEqual(['web1', 'web2']);
  expect(run.recap.exit).toBe(2);
  expect(stopped(run)).toEqual({
    event: 'rollout-stopped',
    play: 'web',
    why: 'the gate fails on web2',
    done: ['web1'],
    failed: [{ host: 'web2', gate: 'after', task: 'healthy' }],
    gone: [],
    notBegun: ['web3'],
    goOn: expect.stringMatching(/^play .* -l web2,web3$/) as string,
    goBack: expect.stringMatching(/^play .* -l web1,web2$/) as string,
  });
});

test('a gate that fails before the tasks leaves its host as it was', async () => {
  const run = await runPlay(rolling({ gate: { before: failsOn('web2') } }), three);
  expect(happened()).toEqual(['web1']);
  expect(stopped(run)).toMatchObject({
    failed: [{ host: 'web2', gate: 'before' }],
    goOn: expect.stringMatching(/-l web2,web3$/) as string,
    goBack: expect.stringMatching(/-l web1$/) as string,
  });
});

test('without batches a gate that fails keeps the next play from beginning', async () => {
  const first = rolling({ serial: 3, gate: { after: failsOn('web2') } });
  const run = await runPlay([first, rolling({ name: 'second', tasks: () => [note('second')] })], three);
  expect(happened().toSorted()).toEqual(['web1', 'web2', 'web3']);
  expect(stopped(run)).toMatchObject({ done: ['web1', 'web3'], notBegun: [] });
});

test('a task that fails in a batch is told in the same words', async () => {
  const run = await runPlay(
    rolling({ tasks: ({ host }) => [shell({ cmd: host.name === 'web2' ? 'false' : 'true', changes: 'always' })] }),
    three,
  );
  expect(stopped(run)).toMatchObject({
    why: 'web2 failed',
    done: ['web1'],
    failed: [{ host: 'web2', gate: null, task: 'shell false' }],
    notBegun: ['web3'],
  });
});

test('what is told people has the hosts and the commands', async () => {
  const run = await runPlay(rolling({ gate: { after: failsOn('web2') } }), three);
  let text = '';
  const report = humanReport({
    stream: Object.assign(Object.create(process.stdout) as typeof process.stdout, {
      isTTY: false,
      write: (part: string) => ((text += part), true),
    }),
    style: makeStyle(false),
    check: false,
    diff: false,
    verbosity: 0,
  });
  const redactor = new Redactor();
  for (const one of run.events) report(masked(one, redactor));
  const lines = text.split('\n');
  const at = lines.indexOf('stopped  roll-out of "web": the gate fails on web2');
  expect(lines.slice(at + 1, at + 6).map((line) => line.replace(/play \S+/, 'play'))).toEqual([
    '    done          web1',
    '    not finished  web2 (the gate after its tasks, healthy)',
    '    not begun     web3',
    '    go on         play -l web2,web3    (once that is fixed)',
    '    go back       play -l web1,web2    (with the previous playbook)',
  ]);
  expect(lines).toContain('failed  web2  healthy (gate after)');
});

test('a gate is tried again while it fails, as often as it says', async () => {
  const third = `echo x >>${log}; [ $(wc -l <${log}) -ge 3 ]`;
  const run = await runPlay(
    rolling({ hosts: 'web1', tasks: () => [], gate: { after: () => [gate('slow', third)], retries: 5, delay: 0 } }),
  );
  expect([run.recap.exit, happened().length]).toEqual([0, 3]);
  rmSync(log);
  const never = await runPlay(
    rolling({
      hosts: 'web1',
      tasks: () => [],
      gate: { after: () => [gate('slow', `echo x >>${log}; false`)], retries: 2, delay: 0 },
    }),
  );
  expect(happened()).toHaveLength(3);
  expect(never.tasks.at(-1)?.error?.what).toMatch(/\(3 tries in \d+ s\)$/);
});

/** Ends what this test's process started for the connection, at the first try only. */
const cutOnce = `[ -e ${log}.cut ] && exit 0; : >${log}.cut; p=$$
while :; do
  q=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$p/status)
  case $q in ${process.pid}) kill -9 $p; exit 1;; 0|1) exit 1;; esac
  p=$q
done`;

test('a gate goes on over a new connection where the old one was lost', async () => {
  const spec = { hosts: 'web1', gate: { after: () => [gate('waits', cutOnce)], retries: 3, delay: 0 } };
  const run = await runPlay(rolling(spec));
  expect([run.recap.exit, run.told]).toEqual([0, ['changed web1', 'ok waits']]);
  rmSync(`${log}.cut`);
  // With no try left a lost host is lost.
  const lost = await runPlay(rolling({ ...spec, gate: { after: () => [gate('waits', cutOnce)] } }));
  expect([existsSync(`${log}.cut`), lost.recap.exit, lost.told]).toEqual([true, 4, ['changed web1']]);
});

test('so does a task with `until`, and what it asks on another host is what is there by then', async () => {
  rmSync(`${log}.cut`, { force: true });
  const until = { until: ({ result: { rc } }: { result: { rc: number } }) => rc === 0, retries: 2, delay: 0 };
  // The first try is asked ahead of its turn, with all else.
  const cutAtSecond = `[ -e ${log} ] || { : >${log}; exit 1; }; ${cutOnce}`;
  const waits = (): Task[] => [shell({ cmd: cutAtSecond, changes: 'never' }, { name: 'waits', ...until })];
  expect((await runPlay(rolling({ hosts: 'web1', tasks: waits }))).told).toEqual(['ok waits']);
  rmSync(log);
  // Only what web1 itself changes makes the answer of web2 an old one.
  const asks = () =>
    shell({ cmd: `cat ${log} 2>/dev/null; :`, changes: 'never' }, { name: 'asks', delegateTo: 'web2' });
  const tasks = (): Task[] => {
    const [first, change, second] = [asks(), note('changed'), asks()];
    const told = [first, second].map((one) => debug({ msg: ({ results }) => results(one).stdout || 'nothing' }));
    return [first, change, second, ...told];
  };
  const run = await runPlay(rolling({ hosts: 'web1', tasks }), three);
  expect(run.tasks.flatMap(({ message }) => message ?? [])).toEqual(['nothing', 'changed']);
});

test('a gate is asked when its turn comes, also where nothing changed since it was asked before', async () => {
  const asks = (): Task[] => [gate('asks', `echo asked >>${log}`)];
  const tasks = (): Task[] => [shell({ cmd: `echo task >>${log}`, changes: 'never' })];
  await runPlay(rolling({ hosts: 'web1', tasks, gate: { before: asks, after: asks } }));
  expect(happened().filter((one) => one === 'asked')).toHaveLength(2);
  expect(happened().at(-1)).toBe('asked');
});

test('an interrupted gate says how often it was really tried', async () => {
  const stop = new AbortController();
  const never = (): Task[] => [gate('never', `echo x >>${log}; false`)];
  const running = runPlay(
    rolling({ hosts: 'web1', tasks: () => [], gate: { after: never, retries: 3600, delay: 0.3 } }),
    { signal: stop.signal },
  );
  await vi.waitFor(() => expect(happened().length).toBeGreaterThanOrEqual(2), { timeout: 120_000 });
  stop.abort();
  const run = await running;
  expect(run.tasks.at(-1)?.error?.what).toContain(`(interrupted after ${happened().length} tries in `);
  expect(run.recap.exit).toBe(99);
});

test('tags do not leave a gate out, and what it notifies is none', async () => {
  const reload = handler('reload', () => note('reload'));
  const run = await runPlay(
    rolling({
      hosts: 'web1',
      gate: { after: () => [shell({ cmd: 'true', changes: 'always' }, { name: 'after', notify: reload })] },
      tasks: () => [shell({ cmd: 'true', changes: 'always' }, { name: 'config', tags: 'config' }), note('other')],
    }),
    { tags: ['config'] },
  );
  expect(run.told).toEqual(['changed config', 'changed after', 'changed handler reload']);
  expect(run.tasks.map((one) => one.gate)).toEqual([undefined, 'after', undefined]);
});

const change = (): Task => copy({ dest: join(dir, 'unit'), content: 'x' });

test.each<{ readonly what: string; readonly spec: Partial<PlaySpec>; readonly told: readonly (string | null)[] }>([
  {
    what: 'behind a planned change it is not asked',
    spec: { hosts: 'web1', tasks: () => [change()], gate: { after: () => [note('asked')], retries: 50 } },
    told: ['changed', 'not known before the start: "copy /work" changes the host before'],
  },
  {
    what: 'that fails where nothing is planned fails here as well',
    spec: { hosts: 'web1', tasks: () => [], gate: { after: failsOn('web1'), retries: 50 } },
    told: ['failed'],
  },
  {
    what: 'that fails behind the change of another host is not known',
    spec: {
      tasks: ({ host }) => (host.name === 'web1' ? [change()] : []),
      gate: { before: failsOn('web2') },
    },
    told: ['ok', 'changed', 'not known before the start: "copy /work" changes web1 before', 'ok'],
  },
  {
    what: 'that holds is told as it is',
    spec: { hosts: 'web1', tasks: () => [], gate: { before: failsOn('none') } },
    told: ['ok'],
  },
])('in check mode a gate $what', async ({ spec, told }) => {
  const run = await runPlay(rolling(spec), { ...three, check: true });
  expect(
    run.tasks.map(({ status, may }) => may?.replace(dir, '/work').replace('/work/unit', '/work') ?? status),
  ).toEqual(told);
  expect(happened()).toEqual([]);
  expect(run.recap.may).toEqual({});
});

test('a canary goes first, and the others follow once it has soaked', async () => {
  const spec = { serial: 2, canary: { soak: 1, interval: 0.05 } };
  const run = await runPlay(rolling({ ...spec, gate: { after: () => [note('gate')] } }), {
    inventory: 'web1,web2,web3,web4',
  });
  expect(run.recap.exit).toBe(0);
  const told = happened();
  expect(told.slice(0, 2)).toEqual(['web1', 'gate']);
  // Asked at least twice more before the next host is begun, and told of by two notices alone.
  expect(
    told.slice(
      2,
      told.findIndex((one) => one === 'web2' || one === 'web3'),
    ).length,
  ).toBeGreaterThanOrEqual(2);
  expect(notices(run)).toEqual([
    'canary web1: watched for 1 s before the others start',
    'canary web1: the gate held for 1 s',
  ]);
  expect(run.tasks.filter(({ host, gate: at }) => host === 'web1' && at === 'after')).toHaveLength(1);
});

test('a canary whose gate fails while it is watched keeps the others from it', async () => {
  const alive = join(dir, 'alive');
  writeFileSync(alive, '');
  // The service dies at the second look.
  const dies = `[ -e ${alive} ] && echo x >>${log} && { [ $(wc -l <${log}) -lt 3 ] || rm ${alive}; }`;
  const run = await runPlay(
    rolling({ canary: { soak: 60, interval: 0.1 }, tasks: () => [], gate: { after: () => [gate('alive', dies)] } }),
    three,
  );
  expect(run.recap.exit).toBe(2);
  expect(stopped(run)).toMatchObject({
    why: 'the gate fails on web1',
    done: [],
    failed: [{ host: 'web1', gate: 'after', task: 'alive' }],
    notBegun: ['web2', 'web3'],
  });
});

test('a canary that fails stops also where failures are allowed, and check mode does not wait', async () => {
  const spec = rolling({ serial: 2, canary: { hosts: '40%', soak: 3600 }, maxFailPercentage: 100 });
  const failing = await runPlay({ ...spec, tasks: () => [shell({ cmd: 'false', changes: 'always' })] }, three);
  expect(stopped(failing)).toMatchObject({ notBegun: ['web2', 'web3'] });
  const check = await runPlay(spec, { ...three, check: true });
  expect(notices(check)).toEqual(['canary web1: would be watched for 3600 s before the others start']);
  expect(Object.keys(check.recap.hosts)).toEqual(['web1', 'web2', 'web3']);
});

test('a throttled task has so many hosts at once, and the tasks around it have all', async () => {
  const most = (name: string): string => `echo + >>${log}.${name}; sleep 0.4; echo - >>${log}.${name}`;
  // Three that wait for one another are there at once, however slow the machine is.
  const together = `echo + >>${log}.free; for i in $(seq 1200); do [ "$(grep -c + ${log}.free)" -lt 3 ] || break; sleep 0.05; done; echo - >>${log}.free`;
  const run = await runPlay(
    rolling({
      serial: 4,
      tasks: () => [
        shell({ cmd: together, changes: 'always' }),
        block([shell({ cmd: most('one'), changes: 'always' })], { throttle: 1 }),
        shell({ cmd: most('two'), changes: 'always' }, { throttle: 2 }),
      ],
    }),
    { inventory: 'web1,web2,web3,web4' },
  );
  expect(run.recap.exit).toBe(0);
  const atOnce = (name: string): number => {
    let [now, top] = [0, 0];
    for (const sign of readFileSync(`${log}.${name}`, 'utf8').trim().split('\n')) {
      now += sign === '+' ? 1 : -1;
      top = Math.max(top, now);
    }
    return top;
  };
  expect([atOnce('one'), atOnce('free') > 2, atOnce('two') <= 2]).toEqual([1, true, true]);
});

test.each([
  [{ gate: { after: 'x' } }, /"gate" is .* but must be \{ before, after, retries, delay \}/],
  [{ gate: { retry: 3 } }, /"gate" is/],
  [{ canary: { hosts: 0, soak: 1 } }, /"canary" is/],
  [{ canary: {} }, /"canary" is .* must be \{ hosts, soak, interval \}/],
] as const)('a mistake in a gate or canary is found at once: %j', async (spec, says) => {
  await expect(runPlay(rolling(spec as never))).rejects.toThrow(says);
});

test.each([
  [['site.ts'], ['site.ts', '-l', 'a,b']],
  [
    ['site.ts', '-l', 'web', '-D'],
    ['site.ts', '-D', '-l', 'a,b'],
  ],
  [
    ['-Dl', 'web', 'site.ts'],
    ['-D', 'site.ts', '-l', 'a,b'],
  ],
  [
    ['site.ts', '--limit=web', '--diff'],
    ['site.ts', '--diff', '-l', 'a,b'],
  ],
  [
    ['site.ts', '--limit', 'web', '-lx'],
    ['site.ts', '-l', 'a,b'],
  ],
])('the command %j for two hosts', (given, made) => {
  expect(limitedTo(given, ['a', 'b'])).toEqual(made);
});
