import { join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addLockOptions, type LockFlags } from '../../../options/connection-flags.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { parseUntil } from '../../../options/option-values.ts';
import { definePlaybook, type Playbook } from '../../../playbook/index.ts';
import { timeText } from '../../../probes/index.ts';
import { unitName } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { command as commandTask, systemd, uri } from '../../../resources/index.ts';
import { prepareRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, rootLane } from '../on-hosts.ts';
import { noPlaybookFlags } from '../resource.ts';
import { startRun } from '../start-run.ts';
import { decodeMemory, isUnhealed, readMemory, readUnits, withStates, type OutOfMemory } from './oom-script.ts';

interface OomFlags extends HostFlags, LockFlags {
  readonly since: string;
  readonly file?: string;
  readonly restart?: string;
  readonly gate?: string;
  readonly gateWait?: string;
  readonly check: boolean;
  readonly diff: DiffFlag;
}

/** How long a gate waits between two looks, in seconds. */
const gateDelay = 2;

/** `play oom -l PATTERN`: which hosts and units ran out of memory; `--restart UNIT` on those alone, one at a time. */
export async function runOomCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addLockOptions(
    addHostOptions(
      makeCommand(
        'play oom',
        'Says which units on hosts ran out of memory, according to the kernel, systemd, and the programs themselves (Java, Python, Node.js). Changes nothing without --restart.',
      ),
    ),
  )
    .option('--since <time>', 'from then on: 2h, 7d, "2026-11-29 02:00", by the host\'s clock (default: 1d)', '1d')
    .option('--file <path>', 'a log file on the hosts to search too')
    .option(
      '--restart <unit>',
      'restart this unit where it ran out of memory and has not been restarted since, one host at a time',
    )
    .option('--gate <url>', 'with --restart: a URL that must answer on the host before the next host is restarted')
    .option('--gate-wait <time>', 'with --restart: how long a host may take to recover (default: 2m)')
    .option('-C, --check', 'with --restart: say what would be restarted', false);
  addDiffOption(command);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<OomFlags>();
  if (flags.limit === undefined)
    throw new PlayError('On which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  if (flags.restart === undefined && (flags.gate ?? flags.gateWait) !== undefined)
    throw new PlayError('--gate and --gate-wait need --restart', { hint: 'Say which unit: --restart app.' });
  const unit = flags.restart === undefined ? undefined : unitName(flags.restart);
  const seconds = secondsOf('--gate-wait', flags.gateWait ?? '2m');
  const { exit, found, asked } = await look(flags, launch, redactor);
  if (unit === undefined) return finish(flags, exit);
  const due = asked.filter((host) =>
    found.some(
      (one) =>
        one.host === host &&
        (one.unit === unit || (one.unit === flags.file && one.last !== undefined)) &&
        isUnhealed(one),
    ),
  );
  if (due.length === 0) {
    if (flags.output === 'human')
      process.stdout.write(`nothing to restart: ${unit} has not run out of memory on any host since it started\n`);
    return finish(flags, exit);
  }
  const restarted = await restart(unit, due, { flags, launch, redactor, gate: flags.gate, seconds });
  return Math.max(exit, restarted);
}

interface Looked {
  readonly exit: number;
  readonly found: readonly OutOfMemory[];
  readonly asked: readonly string[];
}

