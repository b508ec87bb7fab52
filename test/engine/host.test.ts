import { expect, test } from 'vitest';
import { handler, topic, type PlaySpec } from '../../src/playbook/index.ts';
import { each } from '../../src/resources/commands/each.ts';
import { command, copy, file } from '../../src/resources/index.ts';
import { marker } from '../support/marker.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('engine1');
const there: RunPlayOptions = { inventory: 'engine1,', target: (name) => hosts.target(name) };
const play = (spec: Omit<PlaySpec, 'hosts'>): PlaySpec => ({ hosts: 'all', become: true, ...spec });
const read = async (path: string): Promise<string | null> => {
  const { code, stdout } = await hosts.exec('engine1', ['cat', path]);
  return code === 0 ? stdout : null;
};

const write = async (path: string, text: string, mode = '0644'): Promise<void> => {
  const script = 'mkdir -p "${1%/*}"; printf %s "$2" >"$1"; chmod "$3" "$1"';
  await hosts.exec('engine1', ['sh', '-c', script, 'sh', path, text, mode]);
};

test('a converged host of 100 tasks costs one exchange, a first run four', async () => {
  const spec = play({
    tasks: () =>
      Array.from({ length: 100 }, (_, i) => copy({ dest: `/etc/many-${i}`, content: `number ${i}\n`, mode: '0644' })),
  });
  const first = await runPlay(spec, there);
  expect(first.recap.hosts['engine1']).toMatchObject({ changed: 100, failed: 0 });
  expect(first.exchanges).toBeLessThanOrEqual(4);
  const second = await runPlay(spec, there);
  expect(second.recap.hosts['engine1']).toMatchObject({ changed: 0, ok: 100 });
  expect(second.exchanges).toBe(1);
});

test('handlers run once each, in the order of their declaration, after the tasks', async () => {
  const first = handler('first', () => marker({ path: '/root/first', text: '1', always: true }));
  const second = handler('second', () => marker({ path: '/root/second', text: '2', always: true }));
  const both = topic('both', [second, first]);
  const spec = play({
    tasks: () => [
      marker({ path: '/root/a', text: 'a' }, { notify: both }),
      marker({ path: '/root/b', text: 'b' }, { notify: [second] }),
    ],
  });
  const run = await runPlay(spec, there);
  expect(run.told).toEqual([
    'changed marker /root/a',
    'changed marker /root/b',
    'changed handler first',
    'changed handler second',
  ]);
  expect((await runPlay(spec, there)).told).toEqual(['ok marker /root/a', 'ok marker /root/b']);
  expect(await read('/var/lib/play/owed')).toBeNull();
  expect((await hosts.exec('engine1', ['ls', '-d', '/var/lib/play'])).code).not.toBe(0);
});

test('a handler that fails stops those behind it, and a later run pays what is owed', async () => {
  const check = (fail: boolean) =>
    handler('check', () => marker({ path: '/root/check', text: 'ok', always: true, fail }));
  const spec = (bad: boolean): PlaySpec => {
    const checking = check(bad);
    const reload = handler('reload', () => marker({ path: '/root/reload', text: 'done', always: true }));
    return play({
      tasks: () => [marker({ path: '/root/conf', text: 'x' }, { notify: [checking, reload] })],
    });
  };
  const broken = await runPlay(spec(true), there);
  expect(broken.told).toEqual(['changed marker /root/conf', 'failed handler check']);
  expect(await read('/root/reload')).toBeNull();
  const other = await runPlay(
    { ...play({ tasks: () => [marker({ path: '/root/other', text: 'x' })] }), name: 'other' },
    there,
  );
  expect(
    other.events
      .filter((event) => event.event === 'notice')
      .map((event) => event.text)
      .join(),
  ).toMatch(/owed since .* by .*: reload \(play "all" will run it\)/);
  const fixed = await runPlay(spec(false), there);
  expect(fixed.told).toEqual(['ok marker /root/conf', 'changed handler check', 'changed handler reload']);
  expect((await runPlay(spec(false), there)).told).toEqual(['ok marker /root/conf']);
});

