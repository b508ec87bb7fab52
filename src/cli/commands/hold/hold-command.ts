import type { Lane } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { parseUntil, type Until } from '../../../options/option-values.ts';
import { decodeHolds, holdText, programOf, unitName, type Hold } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { holdForm } from '../../../report/index.ts';
import { holdCode, removeHolds, writeHold, type NewHold } from '../../../resources/services/hold-sh.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { operatorName } from '../../../values/index.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, rootLane, type TellHost } from '../on-hosts.ts';
import { recorded } from '../recorded.ts';
import { lookRequest } from './hold-script.ts';

interface HoldFlags extends HostFlags {
  readonly reason: string;
  readonly until?: string;
}

/** What may be asked of a unit, by what a host says of it. */
interface Looked {
  readonly holds: readonly Hold[];
  /** By the name that was typed: its own name first. Undefined: systemd does not know it. */
  readonly units: ReadonlyMap<string, readonly string[] | undefined>;
}

/** `play hold PATTERN [UNIT...] --reason TEXT`: runs leave these hosts, or units of them, alone. */
export async function runHoldCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play hold',
      'Makes runs, drift and the deployer leave hosts, or units on them, alone until play unhold. Recorded on the hosts, as root.',
    ),
  )
    .argument('<pattern>', 'the hosts')
    .argument(
      '[unit...]',
      'systemd units, or supervisor:NAME for a program of supervisord; without any, the whole host is held',
    )
    .requiredOption('--reason <text>', 'why, for those who come across the hold')
    .option(
      '--until <time>',
      'when it expires, by the host\'s clock: 2h, 30m, 3d, 06:00, "2026-11-29 06:00" (default: never)',
    );
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HoldFlags>();
  const [pattern = '', ...units] = command.args;
  const until = flags.until === undefined ? undefined : parseUntil('--until', flags.until);
  const reason = redactor.redact(reasonOf(flags.reason));
  const wanted = namesOf(units);
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const by = operatorName();
  return recorded({ kind: 'hold', hosts: chosen.hosts, redactor }, ({ note }) =>
    onHosts({
      flags,
      redactor,
      chosen,
      note,
      async work(host, open, tell) {
        const lane = await rootLane(host, await open(), chosen);
        const looked = await look(lane, host, wanted);
        const meant = wanted.length === 0 ? [undefined] : wanted;
        const news = meant.map((unit) => newHold(host, unit, looked, { by, reason }));
        for (const one of news) refuseForeign(host, one, looked.holds);
        for (const one of news) await write(lane, host, one, until, looked.holds);
        tellHolds(host, news, (await look(lane, host, [])).holds, tell);
      },
    }),
  );
}

/** `play unhold PATTERN [UNIT...]`: takes holds off, whoever's they are. */
export async function runUnholdCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand('play unhold', 'Lifts holds on hosts, or on units of theirs, whoever placed them.'),
  )
    .argument('<pattern>', 'the hosts')
    .argument('[unit...]', 'units; without any, the hold on the host itself')
    .option('--all', 'every hold on these hosts', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags & { all: boolean }>();
  const [pattern = '', ...units] = command.args;
  const wanted = namesOf(units);
  if (flags.all && units.length > 0)
    throw new PlayError('--all and units contradict each other', { hint: 'Leave one of them out.' });
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  return recorded({ kind: 'hold', hosts: chosen.hosts, redactor }, ({ note }) =>
    onHosts({
      flags,
      redactor,
      chosen,
      note,
      async work(host, open, tell) {
        const lane = await rootLane(host, await open(), chosen);
        const { holds } = await look(lane, host, []);
        const isMeant = ({ unit, names }: Hold): boolean =>
          flags.all ||
          (unit === undefined ? wanted.length === 0 : wanted.some((one) => one === unit || names.includes(one)));
        const off = holds.filter(isMeant);
        if (off.length > 0) await ask(lane, host, removeHolds(off.map(({ unit }) => unit)));
        for (const hold of off)
          tell(host, { event: 'unhold', host, ...holdForm(hold) }, [`no longer held: it was ${holdText(hold)}`]);
        const left = holds.filter((one) => !off.includes(one)).map((one) => one.unit ?? 'the host itself');
        if (off.length === 0)
          tell(host, { event: 'unhold', host, unit: null, by: null }, [
            `was not held${left.length === 0 ? '' : `; held is ${left.join(', ')}`}`,
          ]);
      },
    }),
  );
}

