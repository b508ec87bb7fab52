import { isIP } from 'node:net';
import {
  apt,
  copy,
  defineRole,
  file,
  handler,
  hostname,
  lineinfile,
  systemd,
  template,
  v,
  option,
  systemFiles,
} from 'play';
import { nameTasks } from './names.ts';
import { timeTasks } from './time.ts';

const restartJournald = handler('restart journald', () => systemd({ name: 'systemd-journald', state: 'restarted' }));

/**
 * What every host of ours has: a name, who tells it names, a clock in UTC, a journal with bounds, the tools an operator
 * reaches for.
 */
export const base = defineRole(import.meta, {
  vars: {
    base_packages: option.list('Tools every host has.', v.string(), [
      'ca-certificates',
      'curl',
      'less',
      'lsof',
      'openssl',
      'tzdata',
    ]),
    base_timezone: option.text('Name of the time zone, as below /usr/share/zoneinfo.', 'Etc/UTC'),
    base_time_servers: option.list(
      "Servers that tell the time, beside those of Debian's that chrony asks. None: the clock is left to who has it, as in a container.",
      v.pipe(v.string(), v.regex(/^[\w.:-]+$/)),
      [],
    ),
    base_dns_servers: option.list(
      'Addresses of the servers that resolved asks for names. None: names are as Debian has them.',
      v.pipe(
        v.string(),
        v.check((value) => isIP(value) !== 0, 'must be an address'),
      ),
      [],
    ),
    base_dns_known_name: option.text(
      'A name they must know before the host is given to them.',
      'deb.debian.org',
      v.regex(/^[a-z0-9.-]+$/, 'must be a host name'),
    ),
    base_dns_over_tls: option.choice(
      'Whether they are asked over TLS, where they can.',
      ['no', 'opportunistic'],
      'opportunistic',
    ),
    base_dnssec: option.choice(
      'Whether signatures of names are looked at, as in resolved.conf(5).',
      ['no', 'allow-downgrade', 'yes'],
      'allow-downgrade',
    ),
    base_motd: v.optional(option.text('What is shown to who logs in. Absent: as Debian has it.')),
    base_journal_max: option.text('How much disk the journal may fill, as in journald.conf(5).', '2G'),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host }) => {
    // One opinion on the name, held everywhere: the short one, as logs show it, with the whole name in /etc/hosts.
    const [short = host.name] = host.name.split('.');
    return [
      hostname({ name: short }, { name: 'hostname' }),
      lineinfile(
        {
          path: '/etc/hosts',
          regexp: '^127\\.0\\.1\\.1\\s',
          line: `127.0.1.1 ${host.name === short ? short : `${host.name} ${short}`}`,
          insertAfter: '^127\\.0\\.0\\.1\\s',
        },
        { name: 'own name in /etc/hosts' },
      ),
      apt(
        { name: vars.base_packages, updateCache: true, cacheValidTime: 8 * 3600 },
        { name: 'base packages', tags: 'base-packages' },
      ),
      ...(vars.base_dns_servers.length === 0 ? [] : nameTasks(vars.base_dns_known_name, host.isSandbox)),
      file(
        { path: '/etc/localtime', src: `/usr/share/zoneinfo/${vars.base_timezone}`, state: 'link' },
        { name: 'time zone', tags: 'timezone' },
      ),
      copy(
        { content: `${vars.base_timezone}\n`, dest: '/etc/timezone' },
        { name: 'name of the time zone', tags: 'timezone' },
      ),
      ...(vars.base_time_servers.length === 0 ? [] : timeTasks(vars.base_time_servers, host.isSandbox)),
      ...(vars.base_motd === undefined
        ? []
        : [copy({ content: vars.base_motd, dest: '/etc/motd' }, { name: 'message for who logs in', tags: 'motd' })]),
      file(
        { path: '/etc/systemd/journald.conf.d', state: 'directory' },
        { name: 'folder for journald settings', tags: 'journald' },
      ),
      template(
        {
          src: 'journald.conf.hbs',
          dest: '/etc/systemd/journald.conf.d/ooni.conf',
        },
        { name: 'journald settings', tags: 'journald', notify: restartJournald },
      ),
    ];
  },
});
