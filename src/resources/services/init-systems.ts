import type { Found, Plan } from '../../contract/index.ts';
import { unit, unitName } from '../../probes/index.ts';
import type { WayOfHost } from '../kit/by-host.ts';
import { openrcService } from './openrc.probe.ts';
import { planOpenrc } from './openrc.ts';
import { planUnit } from './systemd.ts';

/** What can be asked of any init system; what is left out stays as it is. */
export interface AnyService {
  readonly name: string;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
}

/** What an init system says of a service. */
export interface ServiceNow {
  readonly active: string;
  readonly enabled: string;
}

/** An init system as `service` uses it. */
export interface InitSystem extends WayOfHost<AnyService> {
  readonly plan: (wanted: AnyService, found: Found) => Plan<ServiceNow>;
}

const systemd: InitSystem = {
  // sd_booted(3).
  sign: '/run/systemd/system',
  questions: ({ name }) => [unit(unitName(name))],
  plan: ({ name, state, enabled }, found) => planUnit({ state, enabled }, unitName(name), found),
};

const openrc: InitSystem = {
  sign: '/run/openrc/softlevel',
  questions: ({ name }) => [openrcService(name)],
  plan: planOpenrc,
};

/** The init systems that `service` knows. */
export const initSystems = { systemd, openrc } as const satisfies Readonly<Record<string, InitSystem>>;
