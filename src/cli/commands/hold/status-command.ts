import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { decodeHolds, holdOn, holdsFolder, holdText, timeText, type Hold } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { holdForm } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, type TellHost } from '../on-hosts.ts';
import { leftForm, leftLines, readDebts, type FoundDebts } from './owed-command.ts';
import { decodeOverruled, decodeStopped, statusScript, type Stopped } from './stopped.ts';

/** `play status [PATTERN]`: what is held, by whom, since and until when; what does not run. */
export async function runStatusCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play status',
      'Says what is held on hosts, by whom, since and until when, what runs left undone, and which services that start at boot are not running. Changes nothing.',
    ),
  ).argument('[pattern]', 'the hosts (default: all)');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? 'all' });
  let quiet = 0;
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    async work(host, open, tell) {
      const connection = await open();
      const { stdout } = await ask(await connection.lane(), host, { script: statusScript, timeout: 30 });
      const owed = await readDebts(host, connection, chosen);
      if (!tellStatus(host, stdout.toString('utf8'), owed, tell)) quiet++;
    },
  });
  if (flags.output === 'human' && quiet > 0)
    process.stdout.write(
      quiet === chosen.hosts.length && quiet > 1
        ? `nothing is held or stopped on ${quiet} hosts\n`
        : quiet === chosen.hosts.length
          ? `nothing is held or stopped on ${chosen.hosts[0] ?? ''}\n`
          : `${quiet} more: nothing held or stopped\n`,
    );
  return exit;
}

/** The hold of this very unit. */
const holdOf = (unit: string, holds: readonly Hold[]): Hold | undefined => holdOn([unit], holds);

/** @example nginx.service is stopped since 02:11 */
function stoppedText({ unit, how, since }: Stopped): string {
  return `${unit} ${how === 'failed' ? 'has failed' : 'is stopped'}${since === undefined ? '' : ` since ${timeText(since)}`}`;
}

/** @returns whether there was anything to tell people */
function tellStatus(host: string, text: string, owed: FoundDebts, tell: TellHost): boolean {
  const lines = text.split('\n');
  const { holds, isDistrusted } = decodeHolds(lines);
  const stopped = decodeStopped(text);
  const overruled = holds.length === 0 ? [] : decodeOverruled(lines);
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const told = [
    ...holds.map((hold) => {
      const unit = stopped.find((one) => holdOf(one.unit, [hold]) !== undefined);
      return unit === undefined ? holdText(hold) : `${stoppedText(unit)}; ${holdText({ ...hold, unit: undefined })}`;
    }),
    ...overruled.map(({ at, by }) => `overruled by ${by} at ${timeText(at)} (--ignore-hold)`),
    ...stopped.flatMap((one) =>
      holdOf(one.unit, holds) === undefined
        ? [`${stoppedText(one)}${one.how === 'failed' ? '' : ', though it starts at boot and nobody holds it'}`]
        : [],
    ),
    ...leftLines(host, owed),
    ...(isDistrusted ? [`${holdsFolder} can be written by users other than root: its holds are not trusted`] : []),
  ];
  const event = {
    event: 'status',
    host,
    holds: holds.map(holdForm),
    overruled: overruled.map(({ at, by }) => ({ at: iso(at), by })),
    stopped: stopped.map(({ unit, how, since }) => ({
      unit,
      how,
      since: since === undefined ? null : iso(since),
      by: holdOf(unit, holds)?.by ?? null,
    })),
    ...leftForm(owed),
    distrusted: isDistrusted,
  };
  tell(host, event, told);
  return told.length > 0;
}
