import { predict } from '../../contract/index.ts';
import { aclEntries, fileCapabilities } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { systemdUnit } from './systemd-unit.ts';

const folder = '/etc/systemd/system';
const having = (files: Readonly<Record<string, string>> = {}): HostDescription => ({
  paths: {
    [folder]: { type: 'directory' },
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => [name, { type: 'file', content }])),
  },
});
const app = `${folder}/app.service`;
const text = '[Unit]\nDescription=App\n\n[Service]\nExecStart=/usr/bin/app\n';
const sections = { Unit: { Description: 'App' }, Service: { ExecStart: '/usr/bin/app' } };

export const cases = planCases(systemdUnit, {
  'a new unit file from data': {
    options: { name: 'app.service', sections },
    host: having(),
    changes: ['content new file', 'owner root', 'group root'],
    writes: { [app]: text },
    steps: [`write ${app}`],
    result: { path: app },
  },
  'right already': { options: { name: 'app.service', sections }, host: having({ [app]: text }) },
  'a service is not critical: what starts it is': {
    options: { name: 'app.service', sections, critical: { loses: 'a day', within: 60 } },
    fails: 'systemdUnit: `critical` needs a timer: the unit that says when',
  },
  'a timer whose miss loses data': {
    options: {
      name: 'app.timer',
      sections: { Timer: { OnCalendar: 'daily' } },
      critical: { loses: 'a day', within: 60, archive: '/srv/%Y-%m-%d' },
    },
    host: having({ [`${folder}/app.timer`]: '[Timer]\nOnCalendar=daily\n' }),
    changes: ['critical loses a day'],
  },
  'another content': {
    options: { name: 'app.service', content: '[Service]\nExecStart=/usr/bin/other\n' },
    host: having({ [app]: text }),
    changes: ['content'],
    writes: { [app]: '[Service]\nExecStart=/usr/bin/other\n' },
  },
  'numbers, booleans and lists': {
    options: {
      name: 'app.service',
      sections: { Service: { Restart: 'always', RestartSec: 5, PrivateTmp: true, ExecStart: ['', '/usr/bin/app'] } },
    },
    host: having({ [app]: text }),
    changes: ['content'],
    writes: { [app]: '[Service]\nRestart=always\nRestartSec=5\nPrivateTmp=yes\nExecStart=\nExecStart=/usr/bin/app\n' },
  },
  'a line break goes on behind a backslash': {
    options: { name: 'app.service', sections: { Service: { ExecStart: '/usr/bin/app\n--verbose' } } },
    host: having({ [app]: text }),
    changes: ['content'],
    writes: { [app]: '[Service]\nExecStart=/usr/bin/app\\\n--verbose\n' },
  },
  'a drop-in, its folder made': {
    options: { name: 'nginx.service', dropIn: 'limits', sections: { Service: { LimitNOFILE: 65_536 } } },
    host: having(),
    changes: [
      '/etc/systemd/system/nginx.service.d absent -> directory',
      'content new file',
      'owner root',
      'group root',
    ],
    writes: { [`${folder}/nginx.service.d/limits.conf`]: '[Service]\nLimitNOFILE=65536\n' },
    steps: [`make the directory ${folder}/nginx.service.d`, `write ${folder}/nginx.service.d/limits.conf`],
  },
  'a drop-in that is named with its suffix': {
    options: { name: 'nginx.service', dropIn: 'limits.conf', content: '[Service]\n' },
    host: having({ [`${folder}/nginx.service.d/limits.conf`]: '[Service]\n' }),
  },
  'its permissions': {
    options: { name: 'app.service', sections, mode: '0600' },
    host: {
      ...having({ [app]: text }),
      answers: [predict(aclEntries(app), null), predict(fileCapabilities(app), { text: '' })],
    },
    changes: ['mode 0644 -> 0600'],
  },
  'a secret is written': {
    options: { name: 'app.service', sections: { Service: { Environment: secret`TOKEN=${'s3cr3t-t0ken'}` } } },
    host: having({ [app]: text }),
    changes: ['content'],
    writes: { [app]: '[Service]\nEnvironment=TOKEN=s3cr3t-t0ken\n' },
  },
  'removed': {
    options: { name: 'app.service', state: 'absent' },
    host: having({ [app]: text }),
    changes: ['state file -> absent'],
    steps: [`remove ${app}`],
  },
  'removed already': { options: { name: 'app.service', state: 'absent' }, host: having() },
  'a folder is in its place': {
    options: { name: 'app.service', sections },
    host: { paths: { [app]: { type: 'directory' } } },
    fails: `${app} is a directory`,
  },
  'a mask is in its place': {
    options: { name: 'app.service', sections },
    host: { paths: { [app]: { type: 'link', target: '/dev/null' } } },
    changes: ['type link -> file', 'owner root', 'group root'],
  },
  'without a suffix': {
    options: { name: 'app', sections },
    fails:
      'systemdUnit: option "name" is "app" (a string), but ' +
      'must end in a unit suffix: .service, .timer, .socket ...',
  },
  'content twice': {
    options: { name: 'app.service', sections, content: 'x' },
    fails: 'systemdUnit: give either `sections` or `content`',
  },
});
