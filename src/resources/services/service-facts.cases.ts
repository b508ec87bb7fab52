import { predict } from '../../contract/index.ts';
import { noUnit, unit } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { serviceFacts } from './service-facts.ts';
import { serviceList, type ServiceFact } from './service-list.probe.ts';

const cron: ServiceFact = { name: 'cron.service', state: 'running', status: 'enabled', source: 'systemd' };
const old: ServiceFact = { name: 'old.service', state: 'stopped', status: 'not-found', source: 'systemd' };
const host: HostDescription = { answers: [predict(serviceList, [cron, old])] };

export const cases = planCases(serviceFacts, {
  'as they are': { options: {}, host, result: { services: { 'cron.service': cron, 'old.service': old } } },
  'with what is planned': {
    options: {},
    host,
    behind: { planned: [predict(unit('cron.service'), { ...noUnit, loaded: true, enabled: 'disabled' })] },
    result: {
      services: { 'cron.service': { ...cron, state: 'stopped', status: 'disabled' }, 'old.service': old },
    },
  },
  'behind a command': { options: {}, host, behind: { command: true }, isOpen: true },
  'a host without systemd': {
    options: {},
    host: { answers: [predict(serviceList, 'no systemd')] },
    fails: 'this host has no init system that play knows how to ask: systemd',
  },
});
