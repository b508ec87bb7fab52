import { describe, expect, test } from 'vitest';
import type { TaskContext } from '../../src/contract/index.ts';
import { block, handler, type PlaySpec, type TaskItem } from '../../src/playbook/index.ts';
import { humanReport, makeStyle, masked } from '../../src/report/index.ts';
import { assert, command, copy, flushHandlers, shell, slurp } from '../../src/resources/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { marker } from '../support/marker.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('flow1', 'flow2', 'flow3');
const there: RunPlayOptions = { inventory: 'flow1,flow2,flow3', target: (name) => hosts.target(name) };
const play = (tasks: (context: TaskContext) => readonly TaskItem[], spec: Partial<PlaySpec> = {}): PlaySpec => ({
  hosts: 'flow1',
  become: true,
  tasks,
  ...spec,
});
const good = (name: string) => marker({ path: `/root/${name}`, text: 'x', always: true });
const bad = (name: string) => marker({ path: `/root/${name}`, text: 'x', always: true, fail: true });
const short = (told: readonly string[]): string[] => told.map((line) => line.replace('marker /root/', ''));

test('a rescue makes a failure good, always runs in any case', async () => {
  const run = await runPlay(
    play(() => [block([good('a'), bad('b'), good('c')], { rescue: [good('r')], always: [good('z')] }), good('end')]),
    there,
  );
  expect(short(run.told)).toEqual(['changed a', 'failed b', 'changed r', 'changed z', 'changed end']);
  expect(run.recap).toMatchObject({ exit: 0, hosts: { flow1: { ok: 4, changed: 4, failed: 0, rescued: 1 } } });
});

test('a block without rescue fails the host, after always', async () => {
  const run = await runPlay(
    play(() => [block([bad('b')], { always: [good('z')] }), good('end')]),
    there,
  );
  expect(short(run.told)).toEqual(['failed b', 'changed z']);
  expect(run.recap.exit).toBe(2);
});

test('what a block says holds for its tasks', async () => {
  const run = await runPlay(
    play(() => [
      block([good('a'), marker({ path: '/root/b', text: '' }, { tags: 'own' })], { tags: 'outer', when: false }),
    ]),
    there,
  );
  expect(run.told).toEqual(['skipped marker /root/a', 'skipped marker /root/b']);
  expect(run.tasks.map((task) => task.tags)).toEqual([['outer'], ['outer', 'own']]);
});

test.each([true, false])(
  'a task with checkMode only tells, and its result can be read (check mode: %s)',
  async (check) => {
    const run = await runPlay(
      play(() => {
        const only = copy({ dest: '/root/told', content: 'x', mode: '0600' }, { checkMode: true });
        const judged = { name: 'judged', checkMode: true, ignoreErrors: true } as const;
        return [
          only,
          block([command({ cmd: 'touch /root/told', changes: 'always' })], { checkMode: true }),
          copy({ dest: '/root/judged', content: 'x' }, { ...judged, failedWhen: ({ result }) => result.changed }),
          assert({ that: ({ results }) => results(only).changed }, { name: 'read' }),
        ];
      }),
      { ...there, check },
    );
    expect(run.told).toEqual(['ok copy /root/told', 'skipped command touch /root/told', 'failed judged', 'ok read']);
    expect(run.tasks[0]?.message).toMatch(/^checkMode: nothing was done of this: content .*, mode 0600$/);
    expect((await hosts.exec('flow1', ['sh', '-c', 'ls /root/told /root/judged 2>/dev/null'])).stdout).toBe('');
  },
);

test('an ignored failure is counted and passed', async () => {
  const run = await runPlay(
    play(() => [marker({ path: '/root/b', text: 'x', fail: true, always: true }, { ignoreErrors: true }), good('end')]),
    there,
  );
  expect(short(run.told)).toEqual(['failed b', 'changed end']);
  expect(run.recap).toMatchObject({ exit: 0, hosts: { flow1: { ok: 2, changed: 1, failed: 0, ignored: 1 } } });
});

