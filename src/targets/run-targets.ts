import type { Target } from '../connection/index.ts';
import type { Inventory } from '../inventory/index.ts';
import type { HostFlags } from '../options/host-flags.ts';
import type { PreparedRun } from '../run/index.ts';
import { requireSecrets, secretsIn, type Redactor } from '../secrets/index.ts';
import { sandboxTargets } from './sandbox-targets.ts';
import { standInNotice, type StandIns } from './stand-ins.ts';
import { targetOf, type AskedLogin } from './target.ts';

export interface TargetNeeds {
  readonly prepared: PreparedRun;
  readonly flags: HostFlags;
  readonly inventory: Inventory;
  readonly redactor: Redactor;
  readonly login: AskedLogin;
  /** How hosts are reached, where it is not by what the inventory and the command line say. */
  readonly targetFor?: ((host: string) => Target) | undefined;
  /** What the project declares for throwaway hosts. */
  readonly standIns?: StandIns | undefined;
}

/**
 * How each host of a run is reached. A wrong variable of any host is found here, and not when its turn comes; secrets
 * among variables are watched for from here on.
 */
export async function runTargets({
  prepared,
  flags,
  inventory,
  redactor,
  login,
  targetFor = (host): Target => targetOf(inventory, host, flags, login),
  standIns,
}: TargetNeeds): Promise<(host: string) => Target> {
  const hosts = hostsOf(prepared);
  const notice = standIns && standInNotice(standIns);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  const targets = flags.sandbox
    ? await sandboxTargets(hosts, flags, { standIns, playbook: prepared.request.file })
    : new Map(hosts.map((host) => [host, targetFor(host)]));
  const { becomePassword, becomeOf } = prepared.request;
  const passwords = [
    becomePassword,
    ...hosts.map((host) => becomeOf?.(host).password),
    ...[...targets.values()].map(({ password }) => password),
  ];
  requireSecrets(passwords);
  redactor.watch(...secretsIn(hosts.map((host) => [...inventory.variables(host).values()].map(({ value }) => value))));
  return (host) => targets.get(host) ?? targetFor(host);
}

/** The hosts of all plays. */
export function runHosts({ plays }: PreparedRun): string[] {
  return [...new Set(plays.flatMap((play) => play.hosts))];
}

/** The same, and those that their tasks are delegated to. */
function hostsOf(prepared: PreparedRun): string[] {
  const { plays, request } = prepared;
  const delegates = plays.flatMap(({ selected }) =>
    [...selected.values()].flatMap(({ tasks, handlers }) =>
      [...tasks, ...handlers.map(({ listed }) => listed)].flatMap(({ inherited }) => inherited.delegateTo ?? []),
    ),
  );
  return [...new Set([...runHosts(prepared), ...delegates.filter((host) => request.inventory.hosts.has(host))])];
}
