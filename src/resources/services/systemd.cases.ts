import { predict } from '../../contract/index.ts';
import { content, linkTarget, noUnit, sha256, stat, unit, unitsChanged, type Unit } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { systemd } from './systemd.ts';

const file = '/lib/systemd/system/nginx.service';
const own = '/etc/systemd/system/nginx.service';
const text = '[Service]\nExecStart=/usr/sbin/nginx\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n';

/** A service that a package brought, running and enabled but for what is said. */
const running: Unit = {
  ...noUnit,
  loaded: true,
  names: ['nginx.service'],
  file,
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  canReload: true,
  activeSince: 1,
};
const having = (...units: readonly Partial<Unit>[]): HostDescription => ({
  paths: {
    [file]: { type: 'file', content: text },
    '/usr/sbin/nginx': { type: 'file', mode: '0755', content: '\u007FELF' },
    '/etc/systemd/system': { type: 'directory' },
  },
  answers: units.map((one) => {
    const all = { ...running, ...one };
    return predict(unit(all.names[0] ?? ''), all);
  }),
});
const stopped = { active: 'inactive', sub: 'dead' } as const;
const missing: HostDescription = { answers: [predict(unit('nginx'), { ...noUnit, names: ['nginx.service'] })] };
const name = 'nginx';

