import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptHost } from './apt-host.probe.ts';
import { needrestart } from './needrestart.ts';
import { outdatedCode, type Outdated, type OutdatedUnit } from './outdated.probe.ts';

const ssl = '/usr/lib/x86_64-linux-gnu/libssl.so.3';
const unit = (name: string, more: Partial<OutdatedUnit> = {}): OutdatedUnit => ({
  unit: name,
  files: [ssl],
  is: 'now',
  service: name.endsWith('.service') ? { type: 'simple', isActive: true, refusesRestart: false } : undefined,
  ...more,
});
const service = { type: 'simple', isActive: true, refusesRestart: false };
const fine: Outdated = { units: [], flag: null, kernel: null, willAsk: [] };

/** @param planned what tasks before will have installed */
const host = (now: Partial<Outdated>, planned: readonly string[] = []): HostDescription => ({
  answers: [
    predict(aptHost, { listsAge: 0, refreshed: false, planned }),
    predict(outdatedCode(planned.map((one) => one.replace(/=.*/, ''))), { ...fine, ...now }),
  ],
});
const result = (services: readonly string[], left: readonly (readonly [string, string])[] = []) => ({
  services: services.map((name) => ({ unit: name, files: [ssl] })),
  left: left.map(([name, why]) => ({ unit: name, files: [ssl], why })),
  reboot: [],
});

export const cases = planCases(needrestart, {
  'nothing runs old code': { options: {}, host: host({}), result: result([]) },
  'a service, and systemd itself': {
    options: {},
    host: host({ units: [unit('app.service'), unit('init.scope')] }),
    changes: [
      'app.service runs the old libssl.so.3 -> restarted',
      'systemd itself runs the old libssl.so.3 -> re-executed',
    ],
    steps: ['restart app.service', 're-execute systemd'],
    args: [['app.service'], []],
    result: result(['app.service', 'init.scope']),
  },
  'only told': {
    options: { restart: false },
    host: host({ units: [unit('app.service')] }),
    message: 'app.service runs the old libssl.so.3',
    result: result(['app.service']),
  },
  'what cannot be restarted, or shall not be': {
    options: { exclude: ['postgresql@*'] },
    host: host({
      units: [
        unit('docker.service'),
        unit('postgresql@15-main.service'),
        unit('backup.service', { service: { ...service, type: 'oneshot' } }),
        unit('auditd.service', { service: { ...service, refusesRestart: true } }),
        unit('slow.service', { service: { ...service, isActive: false } }),
        unit('session-3.scope'),
        unit('user@1000.service'),
        unit('process agent'),
      ],
    }),
    result: result(
      [],
      [
        ['docker.service', 'its restart would interrupt more than itself'],
        ['postgresql@15-main.service', 'excluded'],
        ['backup.service', 'a job that is running: it ends by itself'],
        ['auditd.service', 'it refuses to be restarted by hand'],
        ['slow.service', 'it is starting or stopping'],
        ['session-3.scope', 'a session: it ends when its user logs out'],
        ['user@1000.service', 'a session: it ends when its user logs out'],
        ['process agent', 'no service of systemd'],
      ],
    ),
  },
  'why a host needs a reboot': {
    options: {},
    host: host({
      units: [unit('dbus.service')],
      flag: ['libc6'],
      kernel: { running: '6.1.0-18-amd64', newest: '6.1.0-20-amd64' },
    }),
    message: `dbus.service runs the old libssl.so.3: its restart would interrupt more than itself
needs a reboot: kernel 6.1.0-18-amd64 runs, 6.1.0-20-amd64 is installed
needs a reboot: asked for by libc6
needs a reboot: dbus.service runs the old libssl.so.3`,
  },
  'behind a planned upgrade': {
    options: {},
    host: host(
      {
        units: [unit('app.service', { is: 'later' })],
        willAsk: ['libssl3'],
        kernel: { running: '6.1.0-18-amd64', newest: '6.1.0-18-amd64' },
      },
      ['libssl3=3.0.14', 'linux-image-6.1.0-20-amd64=6.1.85'],
    ),
    behind: {},
    changes: ['app.service runs the old libssl.so.3 -> restarted'],
    message: `needs a reboot: a new kernel: linux-image-6.1.0-20-amd64
needs a reboot: asked for by libssl3`,
    assumed: ['the scripts of the new packages restart what those of the installed ones do'],
  },
});