test.each([false, true])('keywords of the run are worked out at the turn of a task (check mode: %s)', async (check) => {
  const run = await runPlay(
    play(
      () => {
        const read = command({ cmd: 'echo 2', changes: 'never' });
        const said = shell(
          { cmd: 'echo "$ALL $OWN"', changes: 'never' },
          {
            name: 'said',
            environment: ({ results, facts }) => ({ OWN: `${results(read).stdout} ${facts.environment.USER}` }),
          },
        );
        const fails = (code: string) =>
          command(
            { cmd: 'false', changes: 'never' },
            { name: `fails ${code}`, ignoreErrors: ({ results }) => results(read).stdout === code },
          );
        return [
          read,
          said,
          assert(
            {
              that: ({ results }) => results(said).stdout === 'play 2 root',
              failMsg: ({ results }) => results(said).stdout,
            },
            { name: 'has both' },
          ),
          fails('2'),
          fails('3'),
          good('never'),
        ];
      },
      { environment: { ALL: 'play', OWN: 'is replaced' } },
    ),
    { ...there, check },
  );
  expect(run.tasks[2]?.error?.what).toBe(undefined);
  expect(run.told).toEqual(['ok command echo 2', 'ok said', 'ok has both', 'failed fails 2', 'failed fails 3']);
  expect(run.tasks.map(({ ignored }) => ignored ?? false)).toEqual([false, false, false, true, false]);
});

test('a function that gives no environment fails its task', async () => {
  const wrong: unknown = () => ({ 'A B': 5 });
  const run = await runPlay(
    play(() => [command({ cmd: 'true', changes: 'never' }, { name: 'wrong', environment: wrong as () => never })]),
    there,
  );
  expect(run.told).toEqual(['failed wrong']);
  expect(run.tasks[0]?.error?.what).toBe(
    '"environment" of the task "wrong" gives something else than names with texts',
  );
});

test.each([true, false])(
  'what a refused file was to be is shown, also where the failure is ignored (check mode: %s)',
  async (check) => {
    const refused = (ignoreErrors: boolean) =>
      copy(
        { dest: '/root/refused', content: 'what it was to be\n', validate: '! grep -q was %s' },
        { name: 'refused', ignoreErrors },
      );
    const run = await runPlay(
      play(() => [
        copy({ dest: '/root/refused', content: 'as it is\n' }, { when: !check }),
        refused(true),
        refused(false),
      ]),
      { ...there, check },
    );
    expect(run.told.slice(1)).toEqual(['failed refused', 'failed refused']);
    const printed: string[] = [];
    const stream = {
      write: (text: string) => printed.push(text) > 0,
      isTTY: false,
    } as unknown as import('node:tty').WriteStream;
    const report = humanReport({ stream, style: makeStyle(false), check, diff: true, verbosity: 0 });
    for (const event of run.events)
      if (event.event === 'task' && event.status === 'failed') report(masked(event, new Redactor()));
    expect(printed.join('').match(/^\s*\+what it was to be$/gm)).toHaveLength(2);
    if (!check) expect((await hosts.exec('flow1', ['cat', '/root/refused'])).stdout).toBe('as it is\n');
  },
);

test('failedWhen and changedWhen judge by the result', async () => {
  const run = await runPlay(
    play(() => {
      const grep = command(
        { argv: ['grep', 'nobody-has-this', '/etc/passwd'], changes: 'always' },
        { name: 'grep', failedWhen: ({ result }) => result.rc > 1, changedWhen: false },
      );
      const none = command(
        { argv: ['true'], changes: 'always' },
        { name: 'none', failedWhen: ({ results }) => results(grep).rc === 1 },
      );
      return [grep, none];
    }),
    there,
  );
  expect(run.told).toEqual(['ok grep', 'failed none']);
});

test('until tries again', async () => {
  const run = await runPlay(
    play(() => [
      command(
        {
          argv: ['sh', '-c', 'n=$(cat /root/tries 2>/dev/null || echo 0); echo $((n+1)) >/root/tries; cat /root/tries'],
          changes: 'always',
        },
        { name: 'try', until: ({ result }) => result.stdout === '3', retries: 5, delay: 0 },
      ),
      command({ argv: ['true'], changes: 'always' }, { name: 'never', until: () => false, retries: 2, delay: 0 }),
    ]),
    there,
  );
  expect(run.told).toEqual(['changed try', 'failed never']);
  expect(run.tasks[1]?.error?.what).toContain('3 tries');
});

