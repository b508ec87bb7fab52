import { ExitCode, locationText } from '../../../errors/index.ts';
import { ambiguousSpellings, filesOf, matchHosts, type Inventory } from '../../../inventory/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addInventoryOptions, type InventoryFlags } from '../../../options/flags.ts';
import { oneOf } from '../../../options/option-values.ts';
import type { ProjectConfig } from '../../../project/config.ts';
import type { Launch } from '../../../project/launch.ts';
import { inventorySources, readInventory } from '../../../project/load-inventory.ts';
import { findPlaybook, findProject, projectPlaybooks } from '../../../project/project.ts';
import { makeStyle, shortPath, wantsColour } from '../../../report/index.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { parseWithConfig } from '../../parse.ts';
import { lintAccounts } from './accounts.ts';
import { findAnsibleCfg, lintAnsibleCfg } from './ansible-cfg.ts';
import { findingOf, type Finding } from './finding.ts';
import { lintMembers } from './members.ts';
import { mendSpellings, type Mended } from './mend-spellings.ts';
import { lintPlaybooks } from './playbooks.ts';
import { lintTargets } from './targets.ts';
import { lintUnread } from './unread.ts';
import { lintVariables } from './variables.ts';

interface LintFlags extends InventoryFlags {
  readonly output: 'human' | 'jsonl';
  readonly fix: boolean;
}

/** What lint found, and what it mended. */
interface Linted {
  readonly findings: readonly Finding[];
  readonly mended: readonly Mended[];
}

/**
 * `play lint [PLAYBOOK...]`: what Ansible would do differently, and what looks wrong. No host is touched. @returns 1 when
 * something was found
 */
export async function runLintCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = addInventoryOptions(
    makeCommand(
      'play lint',
      'Finds mistakes in inventory, variables, playbooks and ansible.cfg: what is never read, overridden or misspelt.',
    ),
  )
    .argument('[playbook...]', 'playbooks by path or name (default: all of the project)')
    .option(
      '--fix',
      'fix in place what YAML 1.1 and 1.2 read differently (yes, 0644, 2.0); comments and everything else stay as they are',
      false,
    )
    .option(
      '--output <form>',
      'human (default), or jsonl: one JSON object per line for each finding',
      oneOf('--output', ['human', 'jsonl']),
      'human',
    );
  const config = await parseWithConfig(command, args, launch, ([first]) => first);
  const flags = command.opts<LintFlags>();
  const files =
    command.args.length > 0
      ? command.args.map((name) => findPlaybook(name, config.playbooksDir))
      : projectPlaybooks(config.playbooksDir);
  const linted = await lint({ files, flags, config, launch });
  const exit = linted.findings.length > 0 ? ExitCode.usage : ExitCode.ok;
  if (flags.output === 'jsonl') printJson(linted, exit);
  else printFindings(linted);
  return exit;
}

interface LintInput {
  readonly files: readonly string[];
  readonly flags: LintFlags;
  readonly config: ProjectConfig;
  readonly launch: Launch;
}

async function lint({ files, flags, config, launch }: LintInput): Promise<Linted> {
  const findings: Finding[] = [];
  const mended: Mended[] = [];
  const project = findProject(files[0]);
  const cfg = findAnsibleCfg(project, flags.inventory);
  if (cfg !== undefined) findings.push(...lintAnsibleCfg(cfg, config));
  const inventory = await checkedInventory({ files, flags, config, launch }, findings, mended);
  const read = await lintPlaybooks(files, inventory, launch);
  findings.push(...read.findings);
  if (inventory === undefined) return { findings, mended };
  const hosts = flags.limit === undefined ? [...inventory.hosts.keys()] : matchHosts(inventory, flags.limit);
  const sources = inventorySources(flags, project);
  try {
    findings.push(
      ...lintMembers(inventory, hosts),
      ...lintVariables(inventory, hosts),
      ...lintTargets({ inventory, hosts, sources, project, playbooks: files }),
      ...lintAccounts(inventory, hosts),
      ...lintUnread({
        inventory,
        hosts,
        playbooks: read.playbooks,
        project,
        inventoryFiles: sources.flatMap((source) => filesOf(source)),
      }),
    );
  } catch (thrown) {
    // Variables that are encrypted, with nothing to open them: what was found before says where the password is.
    findings.push(findingOf('inventory', thrown));
  }
  return { findings, mended };
}

/** The inventory, every variables file of it read; a mistake in it is a finding like others. */
async function checkedInventory(
  { files, flags, launch }: LintInput,
  findings: Finding[],
  mended: Mended[],
): Promise<Inventory | undefined> {
  let spellings: readonly Finding[] = [];
  try {
    const vault = await openVault(flags);
    const project = findProject(files[0]);
    const traps = ambiguousSpellings(inventorySources(flags, project), project, vault);
    const fixed = flags.fix ? mendSpellings(traps) : { mended: [], left: traps };
    mended.push(...fixed.mended);
    spellings = fixed.left.map(({ what, hint, where }): Finding => ({ rule: 'spelling', what, hint, where }));
    findings.push(...spellings);
    const inventory = await readInventory({
      flags,
      vault,
      launch,
      playbook: files[0],
      runsLookups: false,
      onWarning: (warning) => findings.push({ rule: 'inventory', ...warning }),
    });
    inventory.check();
    return inventory;
  } catch (thrown) {
    const first = findingOf('inventory', thrown);
    if (!spellings.some(({ what }) => what === first.what)) findings.push(first);
    return undefined;
  }
}

function printFindings({ findings, mended }: Linted): void {
  const { yellow, dim, green } = makeStyle(wantsColour(process.stdout));
  for (const { where, from, to } of mended)
    process.stdout.write(
      `${locationText({ ...where, file: shortPath(where.file) })}  ${green('mended')}  ${from} -> ${to}\n`,
    );
  for (const { rule, what, where, hint } of findings) {
    const place =
      where === undefined
        ? ''
        : `${typeof where === 'string' ? where : locationText({ ...where, file: shortPath(where.file) })}  `;
    process.stdout.write(`${place}${yellow(rule)}  ${what}\n${hint === undefined ? '' : `    ${dim(hint)}\n`}`);
  }
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  process.stdout.write(findings.length === 0 ? `${green('nothing found')}\n` : `\n${count}\n`);
}

function printJson({ findings, mended }: Linted, exit: number): void {
  for (const { where, from, to } of mended)
    process.stdout.write(`${JSON.stringify({ event: 'mended', rule: 'spelling', ...where, from, to })}\n`);
  for (const { rule, what, where, hint } of findings) {
    const place = where === undefined ? {} : typeof where === 'string' ? { where } : where;
    process.stdout.write(`${JSON.stringify({ event: 'finding', rule, what, ...place, hint: hint ?? null })}\n`);
  }
  process.stdout.write(`${JSON.stringify({ event: 'lint', findings: findings.length, exit })}\n`);
}
