import { expect, test } from 'vitest';
import type { Target } from '../../src/connection/index.ts';
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

test.each(ways)('as $user over $transport: a first run converges, a second finds nothing to do in at most 3 exchanges', async ({ user, transport }) => {
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
});

test('a wrong sudo password fails that host alone, says whose it is, and changes nothing', async () => {
  const options: RunPlayOptions = { inventory: 'account1,', target: (name) => hosts.target(name, 'operator'), becomePassword: new Secret('not this') };
  const run = await runPlay(spec, options);
  const failed = run.events.find((event) => event.event === 'host-failed');
  expect(failed?.event === 'host-failed' && failed.error.what).toMatch(/wrong sudo password.*operator.*account1/i);
  expect(run.recap.exit).toBe(2);
});

test('who may not use sudo is told so', async () => {
  const run = await runPlay(spec, { inventory: 'account1,', target: (name) => hosts.target(name, 'nosudo'), becomePassword: new Secret('x') });
  const failed = run.events.find((event) => event.event === 'host-failed');
  expect(failed?.event === 'host-failed' && failed.error.what).toMatch(/nosudo/);
});
