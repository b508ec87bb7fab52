import { askSshAhead, type Target } from '../../connection/index.ts';
import { ExitCode, PlayError } from '../../errors/index.ts';
import type { Inventory } from '../../inventory/index.ts';
import { detachedLog } from '../../operator/detach.ts';
import { withFailedHosts } from '../../operator/failed-hosts.ts';
import type { Flags } from '../../options/flags.ts';
import { runbookOf, tagList, withPlace, type Playbook } from '../../playbook/index.ts';
import type { Launch } from '../../project/launch.ts';
import { loadPlaybook } from '../../project/load-playbook.ts';
import { findPlaybook } from '../../project/project.ts';
import { checkTypes } from '../../project/type-check.ts';
import { maskedTexts, shortPath } from '../../report/index.ts';
import { warnOf } from '../../report/warnings.ts';
import { prepareRun, type PreparedRun, type RunRequest } from '../../run/index.ts';
import type { Redactor } from '../../secrets/index.ts';
import { openInventory, requestOf } from '../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../targets/passwords.ts';
import { targetOf } from '../../targets/target.ts';
import { commandNames, parseRun } from '../parse.ts';
import { refuseMisspeltExtras } from './extra-names.ts';
import { listingEvents, listingText } from './listings.ts';
import type { PlanToApply } from './plan/applied-plan.ts';
import { requireOutFolder } from './plan/out-file.ts';
import { runPlan } from './plan/run-plan.ts';
import { findRunbook } from './runbook/find-runbook.ts';
import { startDetached } from './runs/start-detached.ts';
import { startRun, type Resumed } from './start-run.ts';
import { useVerdict } from './type-verdict.ts';
import { refuseWithoutWorkers } from './worker/run-workers.ts';

/**
 * `play PLAYBOOK.ts`: everything is read and checked before the first host is touched.
 *
 * @param resumed the run that this one goes on with
 * @param toApply the plan that it is held to
 */
export async function runPlaybook(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
  resumed?: Resumed,
  toApply?: PlanToApply,
): Promise<number> {
  const { playbook: name, flags, config, given } = await parseRun(args, launch);
  refuseContradictions(flags);
  if (flags.out !== undefined) requireOutFolder('--out', flags.out);
  if (flags.script !== undefined) requireOutFolder('--script', flags.script);
  if (flags.detach && process.env[detachedLog] === undefined) return await startDetached(args, launch);
  const file = findPlaybook(name, config.playbooksDir, commandNames());
  refuseWithoutWorkers(flags, file, toApply !== undefined);
  const isListing = flags.listHosts || flags.listTasks || flags.listTags;
  const touchesHosts = !isListing && !flags.syntaxCheck;
  if (flags.watch)
    return await (await import('./watch/watch-playbook.ts')).watchPlaybook({ file, flags, launch, redactor });
  // Runs beside all that follows; an unchanged playbook has its verdict at once.
  const verdict = isListing || !flags.typecheck ? undefined : checkTypes(file, launch);

  const opened = await openInventory(flags, launch, { playbook: file });
  const playbook = await loadPlaybook(file, launch);
  const passwords = touchesHosts ? await runPasswords(flags) : { login: undefined, become: undefined };
  const login = { password: passwords.login, passphrase: passphraseAsker() };
  let first: { readonly host: string; readonly target: Target } | undefined;
  const targetIn =
    (inventory: Inventory) =>
    (host: string): Target =>
      // Of its variables some may be what a command prints: these are not worked out twice.
      first?.host === host && inventory === opened.inventory ? first.target : targetOf(inventory, host, flags, login);
  const prepared = prepareFor(file, playbook, flags, {
    // Listings make no images.
    ...requestOf(isListing ? { ...opened, standIns: undefined } : opened, passwords.become),
    isListing,
    ...(touchesHosts && isReachedFromHere(flags)
      ? { onHosts: ([host]) => (first = askAhead(host, targetIn(opened.inventory))) }
      : {}),
  });
  refuseMisspeltExtras(prepared);
  if (isListing) {
    tell(
      flags,
      redactor,
      () => listingText(prepared, flags),
      () => listingEvents(prepared, flags),
    );
    return ExitCode.ok;
  }
  if (verdict) await useVerdict(file, verdict);
  if (flags.syntaxCheck) {
    tell(
      flags,
      redactor,
      () => `\nplaybook: ${shortPath(file)}\n`,
      () => [{ event: 'syntax', playbook: shortPath(file) }],
    );
    return ExitCode.ok;
  }
  const plan = await runPlan(
    { prepared, inventory: prepared.request.inventory, flags, given, launch, redactor },
    toApply,
  );
  return await startRun({
    ...opened,
    kind: toApply === undefined ? 'playbook' : 'apply',
    resumed,
    plan,
    workers: { launch, args },
    prepared,
    flags,
    redactor,
    login,
    // With the hosts that tasks add.
    targetFor: targetIn(prepared.request.inventory),
  });
}