test('flushHandlers runs them in the middle', async () => {
  const say = handler('say', () => good('said'));
  const run = await runPlay(
    play(() => [marker({ path: '/root/f', text: '1' }, { notify: say }), flushHandlers({}), good('end')], {}),
    there,
  );
  expect(short(run.told)).toEqual(['changed f', 'changed handler say', 'changed end']);
});

test('a task that runs once runs on one host, and all have its result', async () => {
  const run = await runPlay(
    play(
      ({ host }) => {
        const once = command({ argv: ['hostname'], changes: 'always' }, { name: 'once', runOnce: true });
        return [
          once,
          copy({ dest: '/root/once', content: ({ results }) => `${results(once).stdout} for ${host.name}` }),
        ];
      },
      { hosts: 'all' },
    ),
    there,
  );
  expect(run.told.filter((line) => line.includes('once') && !line.includes('copy'))).toHaveLength(1);
  const seen = await Promise.all(
    ['flow1', 'flow2', 'flow3'].map(
      async (name) => (await hosts.exec(name, ['cat', '/root/once'])).stdout.split(' ')[0],
    ),
  );
  expect(new Set(seen).size).toBe(1);
});

test("a delegated task changes the other host, with this one's variables", async () => {
  const run = await runPlay(
    play(({ host }) => [copy({ dest: `/root/from-${host.name}`, content: host.name }, { delegateTo: 'flow2' })], {
      hosts: 'flow1',
    }),
    there,
  );
  expect(run.recap.hosts['flow1']).toMatchObject({ changed: 1 });
  expect((await hosts.exec('flow2', ['cat', '/root/from-flow1'])).stdout).toBe('flow1');
  expect((await hosts.exec('flow1', ['ls', '/root/from-flow1'])).code).not.toBe(0);
  expect(run.tasks[0]?.delegatedTo).toBe('flow2');
});

test('the environment of a task reaches what it runs', async () => {
  await runPlay(
    play(() => [
      command(
        { argv: ['sh', '-c', 'echo "$GREETING" >/root/greeting'], changes: 'always' },
        { environment: { GREETING: "it's me" } },
      ),
    ]),
    there,
  );
  expect((await hosts.exec('flow1', ['cat', '/root/greeting'])).stdout).toBe("it's me\n");
});

test('the environment of a task and of its option reaches guards, and what only reads', async () => {
  const environment = { GREETING: "it's me" };
  const says = (word: string): string => `test "$GREETING" = "${word}"`;
  const run = await runPlay(
    play(() => {
      const seen = command({ argv: ['printenv', 'GREETING'], changes: 'never' }, { environment });
      return [
        seen,
        assert({ that: ({ results }) => results(seen).stdout === environment.GREETING }),
        shell({ cmd: 'true', onlyIf: says("it's me") }, { environment }),
        shell({ cmd: 'true', unless: says('you'), environment: { GREETING: 'you' } }, { environment }),
      ];
    }),
    { ...there, check: true },
  );
  expect(run.tasks.map(({ status }) => status)).toEqual(['ok', 'ok', 'changed', 'ok']);
});

test('a batch that partly failed stops the next one', async () => {
  const tasks = ({ host }: TaskContext): TaskItem[] => [host.name === 'flow1' ? bad('s') : good('s')];
  const run = await runPlay(play(tasks, { hosts: 'all', serial: 1 }), there);
  expect(Object.keys(run.recap.hosts)).toEqual(['flow1']);
  expect(run.events.find((event) => event.event === 'rollout-stopped')).toMatchObject({
    why: 'flow1 failed',
    notBegun: ['flow2', 'flow3'],
  });
  const tolerant = await runPlay(play(tasks, { hosts: 'all', serial: 1, maxFailPercentage: 100 }), there);
  expect(Object.keys(tolerant.recap.hosts)).toEqual(['flow1', 'flow2', 'flow3']);
});

