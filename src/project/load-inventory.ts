import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import {
  loadInventory,
  type InventoryTree,
  type InventoryWarning,
  type TypedSource,
  type Inventory,
} from '../inventory/index.ts';
import type { InventoryFlags } from '../options/flags.ts';
import type { Vault } from '../secrets/index.ts';
import { cacheFolder } from './cache-folder.ts';
import type { Launch } from './launch.ts';
import { loadTypeScript } from './load-playbook.ts';
import { findProject } from './project.ts';

export interface InventoryNeeds {
  readonly flags: InventoryFlags;
  readonly vault: Vault;
  readonly launch: Launch;
  /** The playbook's file; undefined for commands that have none. */
  readonly playbook: string | undefined;
  /** The project's folder; default: as the playbook, or else the working directory, tells it. */
  readonly project?: string | undefined;
  readonly onWarning: (warning: InventoryWarning) => void;
  /** Variables that throwaway hosts have in place of others: a file of them. */
  readonly sandboxVars?: string | undefined;
  /** What to read in place of files: see `loadInventory`. */
  readonly texts?: ReadonlyMap<string, string>;
  /** Whether lookups in variables run commands: see `loadInventory`. Default: true. */
  readonly runsLookups?: boolean;
}

/** The inventory of the command line: each `-i`, else `inventory/` of the project. */
export async function readInventory({
  flags,
  vault,
  launch,
  playbook,
  project = findProject(playbook),
  onWarning,
  texts,
  sandboxVars,
  runsLookups,
}: InventoryNeeds): Promise<Inventory> {
  const sources: (string | TypedSource)[] = [];
  for (const source of inventorySources(flags, project))
    sources.push(source.endsWith('.ts') && existsSync(source) ? await readTyped(resolve(source), launch) : source);
  const isOfProject = project !== undefined && isProjectsOwn(flags, project);
  const playbookDir = varsFolder(
    playbook === undefined ? undefined : dirname(playbook),
    isOfProject ? project : undefined,
  );
  return loadInventory({
    sources,
    playbookDir,
    extraVars: [...(sandboxVars === undefined ? [] : [`@${sandboxVars}`]), ...flags.extraVars],
    vault,
    onWarning,
    texts,
    yaml: flags.yaml,
    runsLookups,
    pluginCache: () => cacheFolder(join(project ?? process.cwd(), 'inventory')),
  });
}

/** What the command line, or else the project, has as its inventory. @throws PlayError when there is none */
export function inventorySources(flags: Pick<InventoryFlags, 'inventory'>, project: string | undefined): string[] {
  const given =
    flags.inventory.length > 0 ? flags.inventory : project === undefined ? [] : [join(project, 'inventory')];
  if (given.length === 0) {
    throw new PlayError('There is no inventory', {
      hint: 'Give one with -i, or work in a folder (or below one) that holds inventory/.',
    });
  }
  return given.flatMap(expanded);
}

/**
 * Whether the hosts are the project's: those of its inventory, of another one in its folder, or named on the command
 * line. An inventory from elsewhere has variables of its own, and those of the project are not meant for it.
 */
function isProjectsOwn(flags: InventoryFlags, project: string): boolean {
  const isOwn = (source: string): boolean =>
    source.includes(',') ||
    flags.projectInventory?.includes(source) === true ||
    !relative(project, resolve(source)).startsWith('..');
  return flags.inventory.length === 0 || flags.inventory.some(isOwn);
}

/** A folder with a typed inventory among its files, as its files; any other source as it is. */
function expanded(source: string): string[] {
  if (!existsSync(source) || !statSync(source).isDirectory()) return [source];
  const names = readdirSync(source).sort();
  if (!names.some((name) => name.endsWith('.ts'))) return [source];
  return names
    .filter((name) => !/^\.|^(?:group_vars|host_vars)$|\.(?:md|txt|bak|orig)$|~$/.test(name))
    .map((name) => join(source, name));
}

async function readTyped(file: string, launch: Launch): Promise<TypedSource> {
  const groups = await loadTypeScript(file, launch);
  if (typeof groups === 'object' && groups !== null && !Array.isArray(groups))
    return { file, groups: groups as InventoryTree };
  throw new PlayError('The file is not an inventory: its default export is not one', {
    where: { file },
    hint: "End it with: export default defineInventory({ web: { hosts: ['web1'] } });",
  });
}

/**
 * Where `group_vars/` and `host_vars/` beside the playbook are: with it, as in Ansible, or in the project that has
 * `playbooks/`.
 */
function varsFolder(playbookFolder: string | undefined, project: string | undefined): string | undefined {
  const having = [...new Set([playbookFolder, project])].filter(
    (folder) => folder !== undefined && ['group_vars', 'host_vars'].some((name) => existsSync(join(folder, name))),
  );
  if (having.length > 1) {
    throw new PlayError('There are variable files in two places, next to the playbook and in the project', {
      where: having.join(', '),
      hint: 'Keep group_vars/ and host_vars/ in one of them.',
    });
  }
  return having[0] ?? playbookFolder;
}
