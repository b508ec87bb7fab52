import { ExitCode, PlayError } from '../errors/index.ts';
import { copy, file } from '../resources/index.ts';
import { watchInterrupts } from '../runner/index.ts';
import { renderBadge } from './badge.ts';
import type { Context } from './context.ts';
import { standingOf } from './standing.ts';
import { startRun } from './start-run.ts';
import { versionsOn } from './survey.ts';

/** `refresh_badges`: each host gets badges of what it has itself, in its own badges_path. @returns the exit code */
export async function runRefreshBadges(context: Context): Promise<number> {
  const { config, runner, output, isMeant } = context;
  const folder = config.badgesPath;
  if (folder === undefined)
    throw new PlayError('There is no place for badges', {
      where: { file: config.file },
      hint: 'Set badges_path in [environment]: the folder on the hosts that nginx serves.',
    });
  const hosts = config.stages.flatMap((stage) => stage.hosts).filter(isMeant);
  const reports = await versionsOn(runner, hosts, config.packages);
  output.status(standingOf(meantStages(context), config.packages, reports));
  const known = new Map(
    reports.flatMap((report) => ('packages' in report ? [[report.host, report.packages] as const] : [])),
  );
  if (known.size === 0) return ExitCode.unreachable;
  output.say('');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const signal = watchInterrupts(
    () => say('\nInterrupted: finishing what is being written.'),
    () => undefined,
  );
  const badges = (host: string): ReturnType<typeof copy>[] =>
    config.packages.map((name) =>
      copy({
        dest: `${folder}/${name}.svg`,
        content: renderBadge(name, known.get(host)?.get(name)?.version),
        mode: '0644',
      }),
    );
  // A folder that is there keeps its owner and its mode.
  const exit = await startRun(
    { name: 'badges', tasks: ({ host }) => [file({ path: folder, state: 'directory' }), ...badges(host.name)] },
    [...known.keys()],
    context,
    signal,
  );
  return exit === ExitCode.ok && known.size < hosts.length ? ExitCode.unreachable : exit;
}

/** The stages with the hosts that -l leaves. */
export function meantStages({
  config,
  isMeant,
}: Context): { readonly name: string; readonly hosts: readonly string[] }[] {
  return config.stages
    .map(({ name, hosts }) => ({ name, hosts: hosts.filter(isMeant) }))
    .filter(({ hosts }) => hosts.length > 0);
}
