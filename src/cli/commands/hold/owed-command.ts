import { dirname } from 'node:path/posix';
import type { Connection, Lane } from '../../../connection/index.ts';
import { BecomeFailed } from '../../../connection/index.ts';
import {
  debtName,
  debtText,
  owedFolder,
  owedSh,
  parseOwed,
  settleOwed,
  type FoundDebt,
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

/** A debt, and the lane by which it can be dropped. */
interface Placed {
  readonly debt: FoundDebt;
  readonly lane: Lane;
}

/** What runs left undone on a host, as far as we may read it. */
export interface FoundDebts {
  readonly debts: readonly Placed[];
  /** There is more, or may be: root alone may read it, and we are not let. */
  readonly isPartial: boolean;
}

/** What is owed to the account we log in as; whether root has such a folder, or may have: it costs no sudo where it has none. */
const lookScript = `${owedSh}; d=${dirname(owedFolder)}
[ "$(id -u)" = 0 ] || { [ ! -e ${owedFolder} ] && { [ ! -e "$d" ] || [ -x "$d" ]; }; } || echo @root; exit 0`;

/** `play owed [PATTERN] [--drop ID]`: what runs that were ended left undone, and forgetting it. */
export async function runOwedCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play owed',
      'Lists what runs that were ended left undone on hosts: handlers, and what blocks do always. The next run of the playbook does it.',
    ),
  )
    .argument('[pattern]', 'the hosts (default: all)')
    .option('--drop <id>', 'forget this one: it was seen to by hand, or nothing is to be done any more');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags & { readonly drop?: string }>();
  const { drop } = flags;
  if (drop !== undefined && !/^[0-9a-f]{4,64}$/.test(drop))
    throw new PlayError(`"${drop}" is no id of what is owed`, {
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
  if (!/^@root$/m.test(text)) return { debts: mine, isPartial: false };
  try {
    const root = await rootLane(host, connection, chosen);
    const roots = await ask(root, host, { script: `${owedSh}; exit 0`, timeout: 30 });
    return { debts: [...mine, ...placed(roots.stdout.toString('utf8'), root)], isPartial: false };
  } catch (error) {
    if (!(error instanceof BecomeFailed)) throw error;
    return { debts: mine, isPartial: true };
  }
}

function placed(text: string, lane: Lane): Placed[] {
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .flatMap(parseOwed)
    .map((debt) => ({ debt, lane }));
}

/** A debt in a line for people. */
export function debtLine(host: string, debt: FoundDebt): string {
  return `${debtText(debt, host)} (${debtName(debt)})`;
}

/** A debt for programs. */
export function debtForm(debt: FoundDebt): object {
  const { id, play, playbook = null, always = null, since, by } = debt;
  return { id: debtName(debt), of: id, play, playbook, always, since, by };
}

/** Says that there may be more. */
export const partialLine = 'what root owes there is not known: give the password of sudo with -K';

function tellDebts(host: string, { debts, isPartial }: FoundDebts, tell: TellHost): void {
  const lines = debts.map(({ debt }) => debtLine(host, debt));
  const none = isPartial ? [] : ['nothing is owed'];
  tell(host, { event: 'owed', host, owed: debts.map(({ debt }) => debtForm(debt)), partial: isPartial }, [
    ...(lines.length > 0 ? lines : none),
    ...(isPartial ? [partialLine] : []),
  ]);
}

async function dropDebt(host: string, drop: string, { debts, isPartial }: FoundDebts, tell: TellHost): Promise<void> {
  const [meant, ...others] = debts.filter(({ debt }) => debt.file.startsWith(drop));
  if (meant === undefined || others.length > 0)
    throw new PlayError(`${others.length > 0 ? 'More than one thing' : 'Nothing'} is owed on ${host} as ${drop}`, {
      exitCode: ExitCode.hostFailed,
      hint: isPartial
        ? `${partialLine.charAt(0).toUpperCase()}${partialLine.slice(1)}.`
        : `Owed there: ${debts.map(({ debt }) => debtName(debt)).join(', ') || 'nothing'}.`,
    });
  await ask(meant.lane, host, settleOwed([meant.debt.file]));
  tell(host, { event: 'dropped', host, ...debtForm(meant.debt) }, [`no longer owed: ${debtLine(host, meant.debt)}`]);
}