function reasonOf(given: string): string {
  const text = given.trim().replace(/\s+/g, ' ');
  if (text.length <= 500) return text;
  throw new PlayError(`--reason has ${text.length} characters; 500 is the most`, { hint: 'Name the ticket instead.' });
}

function namesOf(units: readonly string[]): string[] {
  const wrong = units.find((unit) => !/^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}$/.test(unit));
  if (wrong !== undefined)
    throw new PlayError(`"${wrong}" is not a unit name`, {
      hint: 'Such as nginx, backup.timer, app@1 or, under supervisord, supervisor:worker.',
    });
  return [...new Set(units.map(unitName))];
}

async function look(lane: Lane, host: string, units: readonly string[]): Promise<Looked> {
  const { stdout } = await ask(lane, host, lookRequest(units));
  const [records = '', ...blocks] = stdout.toString('utf8').split(/^@unit /m);
  const { holds, isDistrusted } = decodeHolds(records.split('\n'));
  if (isDistrusted)
    throw new PlayError(`${host} has a folder of holds that users other than root may write to`, {
      exitCode: ExitCode.hostFailed,
      hint: 'Look who wrote there, then: chown root /var/lib/play/holds; chmod 755 /var/lib/play/holds',
    });
  return { holds, units: new Map(blocks.map(unitOf)) };
}

function unitOf(block: string): [string, readonly string[] | undefined] {
  const [name = '', ...lines] = block.split('\n');
  const property = (key: string): string =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  // Without systemd names are taken as they were typed.
  if (property('LoadState') === 'not-found') return [name, undefined];
  const names = property('Names')
    .split(' ')
    .filter((one) => one !== '');
  return [name, [...new Set([property('Id') || name, ...names])]];
}

function newHold(
  host: string,
  unit: string | undefined,
  { units }: Looked,
  of: Pick<NewHold, 'by' | 'reason'>,
): NewHold {
  if (unit === undefined) return { unit, names: [], ...of };
  const names = units.get(unit);
  if (names === undefined)
    throw new PlayError(`${host} has no ${programOf(unit) === undefined ? 'unit ' : ''}${unit}`, {
      exitCode: ExitCode.hostFailed,
      hint: `${programOf(unit) === undefined ? 'systemctl list-units --all' : 'supervisorctl status'} lists them. Nothing was held there.`,
    });
  return { unit: names[0] ?? unit, names, ...of };
}

function refuseForeign(host: string, { unit, by }: NewHold, holds: readonly Hold[]): void {
  const there = holds.find((one) => one.unit === unit);
  if (there === undefined || there.by === by) return;
  throw new PlayError(`${host} is already held: ${holdText(there)}`, {
    exitCode: ExitCode.hostFailed,
    hint: `play unhold ${host}${unit === undefined ? '' : ` ${unit}`} lifts that hold first.`,
  });
}

async function write(
  lane: Lane,
  host: string,
  hold: NewHold,
  until: Until | undefined,
  holds: readonly Hold[],
): Promise<void> {
  const replaces = holds.some(({ unit }) => unit === hold.unit);
  const { code } = await ask(lane, host, writeHold(hold, until, replaces), Object.values(holdCode));
  if (code === holdCode.taken)
    throw new PlayError(`${host} was held by somebody else at the same moment`, {
      exitCode: ExitCode.hostFailed,
      hint: 'play status shows by whom.',
    });
  if (code === holdCode.past)
    throw new PlayError(`${host} says by its clock that --until is past`, {
      exitCode: ExitCode.hostFailed,
      hint: 'Correct its clock, or give a length of time: --until 2h.',
    });
}

function tellHolds(host: string, news: readonly NewHold[], holds: readonly Hold[], tell: TellHost): void {
  for (const hold of holds)
    if (news.some(({ unit }) => unit === hold.unit))
      tell(host, { event: 'hold', host, ...holdForm(hold) }, [holdText(hold)]);
}
