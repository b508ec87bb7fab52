import { copy, debug, defineRole } from 'play';
import { nginxChanged } from '../nginx/index.ts';
import { blockedNetworks, blockedToday } from './networks.ts';

/**
 * Who is kept out of nginx. haproxy's role reads the same list: see `blockList` there. Checked, then reloaded:
 * connections of others go on.
 */
export const blocking = defineRole({
  name: 'blocking',
  dir: import.meta.dirname,
  vars: { blocked_networks: blockedNetworks },
  tasks({ vars }) {
    const { inForce, expired } = blockedToday(vars.blocked_networks);
    return [
      copy(
        {
          content: `# Who is kept out, of every site.\n${inForce.map(({ network, reason, until }) => `deny ${network}; # until ${until}: ${reason}\n`).join('')}`,
          dest: '/etc/nginx/conf.d/blocked.conf',
          owner: 'root',
          group: 'root',
          mode: '0644',
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
