import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { unit, unitFolders } from '../../probes/index.ts';
import { serviceList, type ServiceFact } from './service-list.probe.ts';

export interface ServiceFactsResult {
  /** All services, by name: `cron.service`. */
  readonly services: Readonly<Record<string, ServiceFact>>;
}

/** The services of a host. */
export const serviceFacts = defineResource({
  name: 'serviceFacts',
  summary:
    'Lists services, which of them run and which start at boot, for later tasks. Changes nothing; in check mode it includes what is planned.',
  options: {},
  example: `const services = serviceFacts({});
service({ name: 'exim4', state: 'stopped', enabled: false }, { when: ({ results }) => 'exim4.service' in results(services).services })`,
  title: () => '',
  prepare: () => undefined,
  probes: () => [serviceList],
  plan(_, found: Found): Plan<ServiceFactsResult> {
    const now = found.get(serviceList);
    found.require(now !== 'no systemd', {
      failure: 'this host has no init system that play knows how to ask: systemd',
      by: null,
    });
    const services = Object.fromEntries(now.map((one) => [one.name, asPlanned(one, found)]));
    // What is planned may bring services of which nobody has heard yet.
    const mayBring =
      found.mayDiffer('programs') || unitFolders.some((folder) => found.plannedBelow(folder).some(isUnitFile));
    return { ...settled({ services }), ...(mayBring ? { unforeseen: true, bringsNothing: true } : {}) };
  },
});

const isUnitFile = ({ path }: { readonly path: string }): boolean => path.endsWith('.service');

/** Check mode: a service once what is planned before is done to its unit. */
function asPlanned(now: ServiceFact, found: Found): ServiceFact {
  const then = found.planned(unit(now.name));
  if (then === undefined) return now;
  return {
    ...now,
    state: then.sub === 'running' ? 'running' : 'stopped',
    status: then.masked ? 'masked' : then.enabled === '' ? now.status : then.enabled,
  };
}
