import { ExitCode, PlayError } from '../errors/index.ts';
import { connect, type Target } from '../connection/index.ts';
import type { RecapEvent } from '../engine/index.ts';
import type { Inventory } from '../inventory/index.ts';
import { tagList } from '../playbook/index.ts';
import { humanReport, jsonlReport, makeStyle, wantsColour } from '../report/index.ts';
import { execute, prepareRun, type PreparedRun } from '../run/index.ts';
import { requireSecrets, secretsIn, type Redactor } from '../secrets/index.ts';
import { sharedBecome } from './become.ts';
import type { Flags } from './flags.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Launch } from './launch.ts';
import { listingOf } from './listings.ts';
import { readInventory } from './load-inventory.ts';
import { loadPlaybook } from './load-playbook.ts';
import { parseRun } from './parse.ts';
import { becomePassword, openVault } from './passwords.ts';
import { findPlaybook } from './project.ts';
import { sandboxTargets } from './sandbox-targets.ts';
import { targetOf } from './target.ts';
import { checkTypes, refuseBadTypes, type TypeVerdict } from './type-check.ts';
import { warnOf } from './warnings.ts';

/** `play PLAYBOOK.ts`: everything is read and checked before the first host is touched. */
export async function runPlaybook(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const { playbook: name, flags } = parseRun(args);
  refuseContradictions(flags);
  const file = findPlaybook(name, launch.root);
  const isListing = flags.listHosts || flags.listTasks || flags.listTags;
  // Runs beside all that follows; an unchanged playbook has its verdict at once.
  const verdict = isListing || !flags.typecheck ? undefined : checkTypes(file, launch);

  const inventory = await readInventory({ flags, vault: await openVault(flags), launch, playbook: file, onWarning: warnOf });
  const playbook = await loadPlaybook(file, launch);
  const password = isListing ? undefined : await becomePassword(flags);
  const prepared = prepareRun({
    playbook,
    file,
    inventory,
    limit: flags.limit,
    tags: { only: tagList(flags.tags), skip: tagList(flags.skipTags) },
    extraVars: Object.fromEntries([...inventory.extra].map(([key, { value }]) => [key, value])),
    ...sharedBecome(inventory, playbook, flags, password),
    sandbox: flags.sandbox,
  });
  launch.markFullRun();
  if (isListing) {
    process.stdout.write(listingOf(prepared, flags));
    return ExitCode.ok;
  }
  if (verdict) useVerdict(await verdict);
  return await carryOut(prepared, flags, inventory, redactor);
}

function refuseContradictions(flags: Flags): void {
  if (flags.exitCode && !flags.check) throw new PlayError('--exit-code is for --check: it tells whether anything would change', { hint: 'Add -C.' });
  if (flags.sandbox && flags.connection !== undefined) throw new PlayError('--sandbox and --connection contradict each other', { hint: 'Leave one of them out.' });
}

function useVerdict(verdict: TypeVerdict): void {
  refuseBadTypes(verdict);
  if (verdict.kind === 'unchecked') warnOf({ what: `The types of the playbook were not checked: ${verdict.why}` });
}

async function carryOut(prepared: PreparedRun, flags: Flags, inventory: Inventory, redactor: Redactor): Promise<number> {
  const hosts = [...new Set(prepared.plays.flatMap((play) => play.hosts))];
  // A wrong variable of any host is found here, and not when its turn comes.
  const targets = flags.sandbox ? await sandboxTargets(hosts, flags) : new Map(hosts.map((host) => [host, targetOf(inventory, host, flags)]));
  const passwords = [prepared.request.becomePassword, ...[...targets.values()].map(({ password }) => password)];
  requireSecrets(passwords);
  redactor.add(...secretsIn([passwords, hosts.map((host) => inventory.vars(host))]));
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  const signal = watchInterrupts(
    () => say('\nInterrupted: finishing what is being written. Ctrl-C again leaves at once.'),
    () => say('\nLeft at once: what the hosts were doing may still go on there; the next run waits for it.'),
  );
  const listener = makeListener(flags, redactor);
  let exit: number = ExitCode.internal;
  await execute(prepared, {
    check: flags.check,
    forks: flags.forks,
    target: (host) => knownTarget(targets, host),
    connect,
    listener: (event) => {
      if (event.event !== 'recap') return listener(event);
      exit = exitOf(event, flags);
      listener({ ...event, exit });
    },
    signal,
    trace: flags.verbose >= 3,
  });
  return exit;
}

/** With `--exit-code`, a check that finds something to change says so; what may change counts. */
function exitOf(recap: RecapEvent, flags: Flags): number {
  const changes = Object.values(recap.hosts).some(({ changed }) => changed > 0) || Object.values(recap.may).some((count) => count > 0);
  return flags.exitCode && changes && recap.exit === ExitCode.ok ? ExitCode.wouldChange : recap.exit;
}

function makeListener(flags: Flags, redactor: Redactor): ReturnType<typeof humanReport> {
  if (flags.output === 'jsonl') return jsonlReport({ write: (text) => process.stdout.write(text), redactor, verbosity: flags.verbose });
  const style = makeStyle(wantsColour(process.stdout));
  return humanReport({ stream: process.stdout, style, redactor, check: flags.check, diff: flags.diff, verbosity: flags.verbose });
}

function knownTarget(targets: ReadonlyMap<string, Target>, host: string): Target {
  const target = targets.get(host);
  if (target === undefined) throw new Error(`no target for ${host}`);
  return target;
}
