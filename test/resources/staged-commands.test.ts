/** Reading commands in check mode: what they see otherwise where planned files are in place. */
import { expect, test } from 'vitest';
import { commandOutput } from '../../src/resources/commands/command.probe.ts';

const cases: readonly [script: string, paths: readonly string[], why: string | undefined][] = [
  ['cat /etc/motd', ['/etc/motd'], undefined],
  ['findmnt -no FSTYPE /srv', [], 'the view with planned files has mounts of its own'],
  ['mountpoint -q /srv', [], 'the view with planned files has mounts of its own'],
  ['grep /srv /proc/self/mounts', [], 'the view with planned files has mounts of its own'],
  ['cat /etc/amount.conf', [], undefined],
  ['systemctl is-active nginx', ['/etc/nginx/nginx.conf'], undefined],
  ['systemctl is-enabled app', ['/etc/systemd/system/app.service'], 'systemd itself cannot see planned files'],
  ['service app status', ['/etc/init.d/app'], 'systemd itself cannot see planned files'],
];

test.each(cases)('%s, with %j planned', (script, paths, why) => {
  const { kind, args } = commandOutput(script, '');
  expect(kind.staged?.distorts?.(args, paths)).toBe(why);
});
