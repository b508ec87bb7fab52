import { ExitCode } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { warnOf } from '../../../report/warnings.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { onHosts } from '../on-hosts.ts';
import { throwawayMade } from './debian-made.ts';
import { readDeclarations } from './declared.ts';
import { lookingLane } from './looking-lane.ts';
import { surveyHost } from './survey.ts';
import { findUnmanaged, unmanagedKinds } from './unmanaged.ts';

/** `play unmanaged PATTERN`: what runs, listens, is scheduled or lies changed in /etc that no playbook knows. */
export async function runUnmanagedCommand(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play unmanaged',
      'Says what hosts have that no playbook of the project declares: services, listeners, jobs, packages, files in /etc. Changes nothing on them.',
    ),
  ).argument('<pattern>', 'the hosts');
  const config = await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? '' });
  const { hosts, broken } = await readDeclarations(chosen, launch, {
    playbooksDir: config.playbooksDir,
    isSandbox: flags.sandbox !== false,
  });
  for (const one of broken) warnOf({ what: `Declarations of a playbook are not known: ${one}` });
  let found = 0;
  return onHosts({
    flags,
    redactor,
    chosen,
    judge: (exit) => (found > 0 && exit === ExitCode.ok ? ExitCode.wouldChange : exit),
    async work(host, open, tell) {
      const declaration = hosts.get(host);
      if (declaration === undefined) throw new Error(`nothing was read for ${host}`);
      const lane = await lookingLane(host, await open(), chosen);
      const findings = findUnmanaged(await surveyHost(lane, host), declaration.all).filter(
        ({ what }) => flags.sandbox === false || !throwawayMade.has(what),
      );
      found += findings.length;
      const isRoot = lane.greeting.uid === 0;
      tell(
        host,
        { event: 'unmanaged', host, playbooks: declaration.playbooks, root: isRoot, open: declaration.open, findings },
        [
          ...(isRoot
            ? []
            : ['seen without root: crontabs of other accounts, and which processes listen, are not known']),
          ...(findings.length === 0 ? ['nothing that the playbooks do not declare'] : []),
          ...unmanagedKinds.flatMap((kind) =>
            findings
              .filter((one) => one.kind === kind)
              .map(({ what, detail }) => `${kind.padEnd(9)}  ${what}  (${detail})`),
          ),
        ],
      );
    },
  });
}
