import { basename } from 'node:path';
import { ExitCode, locationText, PlayError } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { makeCommand } from '../../../options/command.ts';
import { addTypecheckOption } from '../../../options/flags.ts';
import { addHostOptions } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { findPlaybook, projectPlaybooks } from '../../../project/project.ts';
import { makeStyle, said, shownLines, wantsColour } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { runPasswords } from '../../../targets/passwords.ts';
import { parseWithConfig } from '../../parse.ts';
import type { CheckNeeds } from '../check-playbook.ts';
import { standingLines, summaryLine } from './drift-text.ts';
import { lookAt } from './look.ts';
import { DriftMemory, type Standing } from './memory.ts';
import { metricsText, requireMetricsFolder, writeMetrics } from './metrics.ts';

type DriftFlags = CheckNeeds['flags'] & { readonly metrics?: string };

/** From the mildest to the worst: the worst is the exit code. */
const severity: readonly number[] = [
  ExitCode.ok,
  ExitCode.held,
  ExitCode.wouldChange,
  ExitCode.hostFailed,
  ExitCode.unreachable,
  ExitCode.usage,
  ExitCode.interrupted,
];

const exitOf = {
  same: ExitCode.ok,
  held: ExitCode.held,
  differs: ExitCode.wouldChange,
  failed: ExitCode.hostFailed,
  unreachable: ExitCode.unreachable,
  gone: ExitCode.ok,
} as const satisfies Record<Standing['status'], number>;

/** `play drift [PLAYBOOK...]`: check mode over all playbooks; which hosts are not as they say, and since when. */
export async function runDriftCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addTypecheckOption(
    addHostOptions(
      makeCommand(
        'play drift',
        'Runs all playbooks of the project in check mode, and says which hosts differ from them, and since when. Changes nothing on the hosts.',
      ),
    )
      .argument('[playbook...]', 'playbooks by path or name (default: all of the project)')
      .option('--metrics <file>', "also write what is known about all hosts, for node_exporter's textfile collector")
      .option('--ignore-hold', 'also check hosts and units that are held'),
  );
  const config = await parseWithConfig(command, args, launch, ([first]) => first);
  const flags = command.opts<DriftFlags>();
  const isWhole = command.args.length === 0;
  const files = isWhole
    ? projectPlaybooks(config.playbooksDir)
    : command.args.map((name) => findPlaybook(name, config.playbooksDir));
  const [first] = files;
  if (first === undefined)
    throw new PlayError('The project has no playbooks', { hint: 'They are looked for in its playbooks/.' });
  if (flags.metrics !== undefined) requireMetricsFolder(flags.metrics);
  const signal = watchInterrupts(
    () => process.stderr.write('\nInterrupted: what was found so far is kept. Ctrl-C again quits at once.\n'),
    () => undefined,
  );
  const needs = {
    flags,
    vault: await openVault(flags),
    passwords: await runPasswords(flags),
    launch,
    redactor,
    signal,
  };
  const report = new DriftReport(flags, redactor);
  // Throwaway hosts are nobody's standing.
  const memory = flags.sandbox ? DriftMemory.blank() : DriftMemory.read(first);
  const started = Date.now();
  const hosts = new Set<string>();
  for (const file of files) {
    if (signal.aborted) break;
    const playbook = basename(file, '.ts');
    try {
      const looked = await lookAt(file, needs);
      if (looked === undefined) continue;
      for (const host of looked.inventory.hosts.keys()) hosts.add(host);
      // Hosts that Ctrl-C came before are as they were.
      if (signal.aborted) break;
      const now = new Date().toISOString();
      for (const finding of looked.findings) report.standing(memory.take(playbook, finding, now));
    } catch (thrown) {
      if (!(thrown instanceof PlayError) || thrown.exitCode === ExitCode.internal) throw thrown;
      report.broken(playbook, thrown);
    }
  }
  const seconds = (Date.now() - started) / 1000;
  const exit = signal.aborted ? ExitCode.interrupted : report.exit;
  if (!signal.aborted && isWhole) {
    const names = files.map((file) => basename(file, '.ts'));
    memory.keepOnly(({ host, playbook }) => names.includes(playbook) && (hosts.size === 0 || hosts.has(host)));
  }
  memory.write();
  report.end(files.length, seconds, exit);
  if (flags.metrics !== undefined)
    writeMetrics(flags.metrics, metricsText(memory.all(), { ended: Date.now(), seconds, exit }));
  return exit;
}

/** What people, or programs, are told of a look as it goes on. */
class DriftReport {
  readonly standings: Standing[] = [];
  readonly #flags: DriftFlags;
  readonly #redactor: Redactor;
  readonly #style = makeStyle(wantsColour(process.stdout));
  readonly #exits = new Set<number>();

  constructor(flags: DriftFlags, redactor: Redactor) {
    this.#flags = flags;
    this.#redactor = redactor;
  }

  get exit(): number {
    return severity.findLast((code) => this.#exits.has(code)) ?? ExitCode.ok;
  }

  standing(standing: Standing): void {
    this.standings.push(standing);
    this.#exits.add(exitOf[standing.status]);
    this.#tell({ event: 'drift', ...standing }, standingLines(standing, this.#style, this.#flags.verbose));
  }

  /** A playbook that cannot be run: others can. */
  broken(playbook: string, { message, hint, where }: PlayError): void {
    this.#exits.add(ExitCode.usage);
    const place = where === undefined ? null : locationText(where);
    this.#tell({ event: 'broken', playbook, reason: message, where: place, hint: hint ?? null }, [
      `${this.#style.red('broken')}  ${said(playbook)}: ${message}`,
      ...(place === null ? [] : [`    at ${place}`]),
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ]);
  }

  end(playbooks: number, seconds: number, exit: number): void {
    const count = (status: Standing['status']): number =>
      this.standings.filter((standing) => standing.status === status).length;
    const counts = { same: count('same'), differs: count('differs'), held: count('held'), failed: count('failed') };
    this.#tell({ event: 'recap', ...counts, unreachable: count('unreachable'), gone: count('gone'), exit, seconds }, [
      summaryLine(this.standings, playbooks, seconds),
    ]);
  }

  #tell(event: object, lines: readonly string[]): void {
    if (this.#flags.output === 'jsonl') process.stdout.write(`${this.#redactor.redact(JSON.stringify(event))}\n`);
    else process.stdout.write(shownLines(lines, this.#redactor));
  }
}
