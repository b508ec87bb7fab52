import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { noService, openrcService, type OpenrcAnswer, type OpenrcService } from './openrc.probe.ts';
import { openrc } from './openrc.ts';

const stopped: OpenrcService = { ...noService, isThere: true };
const started: OpenrcService = { ...stopped, state: 'started', runlevels: ['default'] };

const host = (nginx: OpenrcAnswer, more: Readonly<Record<string, OpenrcService>> = {}): HostDescription => ({
  answers: [
    predict(openrcService('nginx'), nginx),
    ...Object.entries(more).map(([name, now]) => predict(openrcService(name), now)),
  ],
});

export const cases = planCases(openrc, {
  'started, now and at boot, with what it needs': {
    options: { name: 'nginx', state: 'started', enabled: true },
    host: host({ ...stopped, needs: ['net'] }, { net: { ...stopped, needs: ['lo'] }, lo: started }),
    changes: ['enabled no -> yes', 'state stopped -> started', 'service net, which it needs started'],
    steps: ['enable nginx', 'start nginx'],
    args: [
      ['nginx', 'default'],
      ['nginx', 'start'],
    ],
    result: { active: 'active', enabled: 'enabled' },
  },
  'right already': { options: { name: 'nginx', state: 'started', enabled: true }, host: host(started) },
  'in another runlevel it is started at boot, too': {
    options: { name: 'nginx', enabled: true },
    host: host({ ...started, runlevels: ['boot'] }),
  },
  'but is not in the one that is asked for': {
    options: { name: 'nginx', enabled: true, runlevel: 'default' },
    host: host({ ...started, runlevels: ['boot'] }),
    changes: ['enabled no -> yes'],
    args: [['nginx', 'default']],
  },
  'stopped, with what needs it, and in no runlevel': {
    options: { name: 'nginx', state: 'stopped', enabled: false },
    host: host({ ...started, neededBy: ['web'] }, { web: started }),
    changes: ['enabled yes -> no', 'state started -> stopped', 'service web, which needs it stopped'],
    args: [
      ['nginx', 'default'],
      ['nginx', 'stop'],
    ],
    result: { active: 'inactive', enabled: 'disabled' },
  },
  'what has crashed is started anew': {
    options: { name: 'nginx', state: 'started' },
    host: host({ ...started, state: 'crashed' }),
    changes: ['state crashed -> started'],
    steps: ['restart nginx'],
  },
  'reloaded': {
    options: { name: 'nginx', state: 'reloaded' },
    host: host({ ...started, verbs: ['reload'] }),
    changes: ['state started -> reloaded'],
    steps: ['reload nginx'],
  },
  'a reload it does not know': {
    options: { name: 'nginx', state: 'reloaded' },
    host: host(started),
    fails: 'nginx has no reload',
    hint: 'Restart it, or give its script `extra_started_commands="reload"`.',
  },
  'a service that is not there': {
    options: { name: 'nginx', state: 'started' },
    host: host(noService),
    fails: 'there is no service nginx on this host',
    hint: 'Install the package that brings it, or write its script to /etc/init.d first.',
  },
  'a host without OpenRC': {
    options: { name: 'nginx', enabled: true },
    host: host('no openrc'),
    fails: 'there is no OpenRC on this host',
    hint: 'If the host runs systemd, use systemd().',
  },
  'a host that something else runs': {
    options: { name: 'nginx', enabled: true },
    host: host('not booted by openrc'),
    fails: 'OpenRC is installed on this host, but the host was booted by something else',
    hint: 'If that is systemd, use systemd().',
  },
  'nothing asked': { options: { name: 'nginx' }, fails: 'openrc: say how the service should be: `state` or `enabled`' },
  'a runlevel for nothing': {
    options: { name: 'nginx', state: 'started', runlevel: 'boot' },
    fails: 'openrc: `runlevel` needs `enabled`',
  },
});
