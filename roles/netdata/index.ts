import { apt, copy, defineRole, file, handler, systemd, template, v, option, systemFiles } from 'play';
import { openPort } from 'play/roles/nftables';

const restart = handler('restart netdata', () => systemd({ name: 'netdata', state: 'restarted' }));

/** In place before the package, which starts it: so it starts with them. */
export const netdataSettings = defineRole(import.meta, {
  name: 'netdata_settings',
  description: 'Settings of netdata, for before its package comes: list it before the role that installs it.',
  vars: {
    netdata_listen: option.text('Addresses it listens on, by blanks. It has no password of its own.', '127.0.0.1'),
    netdata_history: option.integer('MiB of disk for what was.', 256, v.minValue(64)),
  },
  defaults: { ...systemFiles },
  tasks: () => [
    file({ path: '/etc/netdata', state: 'directory' }, { name: 'folder for settings of netdata' }),
    template(
      { src: 'netdata.conf.hbs', dest: '/etc/netdata/netdata.conf' },
      { name: 'settings of netdata', notify: restart },
    ),
    // It tells its makers of itself, but where this file is.
    copy(
      {
        content: '',
        dest: '/etc/netdata/.opt-out-from-anonymous-statistics',
      },
      { name: 'netdata keeps to itself' },
    ),
  ],
});

export const netdata = defineRole(import.meta, {
  description: 'netdata: what happens on the host this second. List `netdata_settings` before it.',
  vars: {
    netdata_open_to: option.list(
      'Who may come to its port from outside. None: the port is not opened.',
      option.network('An address or a network.'),
      [],
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host }) => [
    apt({ name: 'netdata' }, { name: 'install netdata' }),
    systemd({ name: 'netdata', state: 'started', enabled: true }, { name: 'start netdata' }),
    ...(vars.netdata_open_to.length === 0
      ? []
      : [openPort(host, { port: 19999, why: 'netdata', from: vars.netdata_open_to })]),
  ],
});
