import type { SecretText, Target } from '../connection/index.ts';
import { requireSecrets, secretsIn, type Redactor } from '../secrets/index.ts';
import type { OpenInventory } from './open-inventory.ts';
import { sandboxTargets } from './sandbox-targets.ts';
import { targetOf, type AskedLogin } from './target.ts';

export interface HostsToReach extends Omit<OpenInventory, 'sandboxSecrets'> {
  readonly hosts: readonly string[];
  readonly login: AskedLogin;
  /** Of a host, or of the command line. */
  readonly becomePasswordOf: (host: string) => SecretText | undefined;
  /** Learns the secrets among their variables. */
  readonly redactor: Redactor;
  /** The file that is run: whose project throwaway hosts belong to, where the working directory is in none. */
  readonly playbook?: string;
  /** How a host is reached, where that is not said by inventory and command line. */
  readonly targetFor?: ((host: string) => Target) | undefined;
}

/**
 * How hosts are reached, throwaway hosts started; nothing is connected. A wrong variable of any of them is found here,
 * and not when its turn comes.
 *
 * @throws PlayError
 */
export async function reachHosts({
  hosts,
  flags,
  inventory,
  standIns,
  login,
  becomePasswordOf,
  redactor,
  playbook,
  targetFor = (host) => targetOf(inventory, host, flags, login),
}: HostsToReach): Promise<ReadonlyMap<string, Target>> {
  const targets = flags.sandbox
    ? await sandboxTargets(hosts, flags, { inventory, standIns, playbook })
    : new Map(hosts.map((host) => [host, targetFor(host)]));
  requireSecrets([...hosts.map(becomePasswordOf), ...[...targets.values()].map(({ password }) => password)]);
  redactor.watch(...secretsIn(hosts.map((host) => [...inventory.written(host).values()].map(({ value }) => value))));
  return targets;
}
