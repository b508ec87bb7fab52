import { ExitCode } from '../errors/index.ts';
import { systemd } from '../resources/index.ts';
import { watchInterrupts } from '../runner/index.ts';
import type { Context } from './context.ts';
import { confirm, refuseUnknown, standingIn, survey, targetsOf, tell } from './deploy.ts';
import type { PackageStanding, Standing } from './standing.ts';
import { startRun } from './start-run.ts';
import { versionsOn } from './survey.ts';

/** `restart PACKAGE [STAGE]`: the services that still run the version before. @returns the exit code */
export async function runRestart([name = '', stage]: readonly string[], context: Context): Promise<number> {
  const { output, flags, runner, config } = context;
  refuseUnknown(name, stage, context);
  const reports = await survey(context);
  const standing = standingIn(tell(reports, context), name);
  const due = stage ?? firstDue(standing);
  const targets =
    due === undefined ? [] : targetsOf(standing, due, context, 'restarted').filter((one) => outdated(one).length > 0);
  if (due === undefined || targets.length === 0) {
    output.nothing(
      `Nothing to restart: what runs of ${name}${stage === undefined ? '' : ` on stage ${stage}`} is what is installed.`,
    );
    return ExitCode.ok;
  }
  output.restarts(
    name,
    due,
    targets.map((one) => ({ host: one.host, units: outdated(one) })),
  );
  if (!flags.check && !flags.yes) await confirm(`Restart ${name} on stage ${due}?`);
  const signal = watchInterrupts(
    () => undefined,
    () => undefined,
  );
  const units = new Map(targets.map((one) => [one.host, outdated(one)]));
  // One host after the other, as when it is installed.
  const play = {
    name: `restart ${name} on ${due}`,
    serial: 1,
    tasks: ({ host }: { readonly host: { readonly name: string } }) =>
      (units.get(host.name) ?? []).map((unit) => systemd({ name: unit, state: 'restarted' })),
  };
  const exit = await startRun(play, [...units.keys()], context, signal);
  if (!flags.check && !signal.aborted) {
    const fresh = await versionsOn(runner, [...units.keys()], config.packages);
    output.say('');
    tell(
      reports.map((report) => fresh.find(({ host }) => host === report.host) ?? report),
      context,
    );
  }
  return exit;
}

function outdated({ installed }: Standing): string[] {
  return (installed?.services ?? []).filter((one) => one.isOutdated).map((one) => one.unit);
}

function firstDue({ stages }: PackageStanding): string | undefined {
  return stages.flat().find((one) => outdated(one).length > 0)?.stage;
}
