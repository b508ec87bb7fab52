import { PlayError } from '../../errors/index.ts';
import { inventoryGraph, inventoryHost, inventoryList, matchHosts } from '../../inventory/index.ts';
import { makeCommand } from '../../options/command.ts';
import { addInventoryOptions, type InventoryFlags } from '../../options/flags.ts';
import type { Launch } from '../../project/launch.ts';
import { readInventory } from '../../project/load-inventory.ts';
import { warnOf } from '../../report/warnings.ts';
import { openVault } from '../../targets/open-vault.ts';
import { jsonOf } from '../../values/index.ts';
import { parseWithConfig } from '../parse.ts';

interface ShowFlags extends InventoryFlags {
  readonly list: boolean;
  readonly graph: boolean;
  readonly host?: string;
  readonly hosts: boolean;
}

/** `play inventory --list|--graph|--host HOST|--hosts`: what ansible-inventory shows, and the names one a line. */
export async function runInventoryCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = addInventoryOptions(makeCommand('play inventory', 'Shows what the inventory says.'))
    .option('--list', "all of it, as JSON like ansible-inventory's", false)
    .option('--graph', 'the groups as a tree', false)
    .option('--host <host>', "one host's variables, as JSON")
    .option('--hosts', 'the names of hosts, one per line', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<ShowFlags>();
  const wanted = [flags.list, flags.graph, flags.host !== undefined, flags.hosts].filter(Boolean).length;
  if (wanted !== 1)
    throw new PlayError(wanted === 0 ? 'What should be shown?' : 'Only one listing at a time', {
      hint: 'One of --list, --graph, --host HOST, --hosts.',
    });
  if (flags.limit !== undefined && !flags.hosts)
    throw new PlayError('-l goes with --hosts only', { hint: 'play inventory --hosts -l PATTERN' });
  const inventory = await readInventory({
    flags,
    vault: await openVault(flags),
    launch,
    playbook: undefined,
    onWarning: warnOf,
  });
  const print = (text: string): boolean => process.stdout.write(`${text}\n`);
  if (flags.list) print(jsonOf(inventoryList(inventory), 4) ?? '');
  if (flags.graph) print(inventoryGraph(inventory));
  if (flags.host !== undefined) print(jsonOf(inventoryHost(inventory, flags.host), 4) ?? '');
  if (flags.hosts) for (const host of matchHosts(inventory, flags.limit ?? 'all')) print(host);
  return 0;
}
