/** Twins of other hosts, in a fleet of their own. */
import type { Target } from '../../connection/types.ts';
import { ensureBase } from '../base.ts';
import {
  basesInUse,
  forEach,
  locked,
  notice,
  prepare,
  remakeNetwork,
  spread,
  type SandboxOptions,
} from '../fleet-work.ts';
import { diskOfTwin, removeDisk } from '../host-files.ts';
import { bootHost, execIn, isReached, unplug, waitForBoot, waitForSshd } from '../host.ts';
import { findNetwork, type Network } from '../network.ts';
import { ensureProxy } from '../proxy-start.ts';
import { ensureKey, fleetKey, hostKey, targetOf } from '../ssh-access.ts';
import { defineHosts, type Fleet, type Host } from '../state.ts';
import { makeTwin } from './make-twin.ts';
import type { Portrait, TwinMade } from './portrait.ts';

/** A twin that is up. */
export interface Twin {
  readonly target: Target;
  readonly made: TwinMade;
}

/**
 * Makes a twin of each host, anew where there is one, and starts it.
 *
 * @param portraits by the names of the hosts
 * @throws PlayError where one cannot be made; the others are not started then
 */
export async function startTwins(
  portraits: ReadonlyMap<string, Portrait>,
  options: SandboxOptions = {},
): Promise<ReadonlyMap<string, Twin>> {
  return locked(options, async (fleet) => {
    await prepare(options);
    const hosts = defineHosts(fleet, [...portraits.keys()], (name) => ({
      kind: 'twin',
      release: portraits.get(name)?.release,
    }));
    const bases = new Map<string, string>();
    for (const { release } of portraits.values())
      bases.set(release, await ensureBase(fleet.root, release, basesInUse, notice(options)));
    await ensureKey(fleetKey(fleet), `play sandbox ${fleet.name}`);
    const network = findNetwork(fleet) ?? (await remakeNetwork(fleet));
    await ensureProxy(fleet, network, options.self ?? [process.execPath, process.argv[1] ?? '', 'sandbox']);
    const twins = new Map<string, Twin>();
    await forEach(hosts, async (host) => {
      const portrait = portraits.get(host.name);
      if (portrait === undefined) return;
      await unplug(fleet, host);
      await removeDisk(host);
      await ensureKey(hostKey(host), `root@${host.name}`);
      const base = bases.get(portrait.release) ?? '';
      const made = await makeTwin({ fleet, host, network, base, portrait });
      await bootHost(fleet, host, network, async () => diskOfTwin(host));
      const firewall = await waitForTwin(fleet, host, network);
      twins.set(host.name, { target: targetOf(fleet, network.prefix, host, 'admin'), made: { ...made, firewall } });
    });
    await spread(fleet, network);
    return twins;
  });
}

/** The host lets in whom it knows, and we come from another address than anybody there. @returns what was taken off */
async function waitForTwin(fleet: Fleet, host: Host, network: Network): Promise<string | undefined> {
  await waitForBoot(fleet, host);
  if (await isReached(network, host)) return undefined;
  const rules = await execIn(fleet, host, ['nft', 'list', 'ruleset']);
  if (rules.code !== 0 || rules.stdout.trim() === '') {
    await waitForSshd(host, network);
    return undefined;
  }
  await execIn(fleet, host, ['nft', 'flush', 'ruleset']);
  await waitForSshd(host, network);
  return 'it would keep play out of the twin, which is not reached from where the host is';
}
