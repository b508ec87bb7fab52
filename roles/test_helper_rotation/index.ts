import { copy, defineRole, secret, systemd, systemdUnit, v, secretOf, option } from 'play';
import { sshKeyOnHost } from '../ssh-key.ts';

const key = '/etc/ooni/testhelper_ssh_key';
const closed = { owner: 'root', group: 'root', mode: '0400' };

/** The program is part of the API's package. Without `test_helper_rotation` none are. */
export const testHelperRotation = defineRole(import.meta, {
  description: 'Test helpers that are replaced by fresh ones on a schedule, so that nobody can block them for long.',
  vars: {
    test_helper_rotation: v.optional(
      option.object('How they are rotated. Absent: they are not.', {
        regions: option.list('Where the provider is to make them.', v.string(), v.minLength(1)),
        image: v.string(),
        dns_zone: option.text('Zone their names are put into.'),
        every: option.text('When, as in systemd.time(7).', '*-*-1/4 02:00'),
      }),
    ),
    test_helper_cloud_token: v.optional(option.secret('Token of the provider.')),
  },
  tasks({ vars: { test_helper_rotation: wanted, test_helper_cloud_token: token }, host }) {
    if (wanted === undefined) return [];
    return [
      copy(
        {
          content: secret`[DEFAULT]\ntoken = ${secretOf(host, 'test_helper_cloud_token', token)}\nregions = ${wanted.regions.join(' ')}\nimage = ${wanted.image}\ndns_zone = ${wanted.dns_zone}\nssh_key = ${key}\n`,
          dest: '/etc/ooni/rotation.conf',
          ...closed,
        },
        { name: 'configuration of the rotation', tags: 'conf' },
      ),
      // It must be known to the provider before the first rotation.
      ...sshKeyOnHost({ path: key, what: 'test helpers', comment: `test helpers of ${host.name}` }),
      systemdUnit(
        {
          name: 'ooni-rotation.service',
          sections: {
            Unit: { Description: 'Replace test helpers by fresh ones' },
            Service: { Type: 'oneshot', ExecStart: '/usr/bin/rotation', TimeoutStartSec: '30min' },
          },
        },
        { name: 'service of the rotation' },
      ),
      systemdUnit(
        {
          name: 'ooni-rotation.timer',
          sections: {
            Unit: { Description: 'Replace test helpers on a schedule' },
            Timer: { OnCalendar: wanted.every, Persistent: true },
            Install: { WantedBy: 'timers.target' },
          },
        },
        { name: 'timer of the rotation' },
      ),
      systemd({ name: 'ooni-rotation.timer', state: 'started', enabled: true }, { name: 'start the rotation' }),
    ];
  },
});