test('a failed host is out of later plays, and the last host lost ends the run', async () => {
  const first = play(({ host }) => [host.name === 'flow1' ? bad('p') : good('p')], { hosts: 'flow1:flow2' });
  const second = play(() => [good('q')], { hosts: 'flow1:flow2', name: 'second' });
  const run = await runPlay([first, second], there);
  expect(run.recap.hosts).toMatchObject({ flow1: { failed: 1, ok: 0 }, flow2: { ok: 2 } });
  const lost = await runPlay([play(() => [bad('p')]), play(() => [good('q')], { hosts: 'flow2' })], there);
  expect(Object.keys(lost.recap.hosts)).toEqual(['flow1']);
});

const owed = async (): Promise<string> =>
  (await hosts.exec('flow1', ['sh', '-c', 'ls /var/lib/play/owed 2>/dev/null; true'])).stdout;
const runs = (name: string, keywords: Parameters<typeof command>[1] = {}) =>
  command(
    { argv: ['sh', '-c', `echo ${name} >>/root/runs; ${name === 'fails' ? 'false' : 'true'}`], changes: 'always' },
    { name, ...keywords },
  );

test.each([
  ['ignored', (told: ReturnType<typeof handler>) => [runs('fails', { notify: told, ignoreErrors: true })]],
  [
    'made good',
    (told: ReturnType<typeof handler>) => [block([runs('fails', { notify: told })], { rescue: [good('r')] })],
  ],
] as const)('a failure that is %s leaves no debt', async (_, tasks) => {
  const told = handler('told', () => runs('handler', { name: 'told' }));
  const run = await runPlay(
    play(() => tasks(told)),
    there,
  );
  expect(run.recap.exit).toBe(0);
  expect(run.told).not.toContain('changed handler told');
  expect(await owed()).toBe('');
});

test('a failure that nothing makes good is still owed', async () => {
  const told = handler('told', () => runs('handler', { name: 'told' }));
  const spec = (fails: boolean): PlaySpec =>
    play(() => [block([runs(fails ? 'fails' : 'works', { notify: told })], { rescue: fails ? [bad('r')] : [] })], {});
  expect((await runPlay(spec(true), there)).recap.exit).toBe(2);
  expect(await owed()).not.toBe('');
  expect((await runPlay(spec(false), there)).told).toContain('changed handler told');
  expect(await owed()).toBe('');
});

test.each([true, false])('a handler does not run where one runs instead of it (check mode: %s)', async (check) => {
  const reload = handler('reload', () => runs('reload'));
  const restart = handler('restart', () => runs('restart'), { insteadOf: reload });
  const both = (task: string, notify: readonly (typeof reload)[]): PlaySpec => play(() => [runs(task, { notify })], {});
  const [plain, whole] = [
    await runPlay(both('works', [reload]), { ...there, check }),
    both('works', [reload, restart]),
  ];
  expect(plain.told).toEqual(['changed works', 'changed handler reload']);
  expect((await runPlay(whole, { ...there, check })).told).toEqual(['changed works', 'changed handler restart']);
  const anew = handler('anew', () => runs('anew'), { insteadOf: [restart] });
  const chain = await runPlay(both('works', [reload, restart, anew]), { ...there, check });
  expect(chain.told).toEqual(['changed works', 'changed handler anew']);
  expect(await owed()).toBe('');
});

test('where the handler fails that runs instead of another, both stay owed', async () => {
  const reload = handler('reload', () => runs('reload'));
  const restart = (name: string) => handler('restart', () => runs(name, { name: 'restart' }), { insteadOf: reload });
  const failed = await runPlay(
    play(() => [runs('works', { notify: [reload, restart('fails')] })]),
    there,
  );
  expect(failed.told).toEqual(['changed works', 'failed handler restart']);
  expect((await owed()).trim().split('\n')).toHaveLength(2);
  const again = await runPlay(
    play(() => [good('quiet'), runs('never', { when: () => false, notify: [reload, restart('restart')] })]),
    there,
  );
  expect(again.told.at(-1)).toBe('changed handler restart');
  expect(await owed()).toBe('');
});

