import { isIP } from 'node:net';
import { apt, block, copy, handler, systemd, type TaskItem } from 'play';

const restart = handler('restart chrony', () => systemd({ name: 'chrony', state: 'restarted' }));

/**
 * chrony, and servers beside those Debian gives it. A throwaway host has this machine's clock and may not set it:
 * systemd skips the unit there (ConditionCapability=CAP_SYS_TIME), so it is not asked to be up.
 */
export function timeTasks(servers: readonly string[], isSandbox: boolean): TaskItem[] {
  const tasks = [
    // It takes the place of timesyncd: Debian lets a host have one of them.
    apt({ name: 'chrony' }),
    copy(
      {
        content: servers.map((server) => `${isIP(server) === 0 ? 'pool' : 'server'} ${server} iburst\n`).join(''),
        dest: '/etc/chrony/sources.d/local.sources',
        validate: 'chronyd -p -f %s',
      },
      isSandbox ? {} : { notify: restart },
    ),
    systemd({ name: 'chrony', enabled: true, ...(isSandbox ? {} : { state: 'started' }) }),
  ];
  return [block(tasks, { tags: 'timezone' })];
}
