import { basename } from 'node:path';
import { ExitCode } from '../../../errors/index.ts';
import type { Inventory } from '../../../inventory/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { collect, oneOf } from '../../../options/option-values.ts';
import { graphText, type DrawnGroup } from '../../../pages/index.ts';
import { tagList } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { findPlaybook } from '../../../project/project.ts';
import { warnOf } from '../../../report/warnings.ts';
import { prepareRun } from '../../../run/index.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { parseWithConfig } from '../../parse.ts';
import { drawnPlay } from './drawn-play.ts';

interface GraphFlags extends HostFlags {
  readonly format: 'svg' | 'mermaid';
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** `play graph [PLAYBOOK]`: the inventory's groups and hosts, or a playbook's plays and tasks, as a drawing. */
export async function runGraphCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play graph',
      'Draws the inventory, or a playbook: plays, roles, tasks, and which handlers they notify. Connects to no host.',
    ),
  )
    .argument('[playbook]', 'a playbook by path or name (default: the inventory)')
    .option(
      '--format <form>',
      'mermaid (default), as Markdown files of GitHub and GitLab show it; or svg',
      oneOf('--format', ['svg', 'mermaid']),
      'mermaid',
    )
    .option('-t, --tags <tags>', 'of a playbook only tasks with one of these tags', collect, [])
    .option('--skip-tags <tags>', 'of a playbook no task with one of these tags', collect, []);
  const config = await parseWithConfig(command, args, launch, ([playbook]) => playbook);
  const flags = command.opts<GraphFlags>();
  const [name] = command.args;
  if (name === undefined) {
    const { inventory } = await openInventory(flags, launch);
    process.stdout.write(graphText(flags.format, { groups: drawnGroups(inventory) }));
    return ExitCode.ok;
  }
  const file = findPlaybook(name, config.playbooksDir);
  const opened = await openInventory(flags, launch, { playbook: file });
  const prepared = prepareRun({
    ...requestOf({ ...opened, standIns: undefined }, undefined),
    isListing: true,
    playbook: await loadPlaybook(file, launch),
    file,
    limit: flags.limit,
    onWarning: warnOf,
    tags: { only: tagList(flags.tags), skip: tagList(flags.skipTags) },
  });
  const plays = prepared.plays.map(drawnPlay);
  process.stdout.write(graphText(flags.format, { title: basename(file, '.ts'), plays }));
  return ExitCode.ok;
}

/** `ungrouped` only where it has hosts; those of `all` are in it. */
function drawnGroups(inventory: Inventory): DrawnGroup[] {
  return [...inventory.groups.values()]
    .filter(({ name, directHosts }) => name !== 'ungrouped' || directHosts.length > 0)
    .map(({ name, depth, directHosts, children }) => ({
      name,
      depth,
      hosts: name === 'all' ? [] : directHosts,
      children,
    }));
}
