import { apt, copy, defineRole, file, handler, hostname, lineinfile, systemd, template, v, type Task } from 'play';

const restartTimesyncd = handler('restart timesyncd', () => systemd({ name: 'systemd-timesyncd', state: 'restarted' }));
const restartJournald = handler('restart journald', () => systemd({ name: 'systemd-journald', state: 'restarted' }));

/** What every host of ours has: a name, a clock in UTC, a journal with bounds, the tools an operator reaches for. */
export const base = defineRole({
  name: 'base',
  dir: import.meta.dirname,
  vars: {
    base_packages: v.optional(v.pipe(v.array(v.string()), v.description('Tools every host has.')), ['ca-certificates', 'curl', 'less', 'lsof', 'openssl', 'tzdata']),
    base_timezone: v.optional(v.pipe(v.string(), v.description('Name of the time zone, as below /usr/share/zoneinfo.')), 'Etc/UTC'),
    base_time_servers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\w.:-]+$/))), v.description('Servers that tell the time. None: as Debian has it.')), []),
    base_motd: v.optional(v.pipe(v.string(), v.description('What is shown to who logs in. Absent: as Debian has it.'))),
    base_journal_max: v.optional(v.pipe(v.string(), v.description('How much disk the journal may fill, as in journald.conf(5).')), '2G'),
  },
  handlers: [restartTimesyncd, restartJournald],
  tasks: ({ vars, host }) => {
    // One opinion on the name, held everywhere: the short one, as logs show it, with the whole name in /etc/hosts.
    const [short = host.name] = host.name.split('.');
    return [
      hostname({ name: short }, { name: 'hostname' }),
      lineinfile(
        { path: '/etc/hosts', regexp: '^127\\.0\\.1\\.1\\s', line: `127.0.1.1 ${host.name === short ? short : `${host.name} ${short}`}`, insertAfter: '^127\\.0\\.0\\.1\\s' },
        { name: 'own name in /etc/hosts' },
      ),
      apt({ name: vars.base_packages, installRecommends: false, updateCache: true, cacheValidTime: 8 * 3600 }, { name: 'base packages', tags: 'base-packages' }),
      file({ path: '/etc/localtime', src: `/usr/share/zoneinfo/${vars.base_timezone}`, state: 'link' }, { name: 'time zone', tags: 'timezone' }),
      copy({ content: `${vars.base_timezone}\n`, dest: '/etc/timezone', owner: 'root', group: 'root', mode: '0644' }, { name: 'name of the time zone', tags: 'timezone' }),
      ...(vars.base_time_servers.length === 0 ? [] : timeFrom(vars.base_time_servers, host.isSandbox)),
      ...(vars.base_motd === undefined ? [] : [copy({ content: vars.base_motd, dest: '/etc/motd', owner: 'root', group: 'root', mode: '0644' }, { name: 'message for who logs in', tags: 'motd' })]),
      file({ path: '/etc/systemd/journald.conf.d', state: 'directory', owner: 'root', group: 'root', mode: '0755' }, { name: 'folder for journald settings', tags: 'journald' }),
      template(
        { src: 'journald.conf.hbs', dest: '/etc/systemd/journald.conf.d/ooni.conf', owner: 'root', group: 'root', mode: '0644' },
        { name: 'journald settings', tags: 'journald', notify: restartJournald },
      ),
    ];
  },
});

/** A throwaway host has this machine's clock and may not set it: there the service is set up, and not started. */
function timeFrom(servers: readonly string[], isSandbox: boolean): Task[] {
  return [
    apt({ name: 'systemd-timesyncd', installRecommends: false }, { name: 'install timesyncd', tags: 'timezone' }),
    file({ path: '/etc/systemd/timesyncd.conf.d', state: 'directory', owner: 'root', group: 'root', mode: '0755' }, { name: 'folder for timesyncd settings', tags: 'timezone' }),
    copy(
      { content: `[Time]\nNTP=${servers.join(' ')}\n`, dest: '/etc/systemd/timesyncd.conf.d/ooni.conf', owner: 'root', group: 'root', mode: '0644' },
      { name: 'time servers', tags: 'timezone', ...(isSandbox ? {} : { notify: restartTimesyncd }) },
    ),
    systemd({ name: 'systemd-timesyncd', enabled: true, ...(isSandbox ? {} : { state: 'started' }) }, { name: 'keep the time', tags: 'timezone' }),
  ];
}