test('a failure stops the tasks behind it, also those sent in the same exchange', async () => {
  const spec = play({
    tasks: () => [
      marker({ path: '/root/one', text: '1' }),
      marker({ path: '/root/two', text: '2', fail: true }),
      marker({ path: '/root/three', text: '3' }),
    ],
  });
  const run = await runPlay(spec, there);
  expect(run.told).toEqual(['changed marker /root/one', 'failed marker /root/two']);
  expect(run.tasks[1]?.error).toMatchObject({ code: 3, stderr: 'no luck\n' });
  expect(run.recap).toMatchObject({ exit: 2 });
  expect(await read('/root/three')).toBeNull();
});

test('what is told stands in the order of the tasks, whatever travels together', async () => {
  const spec = play({
    tasks: () => [
      marker({ path: '/root/o1', text: '1' }),
      copy({ dest: '/etc/hostname', content: 'engine1\n' }, { name: 'right already' }),
      marker({ path: '/root/o2', text: '2' }),
      copy({ dest: '/x', content: '' }, { name: 'left out', when: false }),
      marker({ path: '/root/o3', text: '3' }),
    ],
  });
  const told = (await runPlay(spec, there)).told;
  expect(told).toEqual([
    'changed marker /root/o1',
    'ok right already',
    'changed marker /root/o2',
    'skipped left out',
    'changed marker /root/o3',
  ]);
});

test('a change that does not hold is a failure, not a success', async () => {
  const run = await runPlay(play({ tasks: () => [marker({ path: '/root/liar', text: 'x', lie: true })] }), there);
  expect(run.tasks[0]?.error?.what).toContain('did not hold');
});

test('a result is read by later tasks, and a task that reads it waits for it', async () => {
  const spec = play({
    tasks: () => {
      const made = marker({ path: '/root/made', text: 'hello' });
      return [
        made,
        marker({ path: '/root/copied', text: ({ results }) => `${results(made).text} ${results(made).changed}` }),
      ];
    },
  });
  await runPlay(spec, there);
  expect(await read('/root/copied')).toBe('hello true');
});

test('facts are asked together, when they are read', async () => {
  const spec = play({
    tasks: () => [
      copy({
        dest: '/etc/os-name',
        content: ({ facts }) => `${facts.distribution} ${facts.distributionRelease} ${facts.serviceManager}\n`,
      }),
      copy({ dest: '/etc/never', content: 'x' }, { when: ({ facts }) => facts.memoryMb < 1 }),
    ],
  });
  const run = await runPlay(spec, there);
  expect(run.told).toEqual(['changed copy /etc/os-name', 'skipped copy /etc/never']);
  expect(await read('/etc/os-name')).toBe('debian bookworm systemd\n');
  const again = await runPlay(spec, there);
  expect(again.exchanges).toBeLessThanOrEqual(3);
});

test('facts that cost more are asked for by themselves; local ones are those that only root could write', async () => {
  await write('/etc/ansible/facts.d/site.fact', '[Main]\nRole = web\n');
  await write('/etc/ansible/facts.d/lists.fact', '{"names": ["a", "b"]}');
  await write('/etc/ansible/facts.d/run.fact', '#!/bin/sh\necho "{\\"pid\\": 1}"\n', '0755');
  await write('/etc/ansible/facts.d/open.fact', '{"by": "anybody"}', '0666');
  const spec = play({
    tasks: () => [
      copy({ dest: '/root/local', content: ({ facts }) => JSON.stringify(facts.local) }),
      copy({ dest: '/root/dpkg', content: ({ facts }) => String(facts.packages['dpkg']?.[0]?.architecture) }),
      copy({
        dest: '/root/others',
        content: ({ facts }) =>
          `${facts.fqdn} ${facts.virtualization} ${facts.swapMb >= 0} ${facts.mounts.every(({ size }) => size > 0)} ${/^(3\.|$)/.test(facts.pythonVersion)}`,
      }),
    ],
  });
  await runPlay(spec, there);
  expect(JSON.parse((await read('/root/local')) ?? '')).toEqual({
    site: { Main: { role: 'web' } },
    lists: { names: ['a', 'b'] },
    run: { pid: 1 },
  });
  expect(await read('/root/dpkg')).toBe('amd64');
  expect(await read('/root/others')).toMatch(/^engine1\S* \S+ true true true$/);
});