/** Whether this process connects to the hosts by the inventory: to throwaway hosts nothing of it leads, and workers connect by themselves. */
function isReachedFromHere({ sandbox, workers }: Flags): boolean {
  return !sandbox && workers === undefined;
}

/** ssh is asked beside the rest of the desk work; what it says of the first host is mostly good for all. */
function askAhead(
  host: string | undefined,
  targetFor: (host: string) => Target,
): { readonly host: string; readonly target: Target } | undefined {
  if (host === undefined) return undefined;
  try {
    const target = targetFor(host);
    askSshAhead(target);
    return { host, target };
  } catch (error) {
    // What is wrong with a host's variables is told when all of them are read.
    if (!(error instanceof PlayError)) throw error;
    return undefined;
  }
}

/** A playbook with what the command line chooses of it: read and checked, and nothing is connected. */
export function prepareFor(
  file: string,
  playbook: Playbook,
  flags: Flags,
  request: Omit<RunRequest, 'playbook' | 'file' | 'limit' | 'tags'>,
): PreparedRun {
  const prepared = prepareRun({
    ...request,
    playbook,
    file,
    limit: withFailedHosts(flags.limit, file),
    onWarning: warnOf,
    tags: { only: tagList(flags.tags), skip: tagList(flags.skipTags) },
    ...(flags.startAtTask === undefined ? {} : { startAtTask: flags.startAtTask }),
  });
  if (!request.isListing) refuseUnknownRunbooks(prepared);
  return prepared;
}

/** Prints what is asked for in place of a run, which no host has a part in. */
function tell({ output }: Flags, redactor: Redactor, text: () => string, events: () => readonly object[]): void {
  const lines = (): string =>
    [...events(), { event: 'recap', hosts: {}, exit: ExitCode.ok }]
      .map((event) => `${JSON.stringify(maskedTexts(event, redactor))}\n`)
      .join('');
  process.stdout.write(output === 'jsonl' ? lines() : redactor.redact(text()));
}

function refuseContradictions(flags: Flags): void {
  if (flags.exitCode && !flags.check)
    throw new PlayError('--exit-code is for --check: it says whether anything would change', { hint: 'Add -C.' });
  if (!flags.check && (flags.out !== undefined || flags.script !== undefined))
    throw new PlayError(
      `${flags.out === undefined ? '--script' : '--out'} is for --check: it writes what would change`,
      {
        hint: 'Add -C.',
      },
    );
  if (flags.withSecrets && flags.script === undefined)
    throw new PlayError('--with-secrets is for --script', { hint: 'Add --script FILE, or leave it out.' });
  if (flags.quiet && flags.verbose > 0)
    throw new PlayError('-q and -v contradict each other', { hint: 'Leave one of them out.' });
  if (flags.step && flags.output !== 'human')
    throw new PlayError(`--step asks questions, but --output ${flags.output} is for programs`, {
      hint: 'Leave one of them out.',
    });
  if (flags.listHosts || flags.listTasks || flags.listTags || flags.syntaxCheck) refuseReports(flags);
  if (flags.detach && (flags.step || flags.check))
    throw new PlayError(
      `--detach leaves the terminal, and ${flags.step ? '--step asks there' : 'check mode is for it'}`,
      {
        hint: 'Leave one of them out.',
      },
    );
}

/** A listing has no run to tell of. */
function refuseReports({ output, report }: Flags): void {
  const [option] = [
    ...report.map(() => '--report'),
    ...(output === 'junit' || output === 'markdown' ? [`--output ${output}`] : []),
  ];
  if (option !== undefined)
    throw new PlayError(`${option} is for runs and checks: nothing is run here`, { hint: 'Leave it out.' });
}

/** Who looks for a runbook in an incident has no time for a misspelt name. */
function refuseUnknownRunbooks({ plays }: PreparedRun): void {
  const checked = new Set<string>();
  for (const { task, inherited } of plays.flatMap(({ all }) => [...all.values()].flatMap(({ tasks }) => tasks)))
    for (const text of [inherited.service?.ifItBreaks, inherited.service?.restore]) {
      const name = runbookOf(text);
      if (name === undefined || checked.has(name)) continue;
      withPlace(task, () => findRunbook(name));
      checked.add(name);
    }
}
