import { ExitCode } from '../errors/index.ts';
import {
  holdForm,
  holdText,
  humanReport,
  jsonlReport,
  escapeControls,
  shortReason,
  styleFor,
  type Runner,
  type RunListener,
  type Style,
} from '../runner/index.ts';
import type { ChangelogEntry } from './changelog.ts';
import type { Rollout } from './decide.ts';
import type { DeployerFlags } from './flags.ts';
import type { HeldHost } from './held.ts';
import type { FleetStanding } from './standing.ts';
import { renderTable, serviceNotes } from './table.ts';

/** What the deployer says: to people, or as JSON lines. */
export class Output {
  readonly isJson: boolean;
  readonly #flags: DeployerFlags;
  readonly #runner: Runner;
  readonly #style: Style = styleFor(process.stdout);

  constructor(flags: DeployerFlags, runner: Runner) {
    this.#flags = flags;
    this.#runner = runner;
    this.isJson = flags.output === 'jsonl';
  }

  /** A line for people; programs have the events. */
  say(...lines: readonly string[]): void {
    if (!this.isJson) process.stdout.write(this.#runner.printable(...lines));
  }

  event(event: object): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify(this.#runner.mask(event))}\n`);
  }

  status(standing: FleetStanding): void {
    this.event({
      event: 'status',
      stages: standing.stages,
      packages: standing.packages.map(({ name, stages }) => ({
        package: name,
        hosts: stages.flat().map(({ stage, host, installed, relation }) => ({
          stage,
          host,
          reachable: installed !== undefined,
          version: installed?.version ?? null,
          broken: installed?.broken ?? false,
          held: installed?.held ?? false,
          relation,
          services: (installed?.services ?? []).map(({ unit, active, isOutdated }) => ({
            unit,
            active,
            restarted: !isOutdated,
          })),
        })),
      })),
      unreachable: standing.unreachable.map(({ host, error }) => ({
        host,
        reason: shortReason(error, host),
        hint: error.hint ?? null,
      })),
    });
    this.say(...renderTable(standing, this.#style));
    const lost = standing.unreachable.map(
      ({ host, error }) => `${this.#style.red('unreachable')}  ${host}  ${escapeControls(shortReason(error, host))}`,
    );
    const notes = [...lost, ...serviceNotes(standing, this.#style)];
    if (notes.length > 0) this.say('', ...notes);
  }

  /** What operators hold, below the table. */
  holds(holds: readonly HeldHost[]): void {
    for (const { host, hold } of holds) {
      this.event({ event: 'hold', host, ...holdForm(hold) });
      this.say(`${this.#style.yellow('held')}  ${host}  ${escapeControls(holdText(hold))}`);
    }
  }

  /** Hosts that are left out of what was just told. */
  leftAlone(hosts: readonly HeldHost[]): void {
    for (const { host, hold } of hosts) {
      this.event({ event: 'held', host, ...holdForm(hold) });
      this.say(`${this.#style.yellow('held')}  ${host} is left alone: ${escapeControls(holdText(hold))}`);
    }
  }

  /** Nothing was done, with this exit code: the end of it, for programs too. */
  end(exit: number): number {
    this.event({ event: 'recap', hosts: {}, exit });
    return exit;
  }

  /** What is about to happen, and what it brings. */
  plan(rollout: Rollout, entries: readonly ChangelogEntry[] | undefined): void {
    const { name, stage, version, moves, isDowngrade } = rollout;
    this.event({
      event: 'plan',
      package: name,
      stage,
      version,
      downgrade: isDowngrade,
      hosts: moves.map(({ host, from, kind }) => ({ host, from: from ?? null, to: version, kind })),
      changelog: entries ?? null,
    });
    if (moves.every(({ kind }) => kind === 'none'))
      return this.nothing(`${name} ${version} is on every host of stage ${stage} already.`);
    const { bold, yellow, dim } = this.#style;
    const width = Math.max(...moves.map(({ host }) => host.length));
    const words = {
      first: 'first installation',
      upgrade: 'upgrade',
      downgrade: yellow('downgrade'),
      repair: 'is half installed',
      none: dim('stays'),
    };
    this.say(
      '',
      bold(`${name} ${version} to stage ${stage}`),
      ...moves.map(
        ({ host, from, kind }) => `  ${host.padEnd(width)}  ${from ?? 'not installed'} -> ${version}  ${words[kind]}`,
      ),
      '',
    );
    if (entries === undefined) this.say(dim('The package has no changelog.'), '');
    else if (entries.length === 0) this.say(dim('Its changelog says nothing about the versions in between.'), '');
    else
      this.say(
        isDowngrade ? 'What is taken back:' : 'What is new:',
        ...entries.flatMap(({ version: of, signed, lines }) => [
          `  ${bold(escapeControls(of))}  ${dim(escapeControls(signed))}`,
          ...lines.map((line) => `  ${escapeControls(line)}`),
        ]),
        '',
      );
  }

  /** What is about to be restarted. */
  restarts(
    name: string,
    stage: string,
    hosts: readonly { readonly host: string; readonly units: readonly string[] }[],
  ): void {
    this.event({
      event: 'plan',
      package: name,
      stage,
      hosts: hosts.map(({ host, units }) => ({ host, restart: units })),
    });
    this.say(
      '',
      this.#style.bold(`restart ${name} on stage ${stage}`),
      ...hosts.map(({ host, units }) => `  ${host}  ${units.join(', ')}`),
      '',
    );
  }

  /** There is nothing to do: the end of it, for programs too. */
  nothing(why: string): void {
    this.event({ event: 'recap', hosts: {}, exit: ExitCode.ok });
    this.say('', why);
  }

  /** Tells the events of a run as `play` does. */
  listener(): RunListener {
    const verbosity = this.#flags.verbose;
    return this.isJson ? jsonlReport({ verbosity }) : humanReport({ verbosity });
  }
}
