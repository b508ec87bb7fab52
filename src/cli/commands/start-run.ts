import { basename, dirname } from 'node:path';
import { connect, Keeping, type Target } from '../../connection/index.ts';
import type { Ask, MarkTable, RecapEvent } from '../../engine/index.ts';
import { ExitCode } from '../../errors/index.ts';
import { backupRule } from '../../operator/backup-rule.ts';
import { commandLine } from '../../operator/command-line.ts';
import { Detachment } from '../../operator/detach.ts';
import { keepFailedHosts } from '../../operator/failed-hosts.ts';
import { watchInterrupts } from '../../operator/interrupt.ts';
import { settleRun } from '../../operator/known-runs.ts';
import { liveFooter } from '../../operator/live-footer.ts';
import { Notifier } from '../../operator/notify.ts';
import { OpenCleanups } from '../../operator/open-cleanups.ts';
import { promptLine } from '../../operator/prompt.ts';
import { Questions } from '../../operator/questions.ts';
import { RunMarks } from '../../operator/run-marks.ts';
import { startRecord } from '../../operator/run-record.ts';
import { RunState } from '../../operator/run-state.ts';
import { requireTerminalForSteps, stepper } from '../../operator/step.ts';
import { watchRun } from '../../operator/watch-run.ts';
import { waitOf } from '../../options/connection-flags.ts';
import type { Flags } from '../../options/flags.ts';
import { persistenceOf } from '../../options/persist-flags.ts';
import { markUse } from '../../project/launch.ts';
import { findProject } from '../../project/project.ts';
import {
  makeStyle,
  masked,
  maskedTask,
  maskedTexts,
  wantsColour,
  type ShownEvent,
  type ShownListener,
} from '../../report/index.ts';
import { RunLock, execute, hostsConcerned, hostsOf, type PreparedRun, type Stage } from '../../run/index.ts';
import type { Redactor } from '../../secrets/index.ts';
import { reachHosts } from '../../targets/reach-hosts.ts';
import { standInNotice, type StandIns } from '../../targets/stand-ins.ts';
import { targetOf, type AskedLogin } from '../../targets/target.ts';
import { operatorName } from '../../values/index.ts';
import type { AppliedPlan } from './plan/applied-plan.ts';
import type { PlanDesk } from './plan/plan-desk.ts';
import type { ScriptDesk } from './plan/script-desk.ts';
import { ProfileReport } from './run-profile.ts';
import { RunReports } from './run-reports.ts';
import { commandFor, goOnCommand, makeListener, type RunKind } from './run-terminal.ts';
import { workersOf, type WorkersOfRun } from './worker/run-workers.ts';

export interface ReadyRun {
  readonly prepared: PreparedRun;
  readonly flags: Flags;
  readonly redactor: Redactor;
  readonly login: AskedLogin;
  /** A single resource from the command line has no playbook whose failed hosts to remember. */
  readonly kind: RunKind;
  /** How hosts are reached, where it is not by what the inventory and the command line say. */
  readonly targetFor?: (host: string) => Target;
  /** What the project declares for throwaway hosts. */
  readonly standIns?: StandIns | undefined;
  /** What stands between the events and who reads them, where it is not the usual report alone. */
  readonly reportBy?: (report: ShownListener) => ShownListener;
  /** Runs whose backups on the hosts it needs. */
  readonly needs?: readonly string[];
  /** The run that this one goes on with. */
  readonly resumed?: Resumed | undefined;
  /** What `--workers` needs besides; only runs of playbooks have that option. */
  readonly workers?: WorkersOfRun;
  /** Where a plan is made of the run, or it is held to one. */
  readonly plan?: RunPlan | undefined;
  /** Decides which plays are run, and gives the exit code where it is not that of the hosts. Default: all in order. */
  readonly conduct?: (stage: Stage, desk: Desk) => Promise<number>;
}

/** What a run has to do with plans. */
export interface RunPlan {
  /** Where its plan is made. */
  readonly desk?: PlanDesk;
  /** The plan that it is held to. */
  readonly applied?: AppliedPlan;
  /** Where its changes are made a script. */
  readonly script?: ScriptDesk;
}

/** A run that another one goes on with. */
export interface Resumed {
  readonly id: string;
  /** How far it came. */
  readonly earlier: MarkTable;
}

/** What whoever conducts a run has besides its plays. */
export interface Desk {
  readonly signal: AbortSignal;
  /** Shown, and kept in the record. */
  tell(text: string): void;
  /** Asks the operator. @returns undefined without a terminal @throws PlayError when interrupted */
  ask(text: string): Promise<string | undefined>;
}

