import { beforeAll, expect, test, vi } from 'vitest';
import { connect, type Connection } from '../../src/connection/index.ts';
import { handler, type PlaySpec, type Task, type TaskItem } from '../../src/playbook/index.ts';
import { transaction } from '../../src/resources/commands/transaction.ts';
import { command, copy, file } from '../../src/resources/index.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('trans1', 'trans2');
const there: RunPlayOptions = { inventory: 'trans1,trans2', target: (name) => hosts.target(name) };
const sh = async (script: string, host = 'trans1'): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();

// A service that makes do with less: what it "runs" with is what it read at its last reload.
const reload = handler('reload app', () =>
  command({
    argv: ['sh', '-c', 'grep -q broken-reload /etc/app/b && exit 1; cat /etc/app/a /etc/app/b >/run/app'],
    changes: 'always',
  }),
);
const play = (tasks: () => readonly TaskItem[], spec: Partial<PlaySpec> = {}): PlaySpec => ({
  name: 'app',
  hosts: 'trans1',
  become: true,
  tasks,
  ...spec,
});
/** Two files that must say the same; the service must not run with "ill". */
const app = (a: string, b = a, more: () => readonly Task[] = () => []) =>
  transaction(
    [
      copy({ dest: '/etc/app/a', content: `${a}\n` }, { notify: reload }),
      copy({ dest: '/etc/app/b', content: `${b}\n` }, { notify: reload }),
      ...more(),
    ],
    {
      name: 'app',
      validate: 'cmp /etc/app/a /etc/app/b',
      healthy: [command({ argv: ['sh', '-c', '! grep ill /run/app'], changes: 'never' }, { name: 'well' })],
      retries: 0,
    },
  );

beforeAll(async () => {
  await sh('mkdir -p /etc/app; echo old >/etc/app/a; echo old >/etc/app/b; cat /etc/app/a /etc/app/b >/run/app');
});

test('all is made together, and the second run changes nothing', async () => {
  const predicted = await runPlay(
    play(() => [app('one')]),
    { ...there, check: true },
  );
  const run = await runPlay(
    play(() => [app('one')]),
    there,
  );
  expect(run.told).toEqual([
    'changed copy /etc/app/a',
    'changed copy /etc/app/b',
    'ok cmp /etc/app/a /etc/app/b',
    'changed handler reload app',
    'ok well',
  ]);
  expect(predicted.told).toEqual(run.told);
  expect(await sh('cat /run/app')).toBe('one\none');
  const again = await runPlay(
    play(() => [app('one')]),
    there,
  );
  expect(again.told.slice(2)).toEqual(['skipped cmp /etc/app/a /etc/app/b', 'skipped well']);
  expect(again.recap.hosts['trans1']).toMatchObject({ changed: 0, failed: 0 });
  expect(await sh('ls -A /var/lib/play/owed 2>/dev/null')).toBe('');
});

test('what does not fit together is refused before anything is changed, in check mode alike', async () => {
  const predicted = await runPlay(
    play(() => [app('two', 'three')]),
    { ...there, check: true },
  );
  const run = await runPlay(
    play(() => [app('two', 'three')]),
    there,
  );
  expect(run.told).toEqual(['failed cmp /etc/app/a /etc/app/b']);
  expect(predicted.told).toEqual(run.told);
  expect(run.tasks[0]?.changes).toHaveLength(2);
  expect(await sh('cat /etc/app/a /etc/app/b /run/app; ls -A /var/lib/play/owed 2>/dev/null')).toBe(
    'one\none\none\none',
  );
});

test('what is not well is put back with all its attributes, and used again', async () => {
  await sh(
    'chown daemon:adm /etc/app/a; chmod 2640 /etc/app/a; setfacl -m u:games:r /etc/app/b; setfattr -n user.x -v 1 /etc/app/b; ln -s a /etc/app/link; mkdir -m 0711 /etc/app/dir; :',
  );
  const look =
    'cd /etc/app; stat -c "%a %u %g %F" *; getfacl -p b 2>/dev/null; getfattr -n user.x b 2>/dev/null; readlink link; cat a b /run/app; ls -A';
  const before = await sh(look);
  const run = await runPlay(
    play(() => [
      app('ill', 'ill', () => [
        file({ path: '/etc/app/new', state: 'directory' }),
        copy({ dest: '/etc/app/new/-odd "name"\n\u00fc', content: 'x' }),
        file({ path: '/etc/app/link', src: 'b', state: 'link' }),
        file({ path: '/etc/app/dir', state: 'directory', mode: '0700', owner: 'daemon' }),
      ]),
    ]),
    there,
  );
  expect(run.told.slice(6)).toEqual([
    'ok cmp /etc/app/a /etc/app/b',
    'changed handler reload app',
    'failed well',
    'changed put back 6 files',
    'changed handler reload app',
    'ok well',
  ]);
  expect(run.recap).toMatchObject({ exit: 2, hosts: { trans1: { failed: 1 } } });
  expect(await sh(look)).toBe(before);
  expect(await sh('ls -A /var/lib/play/owed 2>/dev/null')).toBe('');
});

