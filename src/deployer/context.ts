import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../errors/index.ts';
import { matchHosts, type Inventory } from '../inventory/index.ts';
import type { Launch } from '../project/launch.ts';
import { findProject } from '../project/project.ts';
import type { Redactor } from '../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../targets/chosen-hosts.ts';
import { findConfig, readConfig, throwMistakes, type DeployerConfig } from './config.ts';
import type { DeployerFlags } from './flags.ts';
import { Output } from './output.ts';
import { Survey } from './survey.ts';

/** What every command works with: the configuration, the hosts, and where to say things. */
export interface Context {
  readonly config: DeployerConfig;
  readonly flags: DeployerFlags;
  readonly chosen: ChosenHosts;
  readonly survey: Survey;
  readonly output: Output;
  readonly redactor: Redactor;
  /** Hosts that -l leaves; all without it. */
  readonly isMeant: (host: string) => boolean;
}

/** The names play gives to the machine itself, also when no inventory lists it. */
const localNames = ['localhost', '127.0.0.1', '::1'];

/**
 * Reads configuration and inventory. The inventory says how hosts are reached; without one they are reached as ssh
 * would.
 *
 * @throws PlayError for every mistake that can be seen from here
 */
export async function openContext(flags: DeployerFlags, launch: Launch, redactor: Redactor): Promise<Context> {
  const config = readConfig(flags.config ?? findConfig(process.cwd()));
  const hosts = config.stages.flatMap((stage) => stage.hosts);
  const given = flags.inventory.length > 0 ? flags.inventory : projectInventory(config.file);
  // This machine is reached without ssh, unless the inventory says otherwise: as play does.
  const list = `${hosts.filter((host) => !localNames.includes(host)).join(',')},`;
  const { limit, ...others } = flags;
  // Named in a list too, hosts are there also when the inventory does not know them: a deployer.ini needs no inventory.
  const chosen = await chooseHosts({
    flags: { ...others, inventory: [...given, list] },
    launch,
    redactor,
    pattern: hosts.join(','),
  });
  if (!flags.sandbox && given.length > 0) refuseUnknownHosts(config, chosen.inventory, hosts, `-i ${list}`);
  const limited = limit === undefined ? undefined : new Set(matchHosts(chosen.inventory, limit));
  return {
    config,
    flags,
    chosen,
    survey: new Survey(chosen, flags.forks),
    output: new Output(flags, redactor),
    redactor,
    isMeant: (host) => limited?.has(host) ?? true,
  };
}

/** The inventory of the project that the configuration belongs to; none where there is none. */
function projectInventory(configFile: string): string[] {
  const project = findProject(configFile);
  const inventory = project === undefined ? undefined : join(project, 'inventory');
  return inventory !== undefined && existsSync(inventory) ? [inventory] : [];
}

/** Where there is an inventory, a host it does not know is a mistyped one. */
function refuseUnknownHosts(
  config: DeployerConfig,
  inventory: Inventory,
  hosts: readonly string[],
  list: string,
): void {
  const isOfList = (host: string): boolean => {
    const where = inventory.hosts.get(host)?.where;
    return typeof where === 'object' && where.file === list;
  };
  const known = [...inventory.hosts.keys()].filter((host) => !isOfList(host));
  const mistakes = hosts.filter(isOfList).map((host) => {
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
