import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptPin } from './apt-pin.ts';

const file = '/etc/apt/preferences.d/backports.pref';
const having = (content?: string): HostDescription => ({
  paths: {
    '/etc/apt/preferences.d': { type: 'directory' },
    ...(content === undefined ? {} : { [file]: { type: 'file', content } }),
  },
});
const backports = { name: 'backports', package: 'nginx', pin: 'release a=bookworm-backports', priority: 600 };
const text = 'Package: nginx\nPin: release a=bookworm-backports\nPin-Priority: 600\n';

export const cases = planCases(aptPin, {
  'a new pin': {
    options: backports,
    host: having(),
    changes: ['content new file'],
    writes: { [file]: text },
    result: { path: file },
  },
  'right already': { options: backports, host: having(text) },
  'another priority': {
    options: { ...backports, priority: -10 },
    host: having(text),
    changes: ['content'],
    writes: { [file]: text.replace('600', '-10') },
  },
  'several packages, and why': {
    options: { ...backports, package: ['nginx', 'nginx-*'], explanation: 'HTTP/3' },
    host: having(),
    changes: ['content new file'],
    writes: { [file]: `Explanation: HTTP/3\n${text.replace('nginx', 'nginx nginx-*')}` },
  },
  'removed': {
    options: { name: 'backports', state: 'absent' },
    host: having(text),
    changes: ['state file -> absent'],
    steps: [`remove ${file}`],
  },
  'removed already': { options: { name: 'backports', state: 'absent' }, host: having() },
  'priority 0': {
    options: { ...backports, priority: 0 },
    fails: 'aptPin: `priority` 0 means nothing to apt; -1 keeps a version out',
  },
  'a name apt would pass over': {
    options: { ...backports, name: 'back.ports' },
    fails:
      'aptPin: option "name" is "back.ports" (a string), but must consist of letters, digits, "_" and "-": ' +
      'apt ignores other files',
  },
});
