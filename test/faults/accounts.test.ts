import { expect, test } from 'vitest';
import type { Target } from '../../src/connection/index.ts';
import { block, handler, type TaskItem } from '../../src/playbook/index.ts';
import { command, copy, shell } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { hundredTasks } from './mixed-play.ts';

const hosts = useHosts('account1');
const spec = { hosts: 'all', become: true, ...hundredTasks() };

const ways: { user: LoginUser; transport: Target['transport'] }[] = [
  { user: 'root', transport: 'ssh2' },
  { user: 'admin', transport: 'ssh2' },
  { user: 'operator', transport: 'ssh2' },
  { user: 'root', transport: 'openssh' },
  { user: 'admin', transport: 'openssh' },
  { user: 'operator', transport: 'openssh' },
];

test.each(ways)(
  'as $user over $transport: a first run converges, a second finds nothing to do in at most 3 exchanges',
  async ({ user, transport }) => {
    await hosts.reset('account1');
    const options: RunPlayOptions = {
      inventory: 'account1,',
      target: (name) => ({ ...hosts.target(name, user), transport }),
      ...(user === 'operator' ? { becomePassword: new Secret(hosts.password()) } : {}),
    };
    const first = await runPlay(spec, options);
    expect(first.tasks.filter((task) => task.error).map((task) => task.error)).toEqual([]);
    expect(first.recap).toMatchObject({ exit: 0, hosts: { account1: { changed: 86 } } });
    const second = await runPlay(spec, options);
    expect(second.recap.hosts['account1']).toMatchObject({ ok: 100, changed: 0 });
    expect(second.exchanges).toBeLessThanOrEqual(3);
  },
);

test('a wrong sudo password fails that host alone, says whose it is, and changes nothing', async () => {
  const options: RunPlayOptions = {
    inventory: 'account1,',
    target: (name) => hosts.target(name, 'operator'),
    becomePassword: new Secret('not this'),
  };
  const run = await runPlay(spec, options);
  const failed = run.events.find((event) => event.event === 'host-failed');
  expect(failed?.event === 'host-failed' && failed.error.what).toMatch(/wrong sudo password.*operator.*account1/i);
  expect(run.recap.exit).toBe(2);
});

test('who may not use sudo is told so', async () => {
  const run = await runPlay(spec, {
    inventory: 'account1,',
    target: (name) => hosts.target(name, 'nosudo'),
    becomePassword: new Secret('x'),
  });
  const failed = run.events.find((event) => event.event === 'host-failed');
  expect(failed?.event === 'host-failed' && failed.error.what).toMatch(/nosudo/);
});

test('a wrong sudo password inside a block is rescued, as in Ansible, and asked of sudo once', async () => {
  const tasks = (): TaskItem[] => [
    shell({ cmd: 'echo before', changes: 'always' }, { name: 'as myself', become: false }),
    block(
      [
        command({ argv: ['id', '-un'], changes: 'always' }, { name: 'as root' }),
        command({ argv: ['true'], changes: 'always' }, { name: 'behind it' }),
      ],
      {
        rescue: [
          shell({ cmd: 'echo rescued', changes: 'always' }, { name: 'rescue', become: false }),
          command({ argv: ['true'], changes: 'always' }, { name: 'root again', ignoreErrors: true }),
        ],
        always: [shell({ cmd: 'echo always', changes: 'always' }, { name: 'always', become: false })],
      },
    ),
    shell({ cmd: 'echo next', changes: 'always' }, { name: 'next', become: false }),
  ];
  const options: RunPlayOptions = {
    inventory: 'account1,',
    target: (name) => hosts.target(name, 'operator'),
    becomePassword: new Secret('not this'),
  };
  const tries = async (): Promise<number> =>
    Number(
      (
        await hosts.exec('account1', [
          'sh',
          '-c',
          'journalctl --sync; journalctl -q -t sudo | grep -c "authentication failure\\|incorrect password"',
        ])
      ).stdout.trim() || 0,
    );
  const before = await tries();
  const run = await runPlay({ hosts: 'all', become: true, tasks }, options);
  expect(run.told).toEqual([
    'changed as myself',
    'failed as root',
    'changed rescue',
    'failed root again',
    'changed always',
    'changed next',
  ]);
  expect(run.tasks[1]).toMatchObject({
    rescued: true,
    error: { what: expect.stringMatching(/wrong sudo password/) as string },
  });
  expect(run.recap).toMatchObject({
    exit: 0,
    hosts: { account1: { rescued: 1, ignored: 1, failed: 0, unreachable: 0 } },
  });
  expect((await tries()) - before).toBeLessThanOrEqual(2);
});

test('Ctrl-C between two handlers: what is left is owed, and the next run pays it', async () => {
  const stop = new AbortController();
  let isFirst = true;
  const abortOnce = (): boolean => {
    if (isFirst) stop.abort();
    isFirst = false;
    return true;
  };
  const one = handler('one', () =>
    shell({ cmd: 'echo one >>/srv/paid', changes: 'always' }, { changedWhen: abortOnce }),
  );
  const two = handler('two', () => shell({ cmd: 'echo two >>/srv/paid', changes: 'always' }));
  const play = {
    hosts: 'all',
    become: true,
    tasks: () => [copy({ dest: '/srv/of-handlers', content: 'x' }, { notify: [one, two] })],
  };
  const options: RunPlayOptions = { inventory: 'account1,', target: (name) => hosts.target(name, 'admin') };
  const interrupted = await runPlay(play, { ...options, signal: stop.signal });
  expect(interrupted.recap.exit).toBe(99);
  expect(interrupted.told).toEqual(['changed copy /srv/of-handlers', 'changed handler one']);
  expect(interrupted.events).toContainEqual(
    expect.objectContaining({
      event: 'notice',
      text: expect.stringMatching(/interrupted: 1 left of this play, from "two" on/) as string,
    }),
  );
  const next = await runPlay(play, options);
  expect(next.told).toEqual(['ok copy /srv/of-handlers', 'changed handler one', 'changed handler two']);
  expect((await hosts.exec('account1', ['cat', '/srv/paid'])).stdout).toBe('one\none\ntwo\n');
  expect((await runPlay(play, options)).told).toEqual(['ok copy /srv/of-handlers']);
});
