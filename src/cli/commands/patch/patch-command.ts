import { join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { withFailedHosts } from '../../../operator/failed-hosts.ts';
import { makeCommand } from '../../../options/command.ts';
import { addLockOptions, type LockFlags } from '../../../options/connection-flags.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { addReportOption } from '../../../options/flags.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { NotifyFlags } from '../../../options/notify-flags.ts';
import { collect, positive } from '../../../options/option-values.ts';
import { isBatch } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import type { PatchSettings } from '../../../project/patch-settings.ts';
import { warnOf } from '../../../report/warnings.ts';
import { prepareRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { givenOptions, parseWithConfig } from '../../parse.ts';
import type { PlanToApply } from '../plan/applied-plan.ts';
import { requireOutFolder } from '../plan/out-file.ts';
import { patchOptionsOf, type PatchChoices } from '../plan/patch-options.ts';
import { runPlan } from '../plan/run-plan.ts';
import { noPlaybookFlags } from '../resource.ts';
import { startRun } from '../start-run.ts';
import { patchPlaybook } from './patch-play.ts';
import { patchReport } from './patch-report.ts';

interface PatchFlags extends HostFlags, LockFlags, NotifyFlags, PatchChoices {
  readonly check: boolean;
  readonly diff: DiffFlag;
  readonly exitCode: boolean;
  readonly out?: string;
  readonly planKeyFile?: string;
  /** From `play.config.ts` alone. */
  readonly patch?: PatchSettings;
}

/**
 * `play patch -l PATTERN`: upgrades of packages over many hosts, batch by batch.
 *
 * @param toApply the plan that it is held to
 */
export async function runPatchCommand(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
  toApply?: PlanToApply,
): Promise<number> {
  const described = makeCommand(
    'play patch',
    'Upgrades Debian packages on hosts, batch by batch, each behind a gate; says what is kept back, held, runs old code and needs a reboot.',
  );
  const command = addReportOption(addLockOptions(addHostOptions(described)))
    .option('--security', 'only what security archives have', false)
    .option(
      '--only <package>',
      'only this one, or those matching a pattern; may be given several times',
      names('--only'),
      [],
    )
    .option('--exclude <package>', 'not this one; may be given several times', names('--exclude'), [])
    .option('--full', 'packages may be removed to upgrade others (apt full-upgrade)', false)
    .option('--serial <hosts>', "hosts at a time: 5, 10%, or a list of these: '1,10%' (default: all)", batches)
    .option('--gate <url>', 'must answer on each host before the next batch; may be given several times', gates, [])
    .option('--restart', 'restart services that still run replaced programs or libraries', false)
    .option('--reboot-if-needed', 'reboot hosts that need it, and check that they come back as they were', false)
    .option(
      '--reboot-timeout <seconds>',
      'how long a host may take to come back (default: 600)',
      positive('--reboot-timeout'),
      600,
    )
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('--exit-code', 'with --check: exit with 3 when something would change', false)
    .option('--out <file>', 'with --check: write the plan there, for review and for play apply')
    .option('--plan-key-file <file>', "the key for the plan's fingerprints (default: your own)");
  addDiffOption(command, 'show changes to files, which preTasks and postTasks may make, as diffs');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<PatchFlags>();
  if (flags.limit === undefined)
    throw new PlayError('On which hosts?', {
      hint: "Name them with -l: -l all means every one, -l 'all:!db' all but db.",
    });
  if (flags.exitCode && !flags.check)
    throw new PlayError('--exit-code is for --check: it says whether anything would change', { hint: 'Add -C.' });
  if (flags.out !== undefined) {
    if (!flags.check) throw new PlayError('--out is for --check: it writes what would change', { hint: 'Add -C.' });
    requireOutFolder('--out', flags.out);
  }
  const patch = flags.out === undefined && toApply === undefined ? undefined : patchOptionsOf(flags);
  const { patch: settings = {} } = flags;
  const playbook = patchPlaybook({
    ...flags,
    exclude: [...(settings.exclude ?? []), ...flags.exclude],
    serial: flags.serial ?? [settings.serial ?? []].flat(),
    gates: flags.gate,
    settings,
  });
  const opened = await openInventory(flags, launch);
  const passwords = await runPasswords(flags);
  // Its folder is where relative files are looked for.
  const file = join(process.cwd(), 'play patch');
  const prepared = prepareRun({
    ...requestOf(opened, passwords.become),
    playbook,
    file,
    limit: withFailedHosts(flags.limit, file),
    onWarning: warnOf,
    tags: { only: [], skip: [] },
  });
  const runFlags = { ...noPlaybookFlags, ...flags };
  const plan = patch && {
    plan: await runPlan(
      { prepared, inventory: opened.inventory, flags: runFlags, given: givenOptions(command), launch, redactor, patch },
      toApply,
    ),
  };
  return await startRun({
    ...opened,
    ...plan,
    kind: toApply === undefined ? 'patch' : 'apply',
    prepared,
    flags: runFlags,
    redactor,
    login: { password: passwords.login, passphrase: passphraseAsker() },
    reportBy: (report) => patchReport(report, flags),
  });
}

/** Names of packages, also several by commas. */
function names(option: string): (value: string, previous: readonly string[]) => string[] {
  return (value, previous) => {
    const given = value
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    const wrong = given.find((one) => !/^[a-z0-9*?[\]][a-z0-9+.*?[\]:-]*$/.test(one));
    if (wrong !== undefined)
      throw new PlayError(`${option}: "${wrong}" is not a package name`, {
        hint: "Write a name, or a pattern in quotes: 'linux-image-*'. Versions are pinned by aptPin.",
      });
    return [...previous, ...given];
  };
}

function batches(value: string): (number | string)[] {
  return value.split(',').map((one) => {
    const batch = /^\d+$/.test(one.trim()) ? Number(one) : one.trim();
    if (!isBatch(batch))
      throw new PlayError(`--serial: "${one}" is neither a number of hosts nor a percentage`, {
        hint: "Write --serial 2, --serial 10%, or a list of these: --serial '1,10%'.",
      });
    return batch;
  });
}

function gates(value: string, previous: readonly string[]): string[] {
  if (/^https?:\/\/[^\s]+$/.test(value)) return collect(value, previous);
  throw new PlayError(`--gate needs an http:// or https:// address, not "${value}"`, {
    hint: 'Other kinds of gates are tasks: `patch: { gate }` in play.config.ts.',
  });
}
