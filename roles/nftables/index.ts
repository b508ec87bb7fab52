import {
  apt,
  defineRole,
  file,
  handler,
  nftables as nftTable,
  type Keywords,
  type Task,
  option,
  systemFiles,
} from 'play';
import { openPort, portFolder, portSchema } from './ports.ts';

export { openPort } from './ports.ts';

/** The one table that is ours; those of docker, fail2ban and others stay. */
const table = (keywords: Keywords = {}): Task =>
  nftTable(
    {
      table: 'ooni',
      include: portFolder,
      rules: `# To let everything through, from the console: nft delete table inet ooni
	chain input {
		type filter hook input priority filter; policy drop;

		iifname "lo" accept
		ct state established,related accept
		ct state invalid drop

		# Path MTU discovery, neighbours and ping.
		meta l4proto { icmp, ipv6-icmp } accept

		# One file a port.
		include "${portFolder}/*.nft"
	}`,
    },
    keywords,
  );

/**
 * To be notified by whoever opens a port: all rules are tried, then put in force in one transaction. A port file that
 * nft refuses leaves the rules in force as they are.
 */
export const firewallChanged = handler('reload the firewall', () => table());

/**
 * The firewall: what no file opens is closed. Each service puts a file of its own into one folder, named after the
 * port, so that two which want the same port collide in plain sight.
 */
export const nftables = defineRole(import.meta, {
  vars: {
    firewall_ports: option.list("Ports that are no role's own.", portSchema, []),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    apt({ name: 'nftables' }, { name: 'install nftables' }),
    file({ path: '/etc/ooni', state: 'directory' }, { name: 'folder of our settings' }),
    file({ path: '/etc/ooni/nftables', state: 'directory' }, { name: 'folder of the firewall' }),
    file({ path: portFolder, state: 'directory' }, { name: 'folder for open ports' }),
    // Before anything is closed: the way in.
    openPort({ port: 22, why: 'ssh' }, { notify: firewallChanged }),
    ...vars.firewall_ports.map((port) => openPort(port, { notify: firewallChanged })),
    table({ name: 'rules of the firewall' }),
  ],
});
