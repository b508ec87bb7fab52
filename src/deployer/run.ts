import { ExitCode } from '../errors/index.ts';
import { meantStages, runRefreshBadges } from './badges.ts';
import { openContext, type Context } from './context.ts';
import { runDeploy, runPromote } from './deploy.ts';
import { parseDeployer, type CommandLine } from './flags.ts';
import { runRestart } from './restart.ts';
import { standingOf } from './standing.ts';
import { versionsOn } from './survey.ts';

/** Of which play this is a part. */
interface Installation {
  readonly version: string;
  readonly buildId: string;
  readonly root: string;
}

/** Runs the command line of `deployer`. @returns the exit code */
export async function runDeployer(args: readonly string[], { version, buildId, root }: Installation): Promise<number> {
  if (args.includes('--version')) {
    process.stdout.write(`deployer ${version} (build ${buildId}, Node.js ${process.versions.node}, ${root})\n`);
    return ExitCode.ok;
  }
  const line = parseDeployer(args);
  const context = await openContext(line.flags, line.options);
  try {
    return await runCommand(line, context);
  } finally {
    await context.runner.close();
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
  const { config, runner, output } = context;
  const stages = meantStages(context);
  const standing = standingOf(
    stages,
    config.packages,
    await versionsOn(
      runner,
      stages.flatMap(({ hosts }) => hosts),
      config.packages,
    ),
  );
  output.status(standing);
  return standing.unreachable.length > 0 ? ExitCode.unreachable : ExitCode.ok;
}
