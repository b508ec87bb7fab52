import { ExitCode } from '../errors/index.ts';
import type { Launch } from '../project/launch.ts';
import type { Redactor } from '../secrets/index.ts';
import { meantStages, runRefreshBadges } from './badges.ts';
import { openContext, type Context } from './context.ts';
import { runDeploy, runPromote } from './deploy.ts';
import { parseDeployer, type CommandLine } from './flags.ts';
import { allHolds } from './held.ts';
import { runRestart } from './restart.ts';
import { standingOf } from './standing.ts';

/** Runs the command line of `deployer`. @returns the exit code */
export async function runDeployer(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  if (args.includes('--version')) {
    process.stdout.write(
      `deployer ${launch.version} (build ${launch.buildId}, Node.js ${process.versions.node}, ${launch.root})\n`,
    );
    return ExitCode.ok;
  }
  const line = await parseDeployer(args, launch);
  const context = await openContext(line.flags, launch, redactor);
  launch.markFullRun();
  try {
    return await runCommand(line, context);
  } finally {
    await context.survey.close();
  }
}

async function runCommand({ command, args }: CommandLine, context: Context): Promise<number> {
  switch (command) {
    case 'status':
      return await showStatus(context);
    case 'deploy':
      return await runDeploy(args, context);
    case 'promote':
      return await runPromote(args, context);
    case 'restart':
      return await runRestart(args, context);
    case 'refresh_badges':
      return await runRefreshBadges(context);
  }
}

async function showStatus(context: Context): Promise<number> {
  const { config, survey, output } = context;
  const stages = meantStages(context);
  const reports = await survey.versions(
    stages.flatMap(({ hosts }) => hosts),
    config.packages,
  );
  const standing = standingOf(stages, config.packages, reports);
  output.status(standing);
  output.holds(allHolds(reports));
  return standing.unreachable.length > 0 ? ExitCode.unreachable : ExitCode.ok;
}
