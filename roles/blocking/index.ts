import { copy, debug, defineRole, systemFiles } from 'play';
import { nginxChanged } from 'play/roles/nginx';
import { blockedNetworks, blockedToday } from './networks.ts';

/** Checked, then reloaded: connections of others go on. */
export const blocking = defineRole(import.meta, {
  description: "Who is kept out of nginx. haproxy's role reads the same list: see `blockList` there.",
  vars: { blocked_networks: blockedNetworks },
  defaults: systemFiles,
  tasks({ vars }) {
    const { inForce, expired } = blockedToday(vars.blocked_networks);
    return [
      copy(
        {
          content: `# Who is kept out, of every site.\n${inForce.map(({ network, reason, until }) => `deny ${network}; # until ${until}: ${reason}\n`).join('')}`,
          dest: '/etc/nginx/conf.d/blocked.conf',
        },
        { name: 'who is kept out of nginx', notify: nginxChanged },
      ),
      ...(expired.length === 0
        ? []
        : [
            debug(
              {
                msg: `No longer blocked, to be taken off blocked_networks: ${expired.map(({ network, until }) => `${network} (until ${until})`).join(', ')}`,
              },
              { name: 'blocks whose time is over' },
            ),
          ]),
    ];
  },
});
