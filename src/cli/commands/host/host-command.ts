import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import { utf8 } from '../../../formats/text-bytes.ts';
import { filesOf, isOneHost, type Inventory } from '../../../inventory/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addInventoryOptions, type InventoryFlags } from '../../../options/flags.ts';
import { account, collect, port } from '../../../options/option-values.ts';
import type { ProjectConfig } from '../../../project/config.ts';
import type { Launch } from '../../../project/launch.ts';
import { inventorySources, readInventory } from '../../../project/load-inventory.ts';
import { findProject } from '../../../project/project.ts';
import { HostVariables } from '../../../project/variables.ts';
import { shortPath, unifiedDiff } from '../../../report/index.ts';
import { warnOf } from '../../../report/warnings.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { parseWithConfig } from '../../parse.ts';
import { replaceFile } from '../replace-file.ts';
import { withHost, withoutHost } from './edit-source.ts';
import { afterAdding, afterRemoving, usualKnownHosts, type Edited, type FollowUp } from './follow-ups.ts';
import { groupBy } from './group-by.ts';
import { ProjectPlays } from './project-plays.ts';

interface HostCommandFlags extends InventoryFlags {
  readonly groups: readonly string[];
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  readonly check: boolean;
  readonly diff: boolean;
}

/** The texts of the inventory's files that an edit changes. */
type Texts = ReadonlyMap<string, string>;

/**
 * `play host add NAME --groups a,b` and `play host remove NAME`: edits the inventory in place and says what else must
 * follow.
 */
export async function runHostCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = addInventoryOptions(
    makeCommand(
      'play host',
      'Adds a host to the inventory, or removes one: in place, keeping comments and order. Says what else must follow.',
    ),
  )
    .argument('<add|remove>')
    .argument('<name>', "the host's name, as playbooks and people use it")
    .option('-g, --groups <groups>', 'add: groups to put it into, separated by commas', collect, [])
    .option('--address <address>', 'add: where it is reached, if not by its name (ansible_host)')
    .option('--port <n>', 'add: the ssh port, if not 22 (ansible_port)', port('--port'))
    .option('-u, --user <name>', 'add: who logs in (ansible_user)', account('--user'))
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('-D, --diff', 'show the change as a diff', false);
  const config = await parseWithConfig(command, args, launch);
  const flags = command.opts<HostCommandFlags>();
  const [what = '', name = ''] = command.args;
  if (what !== 'add' && what !== 'remove') throw unknownName('host command', what, ['add', 'remove']);
  const user = command.getOptionValueSource('user') === 'cli' ? flags.user : undefined;
  const vault = await openVault(flags);
  const read = (texts?: Texts): Promise<Inventory> =>
    readInventory({
      flags,
      vault,
      launch,
      playbook: undefined,
      onWarning: texts ? () => undefined : warnOf,
      ...(texts ? { texts } : {}),
    });
  const before = await read();
  const texts = what === 'add' ? adding(before, name, flags, user) : removing(before, name, flags);
  const { check, diff } = flags;
  if (texts.size === 0) {
    process.stdout.write(
      `${name} is in ${flags.groups.flatMap((group) => group.split(',')).join(', ')} already: nothing to change\n`,
    );
    return ExitCode.ok;
  }
  const after = await read(texts);
  refuseOtherChanges(before, after, name, what);
  if (diff)
    for (const [path, text] of texts)
      process.stdout.write(
        unifiedDiff({ path: shortPath(path), before: readFileSync(path), after: utf8.encode(text) }, (line) => line),
      );
  const edited = await editedOf({ name, before, after, flags, config, launch });
  if (!check) for (const [path, text] of texts) replaceFile(path, text);
  process.stdout.write(
    `${summary(what, check, name, before, after)} (${[...texts.keys()].map(shortPath).join(', ')})\n`,
  );
  printFollowUps(what === 'add' ? afterAdding(edited) : afterRemoving(edited), edited.plays.broken);
  return ExitCode.ok;
}

function adding(inventory: Inventory, name: string, flags: HostCommandFlags, user: string | undefined): Texts {
  if (!isOneHost(name))
    throw new PlayError(`"${name}" cannot be the name of a host`, {
      hint: 'A host name has letters, digits, points and hyphens; a port is given with --port. Add one host at a time.',
    });
  const known = [...inventory.groups.keys()].filter((group) => group !== 'all');
  const wanted = [
    ...new Set(
      flags.groups
        .flatMap((list) => list.split(','))
        .map((group) => group.trim())
        .filter((group) => group !== ''),
    ),
  ];
  if (wanted.length === 0)
    throw new PlayError('Into which groups?', { hint: `Name them with --groups a,b. There are ${known.join(', ')}.` });
  for (const group of wanted) if (!known.includes(group)) throw unknownName('group', group, known);
  if (inventory.groups.has(name))
    throw new PlayError(`"${name}" is the name of a group`, {
      where: inventory.groups.get(name)?.where ?? '',
      hint: 'Choose another name for the host.',
    });
  if (flags.address !== undefined && !/^[\w.:%-]+$/u.test(flags.address))
    throw new PlayError(`"${flags.address}" is not a name or address to reach a host at`, {
      hint: '--address takes one name, or one address without brackets.',
    });
  const variables = {
    ...(flags.address === undefined ? {} : { ansible_host: flags.address }),
    ...(flags.port === undefined ? {} : { ansible_port: flags.port }),
    ...(user === undefined ? {} : { ansible_user: user }),
  };
  refuseOther(inventory, name, variables);
  const groups = wanted.filter((group) => inventory.groups.get(group)?.directHosts.includes(name) !== true);
  const texts = new Map<string, string>();
  // A file each: its groups in the order they were named, the variables where the host is named first.
  const files = groupBy(groups, (group) => fileOf(inventory, group, flags));
  let left: Readonly<Record<string, string | number>> = inventory.hosts.has(name) ? {} : variables;
  for (const [file, own] of files) {
    texts.set(file, withHost(file, { name, groups: own, variables: left }));
    left = {};
  }
  return texts;
}

