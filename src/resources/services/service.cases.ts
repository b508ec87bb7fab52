import { predict } from '../../contract/index.ts';
import { noUnit, unit, type Unit } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { service } from './service.ts';

const cron: Unit = {
  ...noUnit,
  loaded: true,
  names: ['cron.service'],
  file: '/lib/systemd/system/cron.service',
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  activeSince: 1,
};
const booted = { '/run/systemd/system': { type: 'directory' } } as const;
const host = (now: Partial<Unit> = {}): HostDescription => ({
  paths: {
    ...booted,
    [cron.file]: {
      type: 'file',
      content: '[Service]\nExecStart=/usr/sbin/cron\n[Install]\nWantedBy=multi-user.target\n',
    },
    '/usr/sbin/cron': { type: 'file', mode: '0755', content: '\u007FELF' },
    '/etc/systemd/system': { type: 'directory' },
  },
  answers: [predict(unit('cron'), { ...cron, ...now })],
});
const name = 'cron';

export const cases = planCases(service, {
  'started and enabled by systemd': {
    options: { name, state: 'started', enabled: true },
    host: host({ active: 'inactive', sub: 'dead', enabled: 'disabled' }),
    changes: ['enabled no -> yes', 'state inactive -> started'],
    steps: ['enable cron.service', 'start cron.service'],
    result: { init: 'systemd', active: 'active', enabled: 'enabled' },
  },
  'right already': {
    options: { name, state: 'started', enabled: true },
    host: host(),
    result: { init: 'systemd', active: 'active', enabled: 'enabled' },
  },
  'restarted every time': {
    options: { name, state: 'restarted' },
    host: host(),
    changes: ['state active -> restarted'],
    steps: ['restart cron.service'],
  },
  'a host that nothing known runs': {
    options: { name, state: 'started' },
    host: { answers: [predict(unit('cron'), cron)] },
    fails: 'this host has none of the init systems that play knows: systemd, openrc',
    hint: 'Looked for: /run/systemd/system, /run/openrc/softlevel',
  },
  'by systemd, though it does not run the host': {
    options: { name, state: 'started', use: 'systemd' },
    host: { answers: [predict(unit('cron'), cron)] },
    result: { init: 'systemd', active: 'active', enabled: 'enabled' },
  },
  'nothing asked': { options: { name }, fails: 'service: say how the service should be: `state` or `enabled`' },
  'a template': {
    options: { name: 'app@', state: 'started' },
    fails: 'service: app@ is a template; name an instance of it: app@one',
  },
});
