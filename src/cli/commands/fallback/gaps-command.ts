import { ExitCode, PlayError } from '../../../errors/index.ts';
import { datedPath, stepBehind, type DatedPath, type DatedStep } from '../../../formats/dated-path.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { positive } from '../../../options/option-values.ts';
import { criticalSh, decodeCritical } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, type TellHost } from '../on-hosts.ts';
import { decodeArchive, listArchive, type ArchiveFile } from './archive.ts';
import { lookingLane } from './looking-lane.ts';

interface GapsFlags extends HostFlags {
  readonly every?: number;
  readonly since?: string;
  readonly until?: string;
}

/** A stretch of times of which an archive has nothing. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** More times than this between two ends are a mistake in the pattern or the ends. */
const mostTimes = 2_000_000;

/** `play gaps PATTERN [PATH]`: which hours, days, ... an archive lacks. */
export async function runGapsCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play gaps',
      'Finds the gaps in an archive: which times between its first file and its last have none, or an empty one. Changes nothing.',
    ),
  )
    .argument('<pattern>', 'the hosts')
    .argument(
      '[path]',
      "the files, with their date as in date(1): '/srv/archive/%Y/%m/%Y-%m-%d-%H*' (default: the archives of the critical jobs)",
    )
    .option(
      '--every <n>',
      'one file every so many hours (days, ... : the finest part of the date) (default: 1)',
      positive('--every'),
    )
    .option(
      '--since <time>',
      'from then on, as the files are dated: 2026-11-01, "2026-11-01 06:00" (default: the first file)',
    )
    .option('--until <time>', 'up to then, likewise; now: the present time of UTC (default: the last file)');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<GapsFlags>();
  const [pattern = '', path] = command.args;
  const ends = { since: endOf('--since', flags.since), until: endOf('--until', flags.until) };
  const given = path === undefined ? undefined : { path, dated: readPath(path) };
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  let hasGaps = false;
  return onHosts({
    flags,
    redactor,
    chosen,
    judge: (exit) => (hasGaps ? Math.max(exit, ExitCode.hostFailed) : exit),
    async work(host, open, tell) {
      const lane = await lookingLane(host, await open(), chosen);
      const looked = given
        ? [given]
        : archivesOf(host, (await ask(lane, host, { script: `${criticalSh}\nexit 0`, timeout: 60 })).stdout);
      for (const { path: one, dated } of looked) {
        const { stdout } = await ask(lane, host, listArchive(dated));
        const isWhole = tellGaps(
          host,
          one,
          dated,
          decodeArchive(stdout, dated),
          { ...ends, every: flags.every ?? 1 },
          tell,
        );
        hasGaps ||= !isWhole;
      }
    },
  });
}

function readPath(path: string): DatedPath {
  const dated = path.startsWith('/') ? datedPath(path) : undefined;
  if (dated === undefined)
    throw new PlayError(`"${path}" is not an absolute path with a date in it`, {
      hint: "Write a year and a day, or a month, as in date(1), in quotes: '/srv/archive/%Y-%m-%d-%H*'. It may hold %Y %m %d %j %H %M %S.",
    });
  return dated;
}

function archivesOf(host: string, stdout: Buffer): { readonly path: string; readonly dated: DatedPath }[] {
  const { jobs } = decodeCritical(stdout.toString('utf8').split('\n'));
  const found = jobs.flatMap(({ archive }) => {
    const dated = archive === undefined ? undefined : datedPath(archive);
    return archive === undefined || dated === undefined ? [] : [{ path: archive, dated }];
  });
  if (found.length === 0)
    throw new PlayError(`${host} has no critical job that says where its archive is`, {
      exitCode: ExitCode.hostFailed,
      hint: "Give the path: play gaps HOST '/srv/archive/%Y-%m-%d-%H*', or the job: critical: { archive: ... }.",
    });
  return found;
}

/** A time as files are dated: seconds since the epoch of a clock that shows UTC. */
function endOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'now' && option === '--until') return Math.floor(Date.now() / 1000);
  const [, day, time = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?$/.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(at))
    throw new PlayError(`${option} needs a time, not "${text}"`, { hint: 'Such as 2026-11-29 or "2026-11-29 06:00".' });
  return at / 1000;
}

interface Span {
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly every: number;
}

/** The stretches between two ends that have no file, and those whose file is empty. */
export function findGaps(files: readonly ArchiveFile[], step: DatedStep, { since, until, every }: Span): Gap[] {
  const there = new Set(files.flatMap(({ time, isEmpty }) => (isEmpty ? [] : [time])));
  const first = since ?? files[0]?.time;
  const last = until ?? files.at(-1)?.time;
  if (first === undefined || last === undefined) return [];
  const gaps: { from: number; to: number; count: number }[] = [];
  let isGap = false;
  let looked = 0;
  for (let time = first; time <= last; time = stepBehind(time, step, every)) {
    if (++looked > mostTimes)
      throw new PlayError(`There are more than ${mostTimes} times between --since and --until`, {
        exitCode: ExitCode.hostFailed,
        hint: 'Give --since, --until, or --every.',
      });
    const isMissing = !there.has(time);
    const gap = gaps.at(-1);
    if (isMissing && isGap && gap) Object.assign(gap, { to: time, count: gap.count + 1 });
    else if (isMissing) gaps.push({ from: time, to: time, count: 1 });
    isGap = isMissing;
  }
  return gaps;
}

/** @returns whether there is none */
function tellGaps(
  host: string,
  path: string,
  dated: DatedPath,
  files: readonly ArchiveFile[],
  span: Span,
  tell: TellHost,
): boolean {
  const gaps = findGaps(files, dated.step, span);
  const missing = gaps.reduce((sum, { count }) => sum + count, 0);
  const [first, last] = [files[0], files.at(-1)];
  const isNothing = first === undefined || last === undefined;
  const text = (time: number): string => stamp(time, dated.step);
  const head = isNothing
    ? `${path}: no file`
    : `${path}: ${files.length} ${files.length === 1 ? 'file' : 'files'} from ${text(first.time)} to ${text(last.time)}, ${gaps.length === 0 ? 'no gap' : `${missing} missing`}`;
  tell(
    host,
    {
      event: 'gaps',
      host,
      path,
      files: files.length,
      first: first ? text(first.time) : null,
      last: last ? text(last.time) : null,
      missing,
      gaps: gaps.map(({ from, to, count }) => ({ from: text(from), to: text(to), count })),
    },
    [
      head,
      ...gaps.map(
        ({ from, to, count }) => `  missing  ${text(from)}${count === 1 ? '' : ` to ${text(to)} (${count})`}`,
      ),
    ],
  );
  return gaps.length === 0 && !isNothing;
}

/** As files are dated. @example 2026-11-29 06:00 */
function stamp(time: number, step: DatedStep): string {
  const length = { month: 7, day: 10, hour: 16, minute: 16, second: 19 }[step];
  return new Date(time * 1000).toISOString().slice(0, length).replace('T', ' ');
}