async function look(flags: OomFlags, launch: Launch, redactor: Redactor): Promise<Looked> {
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: 'all' });
  const found: OutOfMemory[] = [];
  let well = 0;
  const since = /^\d+\s?(s|m|min|h|d|w)$/.test(flags.since.trim()) ? `${flags.since.trim()} ago` : flags.since;
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    recap: false,
    async work(host, open, tell) {
      const lane = await rootLane(host, await open(), chosen);
      const { stdout } = await ask(lane, host, readMemory(since, flags.file));
      const here = decodeMemory(host, stdout.toString('utf8'), flags.file);
      const wanted = flags.restart === undefined ? undefined : unitName(flags.restart);
      const unitOf = ({ unit }: OutOfMemory): string | undefined => (unit === flags.file ? wanted : unit);
      const units = [...new Set(here.map((one) => unitOf(one) ?? ''))].filter((unit) => unit !== '');
      const { stdout: states } = await ask(lane, host, readUnits(units));
      const known = withStates(here, states.toString('utf8'), unitOf);
      for (const one of known) {
        found.push(one);
        const { unit, kills, errors, last, text, state } = one;
        const told = { unit, kills, errors, last: last === undefined ? null : new Date(last * 1000).toISOString() };
        tell(
          host,
          { event: 'out-of-memory', host, ...told, text, state: state ?? null },
          [lineOf(one), `  ${text}`].filter((line) => line.trim() !== ''),
        );
      }
      if (known.length === 0) well++;
    },
  });
  if (well > 0 && flags.output === 'human')
    process.stdout.write(
      `${well === 1 ? '1 host' : `${well} hosts`} of ${chosen.hosts.length}: nothing ran out of memory\n`,
    );
  return { exit, found, asked: chosen.hosts };
}

function lineOf(one: OutOfMemory): string {
  const { unit, kills, errors, last, state } = one;
  const counts = [
    kills === 0 ? '' : kills === 1 ? '1 kill' : `${kills} kills`,
    errors === 0 ? '' : errors === 1 ? '1 error' : `${errors} errors`,
  ].filter((part) => part !== '');
  const when = last === undefined ? ', no longer in the journal' : `, last ${timeText(last)}`;
  return `${unit === '' ? 'a process of no unit' : unit}: ${counts.join(', ')}${when}${stateText(one, state)}`;
}

function stateText(one: OutOfMemory, state: OutOfMemory['state']): string {
  if (state === undefined || state.active === '') return '';
  if (state.active !== 'active') return `; ${state.active}${state.result === 'success' ? '' : ` (${state.result})`}`;
  const since = state.since === undefined ? '' : ` since ${timeText(state.since)}`;
  return isUnhealed(one) ? `; runs${since}, not restarted since then` : `; restarted: runs${since}`;
}

interface Restart {
  readonly flags: OomFlags;
  readonly launch: Launch;
  readonly redactor: Redactor;
  readonly gate: string | undefined;
  readonly seconds: number;
}

/** A play like any other: with locks, holds, records, check mode, and a gate behind each host. */
async function restart(
  unit: string,
  hosts: readonly string[],
  { flags, launch, redactor, gate, seconds }: Restart,
): Promise<number> {
  const opened = await openInventory(flags, launch);
  const passwords = await runPasswords(flags);
  const prepared = prepareRun({
    ...requestOf(opened, passwords.become),
    playbook: restarting(unit, gate, seconds),
    file: join(process.cwd(), 'play oom'),
    limit: hosts.join(','),
    tags: { only: [], skip: [] },
  });
  return await startRun({
    ...opened,
    kind: 'resource',
    prepared,
    flags: { ...noPlaybookFlags, ...flags },
    redactor,
    login: { password: passwords.login, passphrase: passphraseAsker() },
  });
}

function restarting(unit: string, gate: string | undefined, seconds: number): Playbook {
  return definePlaybook({
    name: `restart ${unit} where it ran out of memory`,
    hosts: 'all',
    become: true,
    serial: 1,
    gate: {
      after: () => [
        commandTask(
          { argv: ['systemctl', 'is-active', '--quiet', '--', unit], changes: 'never' },
          { name: `${unit} is up` },
        ),
        ...(gate === undefined ? [] : [uri({ url: gate }, { name: `${gate} answers` })]),
      ],
      retries: Math.max(1, Math.ceil(seconds / gateDelay)),
      delay: gateDelay,
    },
    tasks: () => [systemd({ name: unit, state: 'restarted' }, { name: `restart ${unit}` })],
  });
}

function secondsOf(option: string, text: string): number {
  const until = parseUntil(option, text);
  if ('after' in until) return until.after;
  throw new PlayError(`${option} needs a length of time, not "${text}"`, { hint: 'Such as 30s or 5m.' });
}

function finish({ output }: OomFlags, exit: number): number {
  if (output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit })}\n`);
  return exit;
}