/** A host that is there keeps its variables: which of two values is meant, a person knows. */
function refuseOther(inventory: Inventory, name: string, variables: Readonly<Record<string, string | number>>): void {
  if (!inventory.hosts.has(name)) return;
  for (const [key, value] of Object.entries(variables)) {
    const now = inventory.variable(name, key);
    if (new HostVariables(inventory, name).anyText(key) === String(value)) continue;
    const where = now?.origin.where ?? inventory.host(name).where;
    throw new PlayError(
      `${name} is in the inventory already, ${now === undefined ? `without ${key}` : `with another ${key}`}`,
      { where, hint: `Write ${key}=${value} there by hand.` },
    );
  }
}

function fileOf(inventory: Inventory, group: string, flags: HostCommandFlags): string {
  const where = inventory.groups.get(group)?.where;
  if (typeof where === 'object') return where.file;
  // `ungrouped` stands in no file: the first source has it.
  const [first] = inventorySources(flags, findProject()).flatMap((source) => filesOf(source));
  if (first === undefined)
    throw new PlayError('There is no inventory file to edit', { hint: 'Give one with -i FILE.' });
  return first;
}

function removing(inventory: Inventory, name: string, flags: HostCommandFlags): Texts {
  if (!inventory.hosts.has(name)) throw unknownName('host', name, [...inventory.hosts.keys()]);
  const texts = new Map<string, string>();
  for (const file of inventorySources(flags, findProject()).flatMap((source) => filesOf(source))) {
    const text = withoutHost(file, name);
    if (text !== utf8.decode(readFileSync(file))) texts.set(file, text);
  }
  if (texts.size === 0)
    throw new PlayError(`${name} is in no file that can be edited`, {
      where: inventory.host(name).where,
      hint: 'A typed inventory, or a program that prints one, is changed by hand.',
    });
  return texts;
}

/** What an editor got wrong must not be written: the inventory is read again, as it would be. */
function refuseOtherChanges(before: Inventory, after: Inventory, name: string, what: 'add' | 'remove'): void {
  const others = (inventory: Inventory): string =>
    [...inventory.hosts.keys()]
      .filter((host) => host !== name)
      .sort()
      .join(' ');
  const where = after.hosts.get(name)?.where;
  if (what === 'remove' && where !== undefined)
    throw new PlayError(`${name} would still be in the inventory`, {
      where,
      hint: 'Take it out there by hand first; nothing was changed.',
    });
  if (others(before) !== others(after) || (what === 'add' && where === undefined))
    throw new PlayError(`The inventory would not be valid after this edit`, {
      hint: 'Edit it by hand; nothing was changed.',
    });
}

interface EditedInput {
  readonly name: string;
  readonly before: Inventory;
  readonly after: Inventory;
  readonly flags: HostCommandFlags;
  readonly config: ProjectConfig;
  readonly launch: Launch;
}

async function editedOf({ name, before, after, flags, config, launch }: EditedInput): Promise<Edited> {
  const project = findProject();
  const variables = new HostVariables(before.hosts.has(name) ? before : after, name);
  return {
    host: name,
    address: variables.text('ansible_host', 'ansible_ssh_host') ?? name,
    port: variables.integer('ansible_port', 'ansible_ssh_port') ?? 22,
    before,
    after,
    project,
    plays: await ProjectPlays.read(
      config.playbooksDir ?? (project === undefined ? 'playbooks' : join(project, 'playbooks')),
      launch,
    ),
    sources: inventorySources(flags, project).flatMap((source) => filesOf(source)),
    knownHostsFiles: usualKnownHosts(config.knownHostsFile),
  };
}

function summary(what: 'add' | 'remove', check: boolean, name: string, before: Inventory, after: Inventory): string {
  const direct = (inventory: Inventory): string[] =>
    [...inventory.groups.values()].filter(({ directHosts }) => directHosts.includes(name)).map((group) => group.name);
  if (what === 'remove') return `${check ? 'would remove' : 'removed'} ${name} from ${direct(before).join(', ')}`;
  const had = direct(before);
  return `${check ? 'would add' : 'added'} ${name} to ${direct(after)
    .filter((group) => !had.includes(group))
    .join(', ')}`;
}

/** What is of one kind stands together, each command once. */
function printFollowUps(followUps: readonly FollowUp[], broken: readonly string[]): void {
  const lines = ['', 'What must follow:'];
  for (const [what, all] of groupBy(followUps, (one) => one.what)) {
    lines.push(`  ${what}`, ...all.flatMap(({ details }) => details.map((detail) => `    ${detail}`)));
    lines.push(...[...new Set(all.flatMap(({ commands }) => commands))].map((line) => `      ${line}`));
  }
  if (broken.length > 0)
    lines.push('  not examined, because they cannot be loaded', ...broken.map((line) => `    ${line}`));
  process.stdout.write(`${lines.join('\n')}\n`);
}