/** The run itself, once all is read and checked. @returns the exit code */
export async function startRun({
  prepared,
  flags,
  redactor,
  login,
  kind,
  targetFor: given,
  standIns,
  reportBy = (report) => report,
  needs,
  resumed,
  plan,
  workers,
  conduct,
}: ReadyRun): Promise<number> {
  const reports = new RunReports(flags);
  const started = new Date().toISOString();
  const style = makeStyle(wantsColour(process.stdout));
  const profile = flags.profile ? new ProfileReport(flags, style) : undefined;
  const hosts = hostsConcerned(prepared);
  const { inventory, becomePassword, becomeOf, file: playbook } = prepared.request;
  const targetFor = given ?? ((host: string): Target => targetOf(inventory, host, flags, login));
  const notice = standIns && standInNotice(standIns);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  const targets = await reachHosts({
    hosts,
    flags,
    inventory,
    standIns,
    login,
    becomePasswordOf: (host) => becomeOf?.(host, inventory).password ?? becomePassword,
    redactor,
    playbook,
    targetFor,
  });
  profile?.reached();
  if (flags.step) requireTerminalForSteps();
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  const cleanups = new OpenCleanups();
  let detachment: Detachment | undefined;
  const signal = watchInterrupts(
    () => say('\nInterrupted: finishing what is being written. Ctrl-C again quits at once.'),
    () => {
      say('\nLeft at once: what the hosts were doing may still continue there; the next run waits for it.');
      for (const line of cleanups.lines()) say(line);
    },
    () => detachment?.hangUp() ?? false,
  );
  const common = {
    // Questions come one at a time, and so do the hosts they are about.
    forks: flags.step ? 1 : flags.forks,
    target: (host: string): Target => targets.get(host) ?? targetFor(host),
    ignoreHold: flags.ignoreHold ?? false,
    window: { ignore: flags.ignoreWindow ? '--ignore-window' : undefined, wait: waitOf(flags) },
    forceHandlers: flags.forceHandlers,
  };
  const persistence = persistenceOf(flags);
  const keeping = persistence === undefined ? undefined : new Keeping(persistence);
  if (plan?.applied) {
    plan.applied.keeping = keeping;
    say('comparing with the plan');
    await plan.applied.requireSame(prepared, redactor, { ...common, signal }, flags.output);
    if (flags.check) {
      await plan.applied.connections.close();
      say('the plan holds: it is what would be done now');
      return ExitCode.ok;
    }
  }
  const crew =
    workers &&
    (await workersOf({
      ...workers,
      flags,
      prepared,
      redactor,
      login,
      earlier: resumed?.earlier,
      ask: (question, given) => ask(question, given),
      notice: (text) => tell(masked({ event: 'notice', host: null, text }, redactor)),
      begun: () => ({ id, lock, foretells }),
    }));
  const writer = flags.out === undefined ? undefined : plan?.desk?.writer();
  const record = startRecord({
    kind,
    hosts: hostsOf(prepared),
    check: flags.check,
    redactor,
    folder: dirname(prepared.request.file),
    ...(resumed ? { resumes: resumed.id } : {}),
  });
  const { id } = record;
  const marks = record.isKept && !flags.check ? new RunMarks(id, resumed?.id) : undefined;
  if (resumed && marks) settleRun(resumed.id, { event: 'resumed', by: id });
  const state = marks && !flags.step ? new RunState(id) : undefined;
  const live =
    flags.output !== 'human' || flags.quiet
      ? undefined
      : liveFooter({ prepared, style, canLeave: state !== undefined, isConducted: conduct !== undefined });
  const again = goOnCommand({ kind, check: flags.check, isConducted: conduct !== undefined });
  const terminal = reportBy(makeListener(flags, style, live, again));
  if (state)
    detachment = new Detachment({
      ...flags,
      id,
      state,
      report: terminal,
      verbosity: flags.verbose,
      onLeave: () => live?.end(),
    });
  const questions = new Questions(detachment?.listener ?? terminal, (text, given) =>
    detachment?.isDetached ? detachment.ask(text, given) : promptLine(text, given),
  );
  const confirm = flags.step ? stepper({ questions, output: flags.output, signal }) : undefined;
  const notifier = new Notifier({
    settings: flags.notify,
    isSilent: flags.check || flags.sandbox !== false,
    hosts: hostsOf(prepared),
    redactor,
  });
  const tell = (event: ShownEvent): void => {
    questions.listener(event);
    record.listener(event);
    reports.listener(event);
    notifier.listener(event);
    state?.listener(event);
    marks?.listener(event);
  };
  const applied = plan?.applied;
  const watched = watchRun(
    prepared,
    redactor,
    tell,
    applied?.connections.take ?? ((target) => connect(target, keeping)),
  );
  live?.look(watched.way);
  let exit: number = ExitCode.internal;
  let stopped: number = ExitCode.ok;
  const ask: Ask = (question, given) => questions.ask(maskedTexts(question, redactor), given);
  const desk: Desk = {
    signal,
    tell: (text) => tell(masked({ event: 'notice', host: null, text }, redactor)),
    ask: (text) => ask({ host: null, text }, signal),
  };
  const project = findProject(prepared.request.file) ?? process.cwd();
  const lock = new RunLock({
    command: redactor.redact(commandLine()),
    wait: waitOf(flags),
    steal: flags.steal ?? false,
    logged: { id, kind, project },
  });
  const foretells = record.isKept && !flags.check;
  notifier.start();
  const recap = await execute(prepared, {
    ...common,
    check: flags.check,
    connect: async (target) => {
      if (target.isFresh !== true) live?.footer.connecting(target.name);
      return await watched.connect(target);
    },
    ...(live ? { onThrough: (host, play) => live.through(host, play) } : {}),
    listener: (raw) => {
      const event = masked(raw, redactor, plan?.desk?.key);
      plan?.script?.hear(raw);
      watched.listener(event);
      cleanups.listener(event);
      plan?.applied?.listener(event);
      writer?.listener(event);
      if (event.event === 'recap') {
        exit = exitOf(event, flags, stopped);
        for (const notice of plan?.applied?.standings() ?? []) tell({ event: 'notice', ...notice });
      }
      const told = event.event === 'recap' ? { ...event, exit } : event;
      profile?.hear(told);
      if (profile && told.event === 'recap') profile.around(() => tell(told));
      else tell(told);
    },
    signal,
    lock,
    backups: backupRule(flags.backups, id, needs),
    log: { id, project, commit: record.commit, redact: (text) => redactor.redact(text) },
    foretells,
    ask,
    ...(crew ? { elsewhere: crew } : {}),
    ...(resumed ? { earlier: resumed.earlier } : {}),
    ...(conduct ? { conduct: async (stage) => void (stopped = await conduct(stage, desk)) } : {}),
    ...(confirm ? { confirm: (event) => confirm(maskedTask(event, redactor)) } : {}),
    ...(applied ? { refuse: (event) => applied.refuse(maskedTask(event, redactor, applied.key)) } : {}),
    commandFor,
    trace: flags.verbose >= 3,
  });
  live?.end();
  for (const name of usesOf(recap, flags)) markUse(name);
  if (writer && flags.out !== undefined && !signal.aborted) {
    await plan?.desk?.write(writer, flags.out);
    say(`the plan is written to ${flags.out}`);
  }
  if (plan?.script && flags.script !== undefined && !signal.aborted) {
    await plan.script.write(flags.script, redactor, flags.withSecrets);
    say(`the script is written to ${flags.script}`);
  }
  if (!signal.aborted) await keeping?.leave((host) => recap.hosts[host]?.unreachable === 0);
  await notifier.end(recap, exit);
  await record.end(exit);
  state?.end();
  marks?.end(exit);
  reports.write({
    title: basename(playbook, '.ts'),
    command: redactor.redact(commandLine()),
    by: operatorName(),
    started,
    check: flags.check,
    source: 'run',
    id: record.isKept ? id : undefined,
    commit: record.commit(),
  });
  if (!flags.check && kind !== 'resource' && kind !== 'restore-files') keepFailedHosts(prepared.request.file, recap);
  return exit;
}

/** What of play a run used that another may not. */
function usesOf({ hosts, may }: RecapEvent, flags: Flags): readonly string[] {
  const counts = Object.values(hosts);
  return [
    flags.check ? 'check' : 'run',
    ...(counts.some(({ changed }) => changed > 0) || Object.values(may).some((count) => count > 0) ? ['changes'] : []),
    ...(counts.some(({ failed, unreachable }) => failed + unreachable > 0) ? ['failures'] : []),
  ];
}

/**
 * With `--exit-code`, a check that finds something to change says so; what may change counts.
 *
 * @param stopped what whoever conducts the run says of it: it counts where hosts say no worse than that something is held
 */
function exitOf(recap: RecapEvent, flags: Flags, stopped: number): number {
  const changes =
    Object.values(recap.hosts).some(({ changed }) => changed > 0) ||
    Object.values(recap.may).some((count) => count > 0);
  const isFine = recap.exit === ExitCode.ok || recap.exit === ExitCode.held;
  if (flags.exitCode && changes && isFine) return ExitCode.wouldChange;
  return isFine && stopped !== ExitCode.ok ? stopped : recap.exit;
}
