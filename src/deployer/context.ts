import { dirname } from 'node:path';
import { nearest } from '../errors/index.ts';
import { openRunner, type Runner, type RunnerInventory, type RunnerOptions } from '../runner/index.ts';
import { findConfig, readConfig, throwMistakes, type DeployerConfig } from './config.ts';
import type { DeployerFlags } from './flags.ts';
import { Output } from './output.ts';

/** What every command works with: the configuration, the hosts, and where to say things. */
export interface Context {
  readonly config: DeployerConfig;
  readonly flags: DeployerFlags;
  readonly runner: Runner;
  readonly output: Output;
  /** Hosts that -l leaves; all without it. */
  readonly isMeant: (host: string) => boolean;
}

/**
 * Reads configuration and inventory. The inventory says how hosts are reached; without one they are reached as ssh
 * would.
 *
 * @param options what was typed of how hosts are reached
 * @throws PlayError for every mistake that can be seen from here
 */
export async function openContext(flags: DeployerFlags, { limit, ...options }: RunnerOptions): Promise<Context> {
  const config = readConfig(flags.config ?? findConfig(process.cwd()));
  const hosts = config.stages.flatMap((stage) => stage.hosts);
  // Its hosts are there also when the inventory does not know them: a deployer.ini needs no inventory.
  const runner = await openRunner({ ...options, hosts, project: dirname(config.file) });
  const { inventory } = runner;
  if (options.sandbox === undefined && inventory.sources.length > 0) refuseUnknownHosts(config, inventory, hosts);
  await runner.prepare(hosts);
  const limited = limit === undefined ? undefined : new Set(inventory.hosts(limit));
  return {
    config,
    flags,
    runner,
    output: new Output(flags, runner),
    isMeant: (host) => limited?.has(host) ?? true,
  };
}

/** Where there is an inventory, a host it does not know is a mistyped one. */
function refuseUnknownHosts(config: DeployerConfig, inventory: RunnerInventory, hosts: readonly string[]): void {
  const known = inventory.hosts().filter((host) => inventory.isListed(host));
  const mistakes = hosts
    .filter((host) => !inventory.isListed(host))
    .map((host) => {
      const close = nearest(host, known);
      return {
        what: `The inventory does not know the host "${host}"`,
        where: config.placeOf(host),
        hint:
          close.length > 0
            ? `Did you mean ${close.map((one) => `"${one}"`).join(' or ')}?`
            : 'Add it there, or check its name.',
      };
    });
  throwMistakes(config.file, mistakes);
}
