import { apt, block, defineRole, file, option, PlayError, systemFiles, v } from 'play';
import { openPort, portSchema } from './ports.ts';
import { firewall, firewallOf, firewallPlace } from './table.ts';

export { openPort, type OpenPort } from './ports.ts';
export { firewallChanged } from './table.ts';

/** The firewall: what no file opens is closed. Roles open the ports of their services with `openPort`. */
export const nftables = defineRole(import.meta, {
  description:
    "The firewall: whatever no port file opens is closed. It opens ssh and `firewall_ports`; roles listed after it open their services' ports. A change that would lock us out is put back.",
  vars: {
    ...firewallPlace,
    firewall_ssh_port: v.optional(
      option.port(
        'The port sshd listens on, which is opened before the rest is closed. Absent: 22, unless `ansible_port` says otherwise.',
      ),
    ),
    firewall_ports: option.list("Ports that belong to no role; or ssh's, with who may connect.", portSchema, []),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    const { table, folder } = firewallOf(host);
    if (table !== vars.firewall_table || folder !== vars.firewall_folder)
      throw new PlayError(`${host.name}: firewall_table or firewall_folder is set in a playbook`, {
        hint: 'Set it in group_vars or host_vars, where the other roles that open ports find it, too.',
      });
    const comesBy = Number(host.vars['ansible_port'] ?? host.vars['ansible_ssh_port'] ?? 22);
    if (vars.firewall_ssh_port === undefined && comesBy !== 22)
      throw new PlayError(`${host.name}: play connects to port ${comesBy}, but the firewall would open 22`, {
        hint: 'Set firewall_ssh_port to where sshd listens: 22 too, if the other port is forwarded to it.',
      });
    const ssh = { port: vars.firewall_ssh_port ?? 22, protocol: 'tcp', why: 'ssh' } as const;
    const isListed = vars.firewall_ports.some(({ port, protocol }) => port === ssh.port && protocol === ssh.protocol);
    return [
      apt({ name: 'nftables' }),
      block(
        [
          file({ path: folder, state: 'directory' }),
          ...[...(isListed ? [] : [ssh]), ...vars.firewall_ports].map((port) => openPort(host, port)),
          firewall(host, { name: 'rules of the firewall' }),
        ],
        { commitConfirmed: true },
      ),
    ];
  },
});
