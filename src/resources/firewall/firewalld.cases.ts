import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { firewalldHas, type FirewalldAnswer } from './firewalld.probe.ts';
import { firewalld } from './firewalld.ts';

const host = (
  now: FirewalldAnswer,
  permanent: FirewalldAnswer,
  what = 'service=https',
  zone = '',
): HostDescription => ({
  answers: [predict(firewalldHas('now', zone, what), now), predict(firewalldHas('permanent', zone, what), permanent)],
});
const options = { service: 'https', state: 'enabled' } as const;

export const cases = planCases(firewalld, {
  'for now': {
    options,
    host: host('no', 'no'),
    changes: ['service=https now no -> yes'],
    args: [['--add-service=https']],
    result: { zone: '' },
  },
  'for later': {
    options: { ...options, permanent: true },
    host: host('no', 'no'),
    changes: ['service=https from the next start on no -> yes'],
    args: [['--permanent', '--add-service=https']],
  },
  'right already': { options: { ...options, permanent: true, immediate: true }, host: host('yes', 'yes') },
  'for both, where one is missing': {
    options: { ...options, permanent: true, immediate: true },
    host: host('yes', 'no'),
    changes: ['service=https from the next start on no -> yes'],
  },
  'no more': {
    options: { ...options, state: 'disabled' },
    host: host('yes', 'no'),
    changes: ['service=https now yes -> no'],
    args: [['--remove-service=https']],
  },
  'for a while': {
    options: { ...options, timeout: 60 },
    host: host('no', 'no'),
    changes: ['service=https now no -> yes'],
    args: [['--add-service=https', '--timeout=60']],
  },
  'an interface moves to its zone': {
    options: { zone: 'dmz', interface: 'eth1', state: 'enabled' },
    host: host('no', 'no', 'interface=eth1', 'dmz'),
    changes: ['interface=eth1 now no -> yes'],
    args: [['--zone=dmz', '--change-interface=eth1']],
  },
  'a port that is sent on': {
    options: { portForward: { port: '443', proto: 'tcp', toport: '8443' }, state: 'enabled' },
    host: host('no', 'no', 'forward-port=port=443:proto=tcp:toport=8443'),
    changes: ['forward-port=port=443:proto=tcp:toport=8443 now no -> yes'],
  },
  'masquerading': {
    options: { masquerade: true, state: 'enabled' },
    host: host('no', 'no', 'masquerade'),
    changes: ['masquerade now no -> yes'],
  },
  'what firewalld does not take': {
    options,
    host: host({ refused: 'INVALID_SERVICE: https' }, 'no'),
    fails: 'firewalld refuses service=https: INVALID_SERVICE: https',
  },
  'it does not run': {
    options,
    host: host('not running', 'not running'),
    fails: 'firewalld is not running',
    hint: "Start it before: systemd({ name: 'firewalld', state: 'started' })",
  },
  'it is missing': {
    options,
    host: host('no firewalld', 'no firewalld'),
    fails: 'firewall-cmd is not installed',
    hint: "Install it first: apt({ name: 'firewalld' })",
  },
  'two things': {
    options: { ...options, port: '80/tcp' },
    fails: 'firewalld: give one of `service`, `port`, `richRule` and the like, each in a task of its own',
  },
  'neither now nor later': {
    options: { ...options, immediate: false },
    fails: 'firewalld: `immediate: false` needs `permanent: true`',
  },
});
