import { apt, copy, defineRole, file, handler, systemd, template, v } from 'play';
import { firewallChanged, openPort } from '../nftables/index.ts';
import { network } from '../nftables/ports.ts';

const restart = handler('restart netdata', () => systemd({ name: 'netdata', state: 'restarted' }));

/** netdata: what happens on the host this second. */
export const netdata = defineRole({
  name: 'netdata',
  dir: import.meta.dirname,
  vars: {
    netdata_listen: v.optional(
      v.pipe(v.string(), v.description('Addresses it listens on, by blanks. It has no password of its own.')),
      '127.0.0.1',
    ),
    netdata_open_to: v.optional(
      v.pipe(v.array(network), v.description('Who may come to its port from outside. None: the port is not opened.')),
      [],
    ),
    netdata_history: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(64), v.description('MiB of disk for what was.')),
      256,
    ),
  },
  handlers: [restart],
  tasks: ({ vars }) => [
    file(
      { path: '/etc/netdata', state: 'directory', owner: 'root', group: 'root', mode: '0755' },
      { name: 'folder for settings of netdata' },
    ),
    // Before the package, which starts it: so it starts with them.
    template(
      { src: 'netdata.conf.hbs', dest: '/etc/netdata/netdata.conf', owner: 'root', group: 'root', mode: '0644' },
      { name: 'settings of netdata', notify: restart },
    ),
    // It tells its makers of itself, but where this file is.
    copy(
      {
        content: '',
        dest: '/etc/netdata/.opt-out-from-anonymous-statistics',
        owner: 'root',
        group: 'root',
        mode: '0644',
      },
      { name: 'netdata keeps to itself' },
    ),
    apt({ name: 'netdata', installRecommends: false }, { name: 'install netdata' }),
    systemd({ name: 'netdata', state: 'started', enabled: true }, { name: 'start netdata' }),
    ...(vars.netdata_open_to.length === 0
      ? []
      : [openPort({ port: 19999, why: 'netdata', from: vars.netdata_open_to }, { notify: firewallChanged })]),
  ],
});