test('a reload that fails is put back', async () => {
  const before = await sh('cat /etc/app/a /etc/app/b /run/app');
  const run = await runPlay(
    play(() => [app('broken-reload')]),
    there,
  );
  expect(run.told.slice(3)).toEqual([
    'failed handler reload app',
    'changed put back 2 files',
    'changed handler reload app',
    'ok well',
  ]);
  expect(await sh('cat /etc/app/a /etc/app/b /run/app')).toBe(before);
});

test('what cannot be put right either is told, and no further host is begun', async () => {
  const run = await runPlay(
    play(
      () => [
        transaction([copy({ dest: '/etc/app/a', content: 'three\n' }, { notify: reload })], {
          name: 'hopeless',
          healthy: [command({ argv: ['false'], changes: 'never' }, { name: 'never well' })],
          retries: 0,
        }),
      ],
      { hosts: 'trans1,trans2', maxFailPercentage: 100 },
    ),
    { ...there, forks: 1 },
  );
  expect(run.events.flatMap((event) => (event.event === 'notice' ? [event.text] : [])).at(-1)).toMatch(
    /^NOT RESTORED: "hopeless": the files are as before, but that does not work either/,
  );
  expect(run.events.find(({ event }) => event === 'rollout-stopped')).toMatchObject({
    why: 'NOT RESTORED on trans1',
    notBegun: ['trans2'],
  });
  expect(await sh('cat /etc/app/a')).toBe('one');
  expect(await sh('ls -A /var/lib/play/owed | wc -l')).toBe('1');
});

test('a run that is killed at any step leaves all old or all new, and the next one finishes it or puts it back', async () => {
  const state = () =>
    sh(
      'cat /etc/app/a /etc/app/b | tr "\\n" " "; cat /run/app | tr "\\n" " "; ls -A /var/lib/play/owed 2>/dev/null | wc -l',
    );
  for (let steps = 1; ; steps++) {
    await sh('rm -rf /var/lib/play/owed; cd /etc/app; rm -rf *; echo old >a; echo old >b; cat a b >/run/app');
    const text = steps % 2 === 0 ? 'ill' : `good${steps}`;
    const tasks = play(() => [app(text)]);
    let isOver = false;
    await Promise.race([
      runPlay(tasks, {
        ...there,
        connect: (target) => connect(target).then((one) => killedAfter(one, steps, () => (isOver = true))),
      }).then(() => (isOver = false)),
      vi.waitFor(() => expect(isOver).toBe(true), { timeout: 120_000, interval: 20 }),
    ]);
    if (!isOver) break;
    expect(await state()).toMatch(new RegExp(`^(?:old old|${text} ${text}) `));
    await runPlay(tasks, there);
    expect(await state()).toBe(text === 'ill' ? 'old old old old 0' : `${text} ${text} ${text} ${text} 0`);
  }
});

/** A connection over which nothing comes back after so many exchanges: as if who sent them was killed. */
function killedAfter(connection: Connection, steps: number, onEnd: () => void): Connection {
  let left = steps;
  const ending = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const came: unknown = value.apply(target, args);
          if (name === 'lane') return (came as Promise<object>).then(ending);
          if (name !== 'exchange') return came;
          return (came as Promise<unknown>).then((replies) => {
            if (--left > 0) return replies;
            onEnd();
            return new Promise(() => undefined);
          });
        };
      },
    });
  return ending(connection);
}

test('what is asked with a tool that is missing is not asked again and again', async () => {
  const started = performance.now();
  const run = await runPlay(
    play(() => [
      transaction([copy({ dest: '/etc/app/a', content: 'four\n' })], {
        healthy: [command({ argv: ['no-such-tool'], changes: 'never' }, { name: 'well' })],
        retries: 20,
        delay: 20,
      }),
    ]),
    there,
  );
  expect(run.tasks.find(({ task }) => task === 'well')?.error?.what).toMatch(/no-such-tool/);
  expect(run.recap.exit).not.toBe(0);
  expect(performance.now() - started).toBeLessThan(200_000);
});
