import { isIP } from 'node:net';
import {
  apt,
  copy,
  defineRole,
  file,
  handler,
  hostname,
  lineinfile,
  option,
  systemd,
  systemFiles,
  template,
  timezone,
  v,
} from 'play';
import { nameTasks } from './names.ts';
import { timeTasks } from './time.ts';

const restartJournald = handler('restart journald', () => systemd({ name: 'systemd-journald', state: 'restarted' }));

/** What every host has: its own name, servers for names and the time, a time zone, a journal with bounds, and tools. */
export const base = defineRole(import.meta, {
  description:
    'What every host has: its own name, servers for names and time, a time zone, a journal limited in size, and the tools an operator reaches for.',
  vars: {
    base_hostname: v.optional(
      option.hostName(
        "The host's full name. Absent: its name in the inventory, if that is neither an address nor localhost.",
      ),
    ),
    base_packages: option.list('Tools every host has.', v.string(), [
      'ca-certificates',
      'curl',
      'less',
      'lsof',
      'openssl',
      'tzdata',
    ]),
    base_timezone: option.text('The time zone, as below /usr/share/zoneinfo.', 'Etc/UTC'),
    base_time_servers: option.list(
      "Time servers, besides Debian's that chrony asks. None: the clock is somebody else's, as in a container.",
      v.pipe(v.string(), v.regex(/^[\w.:-]+$/, 'must be a name or an address')),
      [],
    ),
    base_dns_servers: option.list(
      'Servers that resolved asks for names. None: name resolution is as Debian has it.',
      option.address('The address of one.'),
      [],
    ),
    base_dns_known_name: option.hostName(
      'A name that one of them must know before the host is given to them.',
      'deb.debian.org',
    ),
    base_dns_over_tls: option.choice(
      'Whether they are asked over TLS, if they can.',
      ['no', 'opportunistic'],
      'opportunistic',
    ),
    base_dnssec: option.choice(
      'Whether DNS signatures are checked, as in resolved.conf(5).',
      ['no', 'allow-downgrade', 'yes'],
      'allow-downgrade',
    ),
    base_motd: v.optional(option.text('What is shown to whoever logs in. Absent: as Debian has it.')),
    base_journal_max: option.text('How much disk space the journal may use, as in journald.conf(5).', '2G'),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    const isNamed = isIP(host.name) === 0 && host.name !== 'localhost';
    const name = vars.base_hostname ?? (isNamed ? host.name : undefined);
    return [
      ...(name === undefined ? [] : ownName(name)),
      apt(
        // chrony starts with Debian's servers wherever it is installed: here it needs no run of apt-get of its own.
        {
          name: [...vars.base_packages, ...(vars.base_time_servers.length === 0 ? [] : ['chrony'])],
          updateCache: true,
          cacheValidTime: 8 * 3600,
        },
        { tags: 'base-packages' },
      ),
      ...(vars.base_dns_servers.length === 0 ? [] : nameTasks(vars.base_dns_known_name, host.isSandbox)),
      timezone({ name: vars.base_timezone }, { tags: 'timezone' }),
      ...(vars.base_time_servers.length === 0 ? [] : timeTasks(vars.base_time_servers, host.isSandbox)),
      ...(vars.base_motd === undefined ? [] : [copy({ content: vars.base_motd, dest: '/etc/motd' }, { tags: 'motd' })]),
      file({ path: '/etc/systemd/journald.conf.d', state: 'directory' }, { tags: 'journald' }),
      template(
        { src: 'journald.conf.hbs', dest: '/etc/systemd/journald.conf.d/local.conf' },
        { tags: 'journald', notify: restartJournald },
      ),
    ];
  },
});

/** The short name for the kernel, as logs show it, and the whole one in /etc/hosts, where programs ask for it. */
function ownName(name: string) {
  const [short = name] = name.split('.');
  return [
    // Called the same on every host: what lists of tasks are compared by.
    hostname({ name: short }, { name: 'hostname' }),
    lineinfile(
      {
        path: '/etc/hosts',
        regexp: '^127\\.0\\.1\\.1\\s',
        line: `127.0.1.1 ${name === short ? short : `${name} ${short}`}`,
        insertAfter: '^127\\.0\\.0\\.1\\s',
      },
      { name: 'own name in /etc/hosts' },
    ),
  ];
}
