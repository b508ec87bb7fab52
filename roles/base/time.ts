import { isIP } from 'node:net';
import { apt, copy, handler, systemd, type Task } from 'play';

export const restartChrony = handler('restart chrony', () => systemd({ name: 'chrony', state: 'restarted' }));

/**
 * chrony, and servers beside those Debian gives it. A throwaway host has this machine's clock and may not set it:
 * systemd skips the unit there (ConditionCapability=CAP_SYS_TIME), so it is not asked to be up.
 */
export function timeTasks(servers: readonly string[], isSandbox: boolean): Task[] {
  return [
    // It takes the place of timesyncd: Debian lets a host have one of them.
    apt({ name: 'chrony' }, { name: 'install chrony', tags: 'timezone' }),
    copy(
      {
        content: servers.map((server) => `${isIP(server) === 0 ? 'pool' : 'server'} ${server} iburst\n`).join(''),
        dest: '/etc/chrony/sources.d/ooni.sources',
        validate: 'chronyd -p -f %s',
      },
      { name: 'time servers', tags: 'timezone', ...(isSandbox ? {} : { notify: restartChrony }) },
    ),
    systemd(
      { name: 'chrony', enabled: true, ...(isSandbox ? {} : { state: 'started' }) },
      { name: 'keep the time', tags: 'timezone' },
    ),
  ];
}