export const cases = planCases(systemd, {
  'started and enabled': {
    options: { name, state: 'started', enabled: true },
    host: having({ ...stopped, enabled: 'disabled' }),
    changes: ['enabled no -> yes', 'state inactive -> started'],
    steps: ['enable nginx.service', 'start nginx.service'],
    leaves: [
      predict(unit(name), { ...running, linked: true }),
      predict(linkTarget('/etc/systemd/system/multi-user.target.wants/nginx.service'), file),
    ],
    result: { active: 'active', enabled: 'enabled' },
  },
  'what it pulls in is taken to be started with it': {
    options: { name, state: 'started' },
    host: having(
      { ...stopped, pulls: ['app.service', 'cron.service', 'old.service'] },
      { ...stopped, names: ['app.service'] },
      { names: ['cron.service'] },
      { ...stopped, names: ['old.service'], masked: true },
    ),
    changes: ['state inactive -> started'],
    leaves: [
      predict(unit('app'), { ...running, names: ['app.service'] }, 'app.service is started with nginx.service'),
      predict<unknown>(unit('cron'), 'not foreseen'),
      predict<unknown>(unit('old'), 'not foreseen'),
    ],
  },
  'what cannot do without it stops with it': {
    options: { name, state: 'stopped' },
    host: having({ stopsWith: ['app.service'] }, { names: ['app.service'] }),
    changes: ['state active -> stopped'],
    leaves: [
      predict(unit('app'), { ...running, ...stopped, names: ['app.service'] }, 'app.service stops with nginx.service'),
    ],
  },
  'right already': {
    options: { name, state: 'started', enabled: true },
    host: having({}),
    result: { active: 'active', enabled: 'enabled' },
  },
  'stopped': {
    options: { name, state: 'stopped' },
    host: having({}),
    changes: ['state active -> stopped'],
    steps: ['stop nginx.service'],
    result: { active: 'inactive', enabled: 'enabled' },
  },
  'stopped already': { options: { name, state: 'stopped' }, host: having(stopped) },
  'a failed unit is stopped enough': { options: { name, state: 'stopped' }, host: having({ active: 'failed' }) },
  'a failed unit is started': {
    options: { name, state: 'started' },
    host: having({ active: 'failed', sub: 'failed' }),
    changes: ['state failed -> started'],
  },
  'a unit that dies again and again counts as not started': {
    options: { name, state: 'started' },
    host: having({ active: 'activating', sub: 'auto-restart' }),
    changes: ['state activating -> started'],
  },
  'a unit that is still coming up is left alone': {
    options: { name, state: 'started' },
    host: having({ active: 'activating', sub: 'start-pre' }),
  },
  'restarted every time': {
    options: { name, state: 'restarted' },
    host: having({}),
    changes: ['state active -> restarted'],
    steps: ['restart nginx.service'],
  },
  'reloaded': {
    options: { name, state: 'reloaded' },
    host: having({}),
    changes: ['state active -> reloaded'],
    steps: ['reload nginx.service'],
  },
  'what is stopped is started instead of reloaded': {
    options: { name, state: 'reloaded' },
    host: having(stopped),
    changes: ['state inactive -> reloaded'],
    steps: ['start nginx.service'],
  },
  'changed unit files are read before it is restarted': {
    options: { name, state: 'restarted' },
    host: having({ needsReload: true }),
    changes: ['state active -> restarted'],
    steps: ['make systemd read its unit files again', 'restart nginx.service'],
  },
  'disabled': {
    options: { name, enabled: false },
    host: having({}),
    changes: ['enabled yes -> no'],
    steps: ['disable nginx.service'],
    result: { active: 'active', enabled: 'disabled' },
  },
  'enabled until the next boot only is not enabled': {
    options: { name, enabled: true },
    host: having({ enabled: 'enabled-runtime' }),
    changes: ['enabled no -> yes'],
  },
  'a static unit is as enabled as it can be': { options: { name, enabled: true }, host: having({ enabled: 'static' }) },
  'a transient unit cannot be enabled': {
    options: { name, enabled: true },
    host: having({ enabled: 'transient' }),
    fails: 'nginx.service is transient: it has no unit file that would be there after a reboot',
  },
  'enabled by its real name, not by an alias': {
    options: { name: 'www', enabled: true },
    host: {
      ...having({}),
      answers: [predict(unit('www'), { ...running, enabled: 'disabled', names: ['nginx.service', 'www.service'] })],
    },
    changes: ['enabled no -> yes'],
    steps: ['enable nginx.service'],
  },
  'masked': {
    options: { name, state: 'stopped', masked: true },
    host: having({}),
    changes: ['masked no -> yes', 'state active -> stopped'],
    steps: ['stop nginx.service', 'mask nginx.service'],
    result: { active: 'inactive', enabled: 'masked' },
  },
  'masked already': { options: { name, masked: true }, host: having({ ...stopped, masked: true, enabled: 'masked' }) },
  'a mask takes the place of a file in /etc': {
    options: { name, masked: true },
    host: {
      ...having({ ...stopped, file: own }),
      paths: { [own]: { type: 'file', content: text } },
    },
    fails:
      `nginx.service cannot be masked: a mask takes the place of ${own}, which is the unit's own file; ` +
      'remove that first, or stop and disable the unit instead',
  },
  'a masked unit is not started': {
    options: { name, state: 'started' },
    host: having({ ...stopped, file: own, masked: true, enabled: 'masked' }),
    fails: 'nginx.service is masked, so it can be neither started nor enabled; add `masked: false` to unmask it',
  },
  'an instance whose template is masked': {
    options: { name: 'app@one', masked: false },
    host: having({
      ...stopped,
      names: ['app@one.service'],
      file: '/etc/systemd/system/app@.service',
      masked: true,
      enabled: 'masked',
    }),
    fails:
      'app@one.service is masked by /etc/systemd/system/app@.service, which is not its own mask; ' +
      'unmask its template: app@.service',
  },
  'a mask below /run is gone with the next boot, so it is no mask': {
    options: { name, masked: true },
    host: having({ ...stopped, masked: true, enabled: 'masked-runtime', file: '/run/systemd/system/nginx.service' }),
    changes: ['masked until the next boot -> yes'],
  },
  'unmasked and started': {
    options: { name, state: 'started', masked: false },
    host: having({ ...stopped, file: own, masked: true, enabled: 'masked' }),
    changes: ['masked yes -> no', 'state inactive -> started'],
    steps: ['unmask nginx.service', 'start nginx.service'],
  },
  'a unit that is not there': {
    options: { name, state: 'started' },
    host: missing,
    fails: 'there is no unit nginx.service on this host',
    hint: 'Install the package that brings it, or write its file below /etc/systemd/system first.',
  },
  'nor can it be stopped': {
    options: { name, state: 'stopped' },
    host: missing,
    fails: 'there is no unit nginx.service on this host',
  },
  'nor disabled, as nobody knows what was meant': {
    options: { name, enabled: false },
    host: missing,
    fails: 'there is no unit nginx.service on this host',
  },
  'it may be masked before it is there': {
    options: { name, masked: true },
    host: missing,
    changes: ['masked no -> yes'],
    steps: ['mask nginx.service'],
  },
  'a unit without a file that still runs is stopped': {
    options: { name, state: 'stopped' },
    host: having({ loaded: false, file: '', enabled: '' }),
    changes: ['state active -> stopped'],
  },
  'a link that enables a unit without a file is taken away': {
    options: { name, enabled: false },
    host: having({ ...stopped, loaded: false, file: '', enabled: '', linked: true }),
    changes: ['enabled yes -> no'],
    steps: ['disable nginx.service'],
  },
  'a unit without file and link needs not be disabled': {
    options: { name, state: 'stopped', enabled: false },
    host: having({ loaded: false, file: '', enabled: '' }),
    changes: ['state active -> stopped'],
  },
  'a unit that a command may bring': {
    options: { name, state: 'started', enabled: true },
    host: missing,
    behind: { command: true },
    changes: ['enabled no -> yes', 'state inactive -> started'],
    assumed: ['nginx.service exists by then ("a command" runs before)'],
  },
  'a unit that a planned task brings': {
    options: { name, state: 'started', enabled: true },
    host: { ...missing, paths: having().paths ?? {} },
    behind: { planned: [predict(unit(name), { ...running, ...stopped, enabled: 'disabled' })] },
    changes: ['enabled no -> yes', 'state inactive -> started'],
    steps: ['enable nginx.service', 'start nginx.service'],
  },
  'a planned drop-in is read before it is restarted': {
    options: { name, state: 'restarted' },
    host: having({}),
    behind: { planned: planned('/etc/systemd/system/nginx.service.d/limits.conf', '[Service]\nLimitNOFILE=9\n') },
    changes: ['state active -> restarted'],
    steps: ['make systemd read its unit files again', 'restart nginx.service'],
  },
  'a planned unit file whose program is missing is sure to fail': {
    options: { name: 'app', state: 'started' },
    host: {
      ...having(),
      answers: [predict(unit('app'), { ...noUnit, names: ['app.service'] })],
    },
    behind: {
      planned: planned('/etc/systemd/system/app.service', '[Service]\nExecStart=/srv/app/run\n'),
    },
    changes: ['state inactive -> started'],
    fails: 'Could not start app.service: its program /srv/app/run does not exist',
  },
  'a service that cannot reload is told before': {
    options: { name, state: 'reloaded' },
    host: having({ canReload: false }),
    behind: {},
    changes: ['state active -> reloaded'],
    fails: 'Could not reload nginx.service: it has no reload; give it ExecReload=, or restart it',
  },
  'a timer by its full name': {
    options: { name: 'backup.timer', state: 'started' },
    host: having({ ...stopped, names: ['backup.timer'], file: '/lib/systemd/system/backup.timer' }),
    changes: ['state inactive -> started'],
    steps: ['start backup.timer'],
  },
  'an instance with an escaped name': {
    options: { name: 'mount@srv-my\\x20data', state: 'started' },
    host: having({ ...stopped, names: ['mount@srv-my\\x20data.service'] }),
    changes: ['state inactive -> started'],
    args: [['start', 'mount@srv-my\\x20data.service']],
  },
  'a template cannot be started': {
    options: { name: 'app@', state: 'started' },
    fails: 'systemd: app@ is a template; name an instance of it: app@one',
  },
  'unit files are read again': {
    options: { daemonReload: true },
    host: { answers: [predict(unitsChanged, true)] },
    changes: ['unit files read again'],
    steps: ['make systemd read its unit files again'],
  },
  'nothing new to read': { options: { daemonReload: true }, host: { answers: [predict(unitsChanged, false)] } },
  'without a name': { options: { state: 'started' }, fails: 'systemd: give the `name` of the unit' },
  'without a wish': {
    options: { name },
    fails: 'systemd: say how the unit should be: `state`, `enabled` or `masked`',
  },
  'masked and started': {
    options: { name, masked: true, state: 'started' },
    fails: 'systemd: a masked unit cannot be started',
  },
});

/** A unit file that a task before writes. */
function planned(path: string, lines: string) {
  const bytes = Buffer.from(lines);
  const size = bytes.length;
  return [
    predict(stat(path), { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size }),
    predict(content(path), { bytes }),
    predict(sha256(path), ''),
  ];
}