test('a handler that ran is paid with its own end, whatever becomes of those behind it', async () => {
  const [first, second] = [
    handler('first', () => runs('first')),
    handler('second', () => runs('fails', { name: 'second' })),
  ];
  const failed = await runPlay(
    play(() => [runs('works', { notify: [first, second] })]),
    there,
  );
  expect(failed.told).toEqual(['changed works', 'changed handler first', 'failed handler second']);
  expect((await owed()).trim().split('\n')).toHaveLength(1);
  const [again, fixed] = [handler('first', () => runs('first')), handler('second', () => runs('second'))];
  expect(
    (
      await runPlay(
        play(() => [good('quiet'), runs('never', { when: () => false, notify: [again, fixed] })]),
        there,
      )
    ).told,
  ).toEqual(['changed marker /root/quiet', 'skipped never', 'changed handler second']);
  expect(await owed()).toBe('');
});

test('two names of one machine have debts of their own', async () => {
  const both = { ...there, inventory: 'flow1,alias1', target: (name: string) => ({ ...hosts.target('flow1'), name }) };
  const spec = (name: string, host: string): PlaySpec => {
    const told = handler('told', () => runs(name, { name: 'told' }));
    const tasks = () => [good('quiet'), runs('works', { notify: told, when: () => name === 'fails' })];
    return play(tasks, { hosts: host, name: 'shared' });
  };
  const failed = await runPlay(spec('fails', 'flow1:alias1'), both);
  expect(failed.events.filter(({ event }) => event === 'host-failed')).toEqual([]);
  expect(failed.recap.exit).toBe(2);
  expect((await owed()).trim().split('\n')).toHaveLength(2);
  expect((await runPlay(spec('pays', 'alias1'), both)).told).toContain('changed handler told');
  expect((await owed()).trim().split('\n')).toHaveLength(1);
  expect((await runPlay(spec('pays', 'flow1'), both)).told).toContain('changed handler told');
  expect(await owed()).toBe('');
});

describe('what check mode knows of a result, and who leans on it', () => {
  const checked = async (tasks: () => readonly TaskItem[], spec: Partial<PlaySpec> = {}): Promise<string[]> => {
    const run = await runPlay(play(tasks, spec), { ...there, check: true });
    return run.tasks.map(
      ({ event, task, status, may, assumed }) =>
        `${event === 'handler' ? 'handler ' : ''}${task}: ${may === null ? status : 'may'}${assumed.length > 0 ? ', assumed' : ''}`,
    );
  };

  test('what a guarded command makes may be read by then, and is not known', async () => {
    const seen = await checked(() => {
      const read = slurp({ src: '/root/not-yet' }, { name: 'read', ignoreErrors: true });
      return [
        shell({ cmd: 'echo made >/root/not-yet', creates: '/root/not-yet' }, { name: 'make' }),
        read,
        copy({ dest: '/root/copy', content: ({ results }) => results(read).text }, { name: 'copy' }),
      ];
    });
    expect(seen).toEqual(['make: changed', 'read: may', 'copy: may']);
  });

  test('what decides by the output of a command that has not run is open, with those who read it and its handler', async () => {
    const told = handler('told', () => copy({ dest: '/root/told', content: 'x' }, { name: 'told' }));
    const seen = await checked(() => {
      const decided = command(
        { argv: ['echo', 'no'], changes: 'always' },
        { name: 'decided', changedWhen: ({ result }) => result.stdout === 'yes', notify: told },
      );
      return [
        decided,
        copy(
          { dest: '/root/reader', content: 'x' },
          { name: 'reader', when: ({ results }) => results(decided).changed },
        ),
      ];
    });
    expect(seen).toEqual(['decided: may', 'reader: may', 'handler told: may']);
  });

  test('who reads a result that rests on a guess rests on it too', async () => {
    const seen = await checked(() => {
      const looks = copy({ dest: '/root/unknown-folder/f', content: 'x' }, { name: 'looks' });
      return [
        shell({ cmd: 'mkdir /root/unknown-folder', creates: '/root/unknown-folder' }, { name: 'make' }),
        looks,
        copy({ dest: '/root/reader', content: 'x' }, { name: 'reader', when: ({ results }) => results(looks).changed }),
      ];
    });
    expect(seen).toEqual(['make: changed', 'looks: changed, assumed', 'reader: changed, assumed']);
  });
});
