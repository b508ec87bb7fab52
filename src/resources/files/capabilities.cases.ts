import { predict } from '../../contract/index.ts';
import { fileCapabilities, type Capabilities } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { capabilities } from './capabilities.ts';

const path = '/usr/local/bin/ping';
const raw = { path, capability: 'cap_net_raw+ep' };
const host = (answer: Capabilities): HostDescription => ({
  paths: { [path]: { type: 'file', content: '', mode: '0755' } },
  answers: [predict(fileCapabilities(path), answer)],
});
const gone = { path, capability: 'cap_net_raw', state: 'absent' } as const;

export const cases = planCases(capabilities, {
  'the first': {
    options: raw,
    host: host({ text: '' }),
    changes: ['capabilities none -> cap_net_raw=ep'],
    steps: ['set the capabilities of /usr/local/bin/ping'],
    result: { path },
  },
  'right already': { options: raw, host: host({ text: 'cap_net_raw=ep' }) },
  'right already, as older ones write it': { options: raw, host: host({ text: 'cap_net_raw+ep' }) },
  'in large letters': {
    options: { path, capability: 'CAP_NET_RAW+ep' },
    host: host({ text: 'cap_net_raw=ep' }),
  },
  'another stays': {
    options: raw,
    host: host({ text: 'cap_net_admin=ep' }),
    changes: ['capabilities cap_net_admin=ep -> cap_net_admin,cap_net_raw=ep'],
  },
  'further sets stay with +': {
    options: raw,
    host: host({ text: 'cap_net_raw=i' }),
    changes: ['capabilities cap_net_raw=i -> cap_net_raw=eip'],
  },
  'further sets go with =': {
    options: { path, capability: 'cap_net_raw=ep' },
    host: host({ text: 'cap_net_raw=eip' }),
    changes: ['capabilities cap_net_raw=eip -> cap_net_raw=ep'],
  },
  'taken away': {
    options: gone,
    host: host({ text: 'cap_net_raw=ep' }),
    changes: ['capabilities cap_net_raw=ep -> none'],
  },
  'taken away already': { options: gone, host: host({ text: 'cap_net_admin=ep' }) },
  'nothing to take away from what is not there': { options: gone },
  'nothing to take away where there is no getcap': { options: gone, host: host({ missing: 'getcap' }) },
  'no getcap': {
    options: raw,
    host: host({ missing: 'getcap' }),
    fails: 'getcap is not installed',
    hint: "Install it first: apt({ name: 'libcap2-bin' })",
  },
  'a program that is not there': { options: raw, fails: '/usr/local/bin/ping is not there' },
  'a program that a command may put there': {
    options: raw,
    behind: { command: true },
    may: '/usr/local/bin/ping is not there yet ("a command" runs before)',
  },
  'a directory': { options: { ...raw, path: '/usr/local' }, fails: '/usr/local is not a file' },
  'a link is followed': {
    options: { ...raw, path: '/usr/local/bin/p' },
    host: {
      ...host({ text: '' }),
      paths: { [path]: { type: 'file', content: '' }, '/usr/local/bin/p': { type: 'link', target: 'ping' } },
    },
    changes: ['capabilities none -> cap_net_raw=ep'],
    result: { path },
  },
  'a folder that others may write in': {
    options: raw,
    host: {
      ...host({ text: '' }),
      paths: { [path]: { type: 'file', content: '' }, '/usr/local/bin': { type: 'directory', mode: '0775' } },
    },
    fails: 'others could replace /usr/local/bin/ping with a link, which setcap would follow',
    hint: 'Give its folder to root, closed for others to write in; or say `follow: true`.',
  },
  'a folder that others may write in, and links are followed': {
    options: { ...raw, follow: true },
    host: {
      ...host({ text: '' }),
      paths: { [path]: { type: 'file', content: '' }, '/usr/local/bin': { type: 'directory', mode: '0775' } },
    },
    changes: ['capabilities none -> cap_net_raw=ep'],
  },
  'an immutable program': {
    options: raw,
    host: { paths: { [path]: { type: 'file', content: '', flags: 'i' } } },
    fails: '/usr/local/bin/ping is immutable; take that off first: chattr -i',
  },
  'no sets': {
    options: { path, capability: 'cap_net_raw' },
    fails: "capabilities: say which sets it should be in: 'cap_net_raw+ep'",
  },
});
