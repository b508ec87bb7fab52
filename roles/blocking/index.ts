import { dirname } from 'node:path';
import { copy, debug, defineRole, file, systemFiles, v } from 'play';
import { haproxyChanged } from 'play/roles/haproxy';
import { nginxChanged } from 'play/roles/nginx';
import { blockedNetworks, blockedToday } from './networks.ts';

// haproxy_frontends of group_vars/backend read it.
const blockedByHaproxy = '/etc/haproxy/blocked.lst';

/** Checked, then reloaded: connections of others go on. */
export const blocking = defineRole(import.meta, {
  description:
    'Who is kept out of nginx, and of haproxy where there is one. List it before `haproxy`, whose configuration names the list.',
  vars: {
    blocked_networks: blockedNetworks,
    haproxy_backends: v.optional(v.array(v.unknown()), []),
  },
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
      ...(vars.haproxy_backends.length === 0
        ? []
        : [
            file({ path: dirname(blockedByHaproxy), state: 'directory' }, { tags: 'haproxy' }),
            copy(
              {
                content: `# Who is kept out.\n${inForce.map(({ network, reason, until }) => `# until ${until}: ${reason}\n${network}\n`).join('')}`,
                dest: blockedByHaproxy,
              },
              { name: 'who is kept out of haproxy', tags: 'haproxy', notify: haproxyChanged },
            ),
          ]),
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
