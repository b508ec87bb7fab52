import { basename } from 'node:path';
import type { Command } from 'commander';
import { PlayError } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { addConnectionOptions, addLockOptions } from '../../../options/connection-flags.ts';
import { addInventoryOptions, addOutputOption, addReportOption } from '../../../options/flags.ts';
import { positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { said } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { givenOptions } from '../../parse.ts';
import { runPlaybook } from '../run.ts';
import { patchArguments } from './patch-options.ts';
import { argumentsOf, ownPath } from './plan-options.ts';
import { requireSigned } from './signature.ts';

/** `play apply PLAN.json`: runs a plan's playbook, as long as what it would do is what the plan says. */
export async function runApplyCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = applyCommand();
  parseWith(command, args);
  const [file = ''] = command.args;
  const given = givenOptions(command);
  const { parsePlan, readPlanBytes } = await import('../../../plans/index.ts');
  const bytes = readPlanBytes(file);
  const { signers } = command.opts<{ readonly signers?: string }>();
  if (signers !== undefined)
    process.stderr.write(`${basename(file)} is signed by ${said(requireSigned(file, bytes, signers))}\n`);
  const plan = parsePlan(bytes, file);
  const project = findProject() ?? process.cwd();
  const told = { inventory: given.has('inventory'), limit: given.has('limit'), extraVars: given.has('extraVars') };
  const derived = argumentsOf(plan.options, project, told);
  const others = plan.options.others ?? [];
  const missing = others.filter(
    (option) => !command.options.some((one) => one.long === option && given.has(one.attributeName())),
  );
  if (missing.length > 0)
    process.stderr.write(`note: the plan was made with ${said(missing.join(', '))}, but this run is without\n`);
  const toApply = { plan, file, isNarrowed: told.limit };
  const again = [...derived, ...againOf(command, given)];
  if (plan.options.patch !== undefined) {
    const { runPatchCommand } = await import('../patch/patch-command.ts');
    return await runPatchCommand([...patchArguments(plan.options.patch), ...again], launch, redactor, toApply);
  }
  const playbook = ownPath(plan.playbook, project, 'The playbook');
  if (!playbook.endsWith('.ts'))
    throw new PlayError(`The plan's playbook is not a playbook: ${said(plan.playbook)}`, { where: { file } });
  return await runPlaybook([playbook, ...again], launch, redactor, undefined, toApply);
}

function applyCommand(): Command {
  const command = makeCommand(
    'play apply',
    "Runs a plan's playbook on its hosts, if what it would do is what the plan says. The plan is only compared with, never executed itself: if there are differences, they are listed, and nothing is changed.",
  );
  return addReportOption(addOutputOption(addLockOptions(addConnectionOptions(addInventoryOptions(command)))))
    .argument('<plan>', 'the file that -C --out wrote')
    .option('-C, --check', 'only compare', false)
    .option('-D, --diff', 'show changes to files as diffs', false)
    .option('-f, --forks <n>', 'hosts at once (default: 50)', positive('--forks'))
    .option('--ask, --step', 'show each change and ask: yes, no, all, quit', false)
    .option(
      '--signers <file>',
      'only a plan that one of these people has signed (ssh-keygen(1), ALLOWED SIGNERS): PLAN.sig',
    )
    .option('--plan-key-file <file>', "the key for the plan's fingerprints (default: your own)")
    .option('--no-typecheck', 'run without waiting for tsc to check the types')
    .option('-v, --verbose', 'say more', (_: string, count: number) => count + 1, 0);
}

/** The options of the command line as arguments of a run. */
function againOf(command: Command, given: ReadonlySet<string>): string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    const long = option.long ?? '';
    if (!given.has(name) || name === 'signers') return [];
    const value: unknown = command.getOptionValue(name);
    if (name === 'verbose') return Array.from({ length: Number(value) }, () => '-v');
    if (option.negate) return value === false ? [long] : [];
    if (value === true) return [long];
    return [value].flat().map((one) => `${long}=${String(one)}`);
  });
}
