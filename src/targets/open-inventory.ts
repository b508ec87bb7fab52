import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import type { Inventory } from '../inventory/index.ts';
import type { ReachFlags } from '../options/host-flags.ts';
import { stateFolder } from '../project/cache-folder.ts';
import type { Launch } from '../project/launch.ts';
import { readInventory } from '../project/load-inventory.ts';
import { warnOf } from '../report/warnings.ts';
import type { RunRequest } from '../run/index.ts';
import type { Secret, Vault } from '../secrets/index.ts';
import { becomeReader } from './become.ts';
import { openVault } from './open-vault.ts';
import { findStandIns, imageArchives, type StandIns } from './stand-ins.ts';

/** An inventory and what the command line says of its hosts. */
export interface OpenInventory {
  readonly flags: ReachFlags;
  readonly inventory: Inventory;
  /** What the project declares for throwaway hosts, where these are used. */
  readonly standIns: StandIns | undefined;
  /** Where the project keeps secrets that are made up for throwaway hosts. */
  readonly sandboxSecrets: string;
}

export interface InventoryPlace {
  readonly playbook?: string | undefined;
  readonly project?: string | undefined;
  readonly vault?: Vault | undefined;
}

/**
 * Reads the inventory of the command line, vaults included.
 *
 * @param playbook the file that is run, whose project counts; undefined where there is none
 * @param project the project's folder, where neither the playbook nor the working directory tells it
 * @param vault opened already, where its password was asked for before
 * @throws PlayError for every mistake in it
 */
export async function openInventory(
  flags: ReachFlags,
  launch: Launch,
  { playbook, project, vault }: InventoryPlace = {},
): Promise<OpenInventory> {
  if (flags.sandbox && flags.connection !== undefined)
    throw new PlayError('--sandbox and --connection contradict each other', { hint: 'Leave one of them out.' });
  if (!flags.sandbox && flags.sandboxRelease !== undefined)
    throw new PlayError('--sandbox-release is for throwaway hosts', { hint: 'Add --sandbox.' });
  const standIns = flags.sandbox ? findStandIns(playbook, project) : undefined;
  const inventory = await readInventory({
    flags,
    vault: vault ?? (await openVault(flags)),
    launch,
    playbook,
    project,
    onWarning: warnOf,
    sandboxVars: standIns?.vars,
  });
  const sandboxSecrets = join(stateFolder(playbook ?? join(project ?? process.cwd(), 'tool')), 'sandbox-secrets');
  return { flags, inventory, standIns, sandboxSecrets };
}

/** What a run takes of the command line and the inventory, whatever its playbook is. */
export function requestOf(
  { flags, inventory, standIns, sandboxSecrets }: OpenInventory,
  becomePassword: Secret | undefined,
): Omit<RunRequest, 'playbook' | 'file' | 'limit' | 'tags'> {
  return {
    inventory,
    become: flags.become,
    becomeUser: flags.becomeUser ?? 'root',
    becomeMethod: flags.becomeMethod ?? 'sudo',
    becomePassword,
    becomeOf: becomeReader(inventory, flags.sandbox !== false),
    sandbox: flags.sandbox !== false,
    sandboxSecrets,
    ...(standIns ? { standInImages: imageArchives(standIns) } : {}),
  };
}
