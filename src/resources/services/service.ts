import * as v from 'valibot';
import type { Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { useWords, wayOf, wayQuestions } from '../kit/by-host.ts';
import { withResult } from '../kit/with-result.ts';
import { initSystems, type AnyService, type InitSystem, type ServiceNow } from './init-systems.ts';

export interface ServiceResult extends ServiceNow {
  /** The init system: `systemd`. */
  readonly init: string;
  /** Whether it runs: `active`, `inactive`, `failed` ... */
  readonly active: string;
  /** Whether it starts at boot: `enabled`, `disabled`, `static` ... */
  readonly enabled: string;
}

interface Wanted extends AnyService {
  readonly use: string;
}

const inits: Readonly<Record<string, InitSystem>> = initSystems;

/** A service, whatever starts services on the host. */
export const service = defineResource({
  name: 'service',
  summary:
    "Starts, stops, restarts, reloads and enables a service with the host's init system. For options of a particular one, use its own resource: `systemd`.",
  options: {
    name: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}$/, 'must be the name of one service, such as nginx'),
      v.description('The service.'),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['started', 'stopped', 'restarted', 'reloaded']),
        v.description(
          '`started` and `stopped` act when needed. `restarted` and `reloaded` act every time and belong in handlers; both start a stopped service. Default: as it is.',
        ),
      ),
    ),
    enabled: v.optional(v.pipe(v.boolean(), v.description('Whether it starts at boot. Default: as it is.'))),
    use: v.optional(
      v.pipe(v.picklist(useWords(initSystems)), v.description("The init system. Default `auto`: the host's own.")),
      'auto',
    ),
  },
  example: `service({ name: 'nginx', state: 'started', enabled: true })
const restart = handler('restart cron', () => service({ name: 'cron', state: 'restarted' }))`,
  validateOptions: ({ name, state, enabled }) =>
    state === undefined && enabled === undefined
      ? 'say how the service should be: `state` or `enabled`'
      : state !== undefined && /@(?:\.[a-z]+)?$/.test(name)
        ? `${name} is a template; name an instance of it: ${name.replace('@', '@one')}`
        : undefined,
  title: ({ name }) => name ?? '',
  prepare: (given): Wanted => given,
  probes: (wanted) => wayQuestions(inits, wanted.use, wanted),
  plan(wanted, found): Plan<ServiceResult> {
    const { name: init, way } = wayOf(inits, wanted.use, 'init systems', found);
    return withResult(way.plan(wanted, found), (now) => ({ init, ...now }));
  },
});
