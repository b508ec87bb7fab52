import { expect, test } from 'vitest';
import { handler } from '../../src/playbook/index.ts';
import { copy, local, reboot, systemd } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('reboot');

test('a host is rebooted, waited for, and the play goes on', async () => {
  const spec = {
    hosts: 'all',
    become: true,
    tasks: () => [
      copy({ dest: '/run/gone', content: 'x' }),
      reboot({ rebootTimeout: 120 }),
      copy({ dest: '/root/after', content: 'x' }),
      systemd({ name: 'ssh', state: 'started' }),
    ],
  };
  const there = { inventory: 'reboot,', target: (name: string) => hosts.target(name, 'root') };
  const foretold = await runPlay(spec, { ...there, check: true });
  expect((await hosts.exec('reboot', ['systemctl', 'is-active', 'dbus'])).stdout.trim()).toBe('active');
  const done = await runPlay(spec, there);
  expect(done.tasks.map((task) => task.error?.what ?? '').join('')).toBe('');
  expect(done.told).toEqual(['changed copy /run/gone', 'changed reboot', 'changed copy /root/after', 'ok systemd ssh']);
  expect(foretold.told).toEqual(done.told);
  expect((await hosts.exec('reboot', ['ls', '/run/gone'])).code).not.toBe(0);
});

test('what is done by hand owes its handlers like any other change', async () => {
  const note = handler('note', () => copy({ dest: '/root/noted', content: 'x' }));
  const spec = {
    hosts: 'all',
    become: true,
    tasks: () => [
      copy({ dest: '/root/first', content: 'x' }),
      local({ changes: 'always', run: () => 'y' }, { notify: note }),
      copy({ dest: '/root/last', content: 'x' }),
    ],
  };
  const there = { inventory: 'reboot,', target: (name: string) => hosts.target(name, 'root') };
  expect((await runPlay(spec, { ...there, check: true })).told).toEqual((await runPlay(spec, there)).told);
  expect((await hosts.exec('reboot', ['cat', '/root/first', '/root/last', '/root/noted'])).stdout).toBe('xxx');
  expect((await hosts.exec('reboot', ['ls', '/var/lib/play'])).code).not.toBe(0);
});