test('each: a list that only the run knows is one task, foretold and done once', async () => {
  await write('/root/old/a', 'a');
  await write('/root/old/b', 'b');
  const spec = play({
    tasks: () => {
      const list = command({ cmd: 'ls /root/old', changes: 'never' });
      const removed = each(
        file,
        ({ results }) =>
          results(list).stdoutLines.map((name) => ({ path: `/root/old/${name}`, state: 'absent' as const })),
        { name: 'old files' },
      );
      const said = each(command, () =>
        ['one', 'two'].map((word) => ({ cmd: `echo ${word}`, changes: 'always' as const })),
      );
      return [
        list,
        removed,
        said,
        copy({
          dest: '/root/said',
          content: ({ results }) =>
            results(said)
              .results.map(({ stdout, changed }) => `${stdout} ${changed}`)
              .join(),
        }),
      ];
    },
  });
  const foretold = await runPlay(spec, { ...there, check: true });
  const real = await runPlay(spec, there);
  expect(foretold.told.slice(0, 2)).toEqual(real.told.slice(0, 2));
  expect(real.told[1]).toBe('changed old files');
  expect(real.tasks[1]?.changes.map(({ what }) => what)).toHaveLength(2);
  expect(await read('/root/old/a')).toBeNull();
  expect(await read('/root/said')).toBe('one true,two true');
  const again = await runPlay(spec, there);
  expect(again.told[1]).toBe('ok old files');
});

test('check mode plans later tasks against what earlier ones will have done, and touches nothing', async () => {
  const spec = play({
    tasks: () => [
      marker({ path: '/root/future', text: 'new' }),
      copy({ dest: '/root/future', content: 'newer' }),
      copy({ dest: '/root/future', content: 'newer', mode: '0600' }, { when: () => true }),
    ],
  });
  const predicted = await runPlay(spec, { ...there, check: true });
  expect(await read('/root/future')).toBeNull();
  const real = await runPlay(spec, there);
  expect(predicted.told).toEqual(real.told);
  expect(predicted.tasks.map((task) => task.changes)).toEqual(real.tasks.map((task) => task.changes));
});

test('in check mode a task as an account that a command may make is told once, and those behind it too', async () => {
  const spec = play({
    tasks: () => [
      command({ cmd: 'useradd later', changes: 'always' }),
      copy({ dest: '/tmp/later', content: 'x' }, { becomeUser: 'later' }),
      copy({ dest: '/tmp/behind', content: 'x' }),
    ],
  });
  const { tasks } = await runPlay(spec, { ...there, check: true });
  expect(tasks.map(({ status, may }) => (may === null ? status : 'may'))).toEqual(['changed', 'may', 'changed']);
  expect(tasks[1]?.may).toMatch(/^there is no user later on engine1 yet/);
});

test('tasks of different accounts keep their order', async () => {
  const spec = play({
    tasks: () => [
      marker({ path: '/tmp/mine', text: '1' }, { become: false }),
      copy({ dest: '/tmp/theirs', content: '2', mode: '0600' }),
      marker({ path: '/tmp/nobodys', text: '3' }, { becomeUser: 'operator' }),
    ],
  });
  expect((await runPlay(spec, there)).recap.hosts['engine1']).toMatchObject({ changed: 3, failed: 0 });
  const owners = await hosts.exec('engine1', ['stat', '-c', '%U', '/tmp/mine', '/tmp/theirs', '/tmp/nobodys']);
  expect(owners.stdout).toBe('admin\nroot\noperator\n');
  expect((await runPlay(spec, there)).recap.hosts['engine1']).toMatchObject({ changed: 0, failed: 0 });
});
