import { apt, command, copy, defineRole, file, handler, systemd, systemdUnit, topic, v } from 'play';
import { main, openPort, portFolder, portSchema, unit } from './ports.ts';

export { openPort } from './ports.ts';

// The whole set is looked at before any of it counts: a port file that nft refuses leaves the rules in force as they are.
const check = handler('check the firewall', () => command({ argv: ['nft', '-c', '-f', main], changes: 'never' }));
const reload = handler('reload the firewall', () => systemd({ name: unit, state: 'reloaded' }));

/** To be notified by whoever opens a port: the set is checked, then loaded in one transaction. */
export const firewallChanged = topic('firewall changed', [check, reload]);

/**
 * The firewall: what no file opens is closed. Each service puts a file of its own into one folder, named after the port, so
 * that two which want the same port collide in plain sight. It owns one table; those of docker, fail2ban and others stay.
 */
export const nftables = defineRole({
  name: 'nftables',
  dir: import.meta.dirname,
  vars: {
    firewall_ports: v.optional(v.pipe(v.array(portSchema), v.description('Ports that are no role\'s own.')), []),
  },
  handlers: [check, reload],
  tasks: ({ vars }) => [
    apt({ name: 'nftables', installRecommends: false }, { name: 'install nftables' }),
    file({ path: '/etc/ooni', state: 'directory', owner: 'root', group: 'root', mode: '0755' }, { name: 'folder of our settings' }),
    file({ path: portFolder, state: 'directory', owner: 'root', group: 'root', mode: '0755' }, { name: 'folder for open ports' }),
    // Before anything is closed: the way in.
    openPort({ port: 22, why: 'ssh' }, { notify: firewallChanged }),
    ...vars.firewall_ports.map((port) => openPort(port, { notify: firewallChanged })),
    copy({ src: 'ooni.nft', dest: main, owner: 'root', group: 'root', mode: '0644' }, { name: 'rules of the firewall', notify: firewallChanged }),
    systemdUnit({ name: `${unit}.service`, content: unitText }, { name: 'unit of the firewall' }),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the firewall' }),
    // Somebody may have flushed the rules by hand: the unit would not know.
    command({ argv: ['systemctl', 'reload-or-restart', unit], unless: 'nft list chain inet ooni input' }, { name: 'rules are in force' }),
  ],
});

// Loaded before the network is up, and again after Debian's own nftables.service, which flushes everything when it starts.
const unitText = `[Unit]
Description=Firewall (table inet ooni)
Documentation=man:nft(8)
DefaultDependencies=no
After=nftables.service
PartOf=nftables.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${main}
ExecReload=/usr/sbin/nft -f ${main}
# Stopped, it lets everything through: like this somebody at the console gets a host back.
ExecStop=/usr/sbin/nft delete table inet ooni

[Install]
WantedBy=sysinit.target
`;
