import { setTimeout as sleep } from 'node:timers/promises';
import { sandboxExec } from '../../../sandbox/index.ts';
import { decodeUnits, isFailing, servicesSh, type Services } from './services.ts';

/** Seconds for services to come to rest after a boot or a run. */
const restLimit = 30;

/** Units and sockets of a twin once nothing is on its way up or down. */
export async function settledServices(fleet: string, host: string): Promise<Services> {
  const end = performance.now() + restLimit * 1000;
  let last = await servicesOf(fleet, host);
  for (;;) {
    // Two looks alike: what dies a moment after its start is seen dead.
    await sleep(1000);
    const next = await servicesOf(fleet, host);
    const isOnItsWay = [...next.units.values()].some(
      (unit) => /^(?:activating|deactivating|reloading)$/.test(unit.active) && !isFailing(unit),
    );
    if ((!isOnItsWay && isAlike(last, next)) || performance.now() > end) return next;
    last = next;
  }
}

async function servicesOf(fleet: string, host: string): Promise<Services> {
  return decodeUnits((await sandboxExec(host, ['sh', '-c', servicesSh], { fleet })).stdout);
}

const isAlike = (one: Services, other: Services): boolean =>
  JSON.stringify([...one.units]) === JSON.stringify([...other.units]) &&
  JSON.stringify(one.listening) === JSON.stringify(other.listening);

/** A unit that is active on the host and cannot be in its twin. */
export interface LostUnit {
  readonly unit: string;
  /** `failed (exit-code)`, and the last it said. */
  readonly why: string;
}

/**
 * Starts and stops in a twin what somebody started and stopped on the host; what is enabled the boot has started.
 *
 * @param kept units that are kept from running there
 * @returns what does not run there all the same
 */
export async function alignServices(
  fleet: string,
  host: string,
  wanted: Services,
  kept: readonly string[],
): Promise<LostUnit[]> {
  const found = await settledServices(fleet, host);
  const isRunning = (services: Services, name: string): boolean => services.units.get(name)?.active === 'active';
  const known = [...wanted.units.keys()].filter((name) => !/^(?:user|session|systemd-|play-|run-)/.test(name));
  const start = known.filter(
    (name) => isRunning(wanted, name) && found.units.has(name) && !isRunning(found, name) && !kept.includes(name),
  );
  const stop = known.filter(
    (name) =>
      wanted.units.get(name)?.active === 'inactive' && found.units.get(name)?.sub === 'running' && !isWayIn(name),
  );
  for (const [verb, names] of [
    ['start', start],
    ['stop', stop],
  ] as const)
    if (names.length > 0) await sandboxExec(host, ['timeout', '60', 'systemctl', verb, '--', ...names], { fleet });
  const after = await settledServices(fleet, host);
  const lost = known.filter((name) => isRunning(wanted, name) && !isRunning(after, name) && !kept.includes(name));
  return await Promise.all(lost.map(async (unit) => ({ unit, why: await whyNot(fleet, host, unit, after) })));
}

/** What play comes in by is not stopped. */
const isWayIn = (name: string): boolean => /^(?:ssh|sshd|dbus|dbus-broker)\.(?:service|socket)$/.test(name);

async function whyNot(fleet: string, host: string, unit: string, services: Services): Promise<string> {
  const found = services.units.get(unit);
  if (found === undefined) return 'the twin has no such unit';
  const last = await lastWords(fleet, host, unit, 1);
  const state = found.active === 'failed' ? `failed (${found.result})` : found.active;
  return [state, ...last].join(': ');
}

/** The last lines a unit wrote into the twin's journal, or what systemd wrote about it. */
export async function lastWords(fleet: string, host: string, unit: string, lines: number): Promise<string[]> {
  const journal = ['journalctl', '--no-pager', '--quiet', '-b', '-o', 'cat', '-n', String(lines)];
  for (const field of ['_SYSTEMD_UNIT', 'UNIT']) {
    const { stdout } = await sandboxExec(host, [...journal, `${field}=${unit}`], { fleet });
    const said = stdout.split('\n').filter(Boolean);
    if (said.length > 0) return said;
  }
  return [];
}
