import { dirname } from 'node:path/posix';
import type { Connection, Lane } from '../../../connection/index.ts';
import { BecomeFailed } from '../../../connection/index.ts';
import {
  debtName,
  debtText,
  decodeUnconfirmed,
  forgetRequest,
  owedFolder,
  owedSh,
  parseOwed,
  settleOwed,
  unconfirmedSh,
  undoneText,
  type FoundDebt,
  type FoundUnconfirmed,
  type UndoneChange,
} from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, rootLane, type TellHost } from '../on-hosts.ts';
import { recorded } from '../recorded.ts';
import { undoneForm, undoneLine, waitingForm, waitingLine } from './waiting.ts';

/** A debt, and the lane by which it can be dropped. */
interface Placed {
  readonly debt: FoundDebt;
  readonly lane: Lane;
}

/** A change that was put back, and the lane by which its record can be dropped. */
interface PlacedUndone {
  readonly undone: UndoneChange;
  readonly lane: Lane;
}

/** What runs left undone on a host, as far as we may read it. */
export interface FoundDebts {
  readonly debts: readonly Placed[];
  /** What stands only once a new login confirms it. */
  readonly waiting: FoundUnconfirmed['waiting'];
  /** What was put back since none did. */
  readonly undone: readonly PlacedUndone[];
  /** There is more, or may be: root alone may read it, and we are not let. */
  readonly isPartial: boolean;
}

/** What is owed to the account we log in as; whether root has such a folder, or may have: it costs no sudo where it has none. */
const leftSh = `${owedSh}\n${unconfirmedSh}`;
const lookScript = `${leftSh}\nd=${dirname(owedFolder)}
[ "$(id -u)" = 0 ] || { [ ! -e ${owedFolder} ] && [ ! -e "$d/commit-confirm" ] && { [ ! -e "$d" ] || [ -x "$d" ]; }; } || echo @root; exit 0`;

/** `play owed [PATTERN] [--drop ID]`: what runs that were ended left undone, and forgetting it. */
export async function runOwedCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play owed',
      'Lists what interrupted runs left undone on hosts: handlers, the always tasks of blocks, and changes that no new login has confirmed. The next run of the playbook deals with it.',
    ),
  )
    .argument('[pattern]', 'the hosts (default: all)')
    .option('--drop <id>', 'forget this one: it was done by hand, or is no longer needed');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags & { readonly drop?: string }>();
  const { drop } = flags;
  if (drop !== undefined && !/^[0-9a-f]{4,64}$/.test(drop))
    throw new PlayError(`"${drop}" is not the id of anything owed`, {
      hint: 'play owed lists them: eight letters and digits.',
    });
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? 'all' });
  const work = (note?: (host: string, text: string) => void): Promise<number> =>
    onHosts({
      flags,
      redactor,
      chosen,
      ...(note ? { note } : {}),
      async work(host, open, tell) {
        const found = await readDebts(host, await open(), chosen);
        await (drop === undefined ? tellDebts(host, found, tell) : dropDebt(host, drop, found, tell));
      },
    });
  return drop === undefined
    ? work()
    : recorded({ kind: 'owed', hosts: chosen.hosts, redactor }, ({ note }) => work(note));
}

/** Reads what is owed: by the login account, and by root where there is something of root's. */
export async function readDebts(host: string, connection: Connection, chosen: ChosenHosts): Promise<FoundDebts> {
  const own = await connection.lane();
  const { stdout } = await ask(own, host, { script: lookScript, timeout: 30 });
  const text = stdout.toString('utf8');
  const mine = placed(text, own);
  if (!/^@root$/m.test(text)) return { ...mine, isPartial: false };
  try {
    const root = await rootLane(host, connection, chosen);
    const { stdout: roots } = await ask(root, host, { script: `${leftSh}\nexit 0`, timeout: 30 });
    const its = placed(roots.toString('utf8'), root);
    return {
      debts: [...mine.debts, ...its.debts],
      waiting: [...mine.waiting, ...its.waiting],
      undone: [...mine.undone, ...its.undone],
      isPartial: false,
    };
  } catch (error) {
    if (!(error instanceof BecomeFailed)) throw error;
    return { ...mine, isPartial: true };
  }
}

function placed(text: string, lane: Lane): Omit<FoundDebts, 'isPartial'> {
  const lines = text.split('\n');
  const debts = lines.filter((line) => line.endsWith('}')).flatMap(parseOwed);
  const { waiting, undone } = decodeUnconfirmed(lines);
  return {
    debts: debts.map((debt) => ({ debt, lane })),
    waiting,
    undone: undone.map((one) => ({ undone: one, lane })),
  };
}

/** A debt in a line for people. */
function debtLine(host: string, debt: FoundDebt): string {
  return `${debtText(debt, host)} (${debtName(debt)})`;
}

/** All that was found, in lines for people. */
export function leftLines(host: string, { debts, waiting, undone, isPartial }: FoundDebts): string[] {
  return [
    ...waiting.map(waitingLine),
    ...undone.map((one) => undoneLine(host, one.undone)),
    ...debts.map(({ debt }) => debtLine(host, debt)),
    ...(isPartial ? [partialLine] : []),
  ];
}

/** All that was found, for programs. */
export function leftForm({ debts, waiting, undone }: FoundDebts): object {
  return {
    owed: debts.map(({ debt }) => debtForm(debt)),
    waiting: waiting.map(waitingForm),
    putBack: undone.map((one) => undoneForm(one.undone)),
  };
}

/** A debt for programs. */
function debtForm(debt: FoundDebt): object {
  const { id, play, playbook = null, always = null, since, by } = debt;
  return { id: debtName(debt), of: id, play, playbook, always, since, by };
}

/** Says that there may be more. */
const partialLine = 'what is owed there as root is not known: give the sudo password with -K';

function tellDebts(host: string, found: FoundDebts, tell: TellHost): void {
  const lines = leftLines(host, found);
  tell(
    host,
    { event: 'owed', host, ...leftForm(found), partial: found.isPartial },
    lines.length > 0 ? lines : ['nothing is owed'],
  );
}

async function dropDebt(host: string, drop: string, found: FoundDebts, tell: TellHost): Promise<void> {
  const { debts, isPartial } = found;
  const [record, ...records] = found.undone.filter(({ undone }) => undone.id.startsWith(drop));
  if (record && records.length === 0) {
    await ask(record.lane, host, forgetRequest([record.undone.id]));
    tell(host, { event: 'dropped', host, ...undoneForm(record.undone) }, [
      `no longer on record: ${undoneText(record.undone)}`,
    ]);
    return;
  }
  const [meant, ...others] = debts.filter(({ debt }) => debt.file.startsWith(drop));
  if (meant === undefined || others.length > 0)
    throw new PlayError(`${others.length > 0 ? 'More than one thing' : 'Nothing'} is owed on ${host} as ${drop}`, {
      exitCode: ExitCode.hostFailed,
      hint: isPartial
        ? `${partialLine.charAt(0).toUpperCase()}${partialLine.slice(1)}.`
        : `Owed there: ${[...found.undone.map(({ undone }) => undone.id), ...debts.map(({ debt }) => debtName(debt))].join(', ') || 'nothing'}.`,
    });
  await ask(meant.lane, host, settleOwed([meant.debt.file]));
  tell(host, { event: 'dropped', host, ...debtForm(meant.debt) }, [`no longer owed: ${debtLine(host, meant.debt)}`]);
}
