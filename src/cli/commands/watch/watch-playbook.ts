import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { connect, type Target } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { waitOf } from '../../../options/connection-flags.ts';
import type { Flags } from '../../../options/flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { inventorySources } from '../../../project/load-inventory.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { findProject } from '../../../project/project.ts';
import { checkTypes } from '../../../project/type-check.ts';
import { FileWatch } from '../../../project/watch-files.ts';
import {
  describeError,
  humanReport,
  makeStyle,
  masked,
  saidLines,
  shortPath,
  wantsColour,
  type ShownEvent,
  type ShownListener,
} from '../../../report/index.ts';
import { execute, hostsConcerned } from '../../../run/index.ts';
import type { Redactor, Vault } from '../../../secrets/index.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { reachHosts } from '../../../targets/reach-hosts.ts';
import { targetOf, type AskedLogin } from '../../../targets/target.ts';
import { KeptConnections } from '../plan/kept-connections.ts';
import { prepareFor } from '../run.ts';
import { useVerdict } from '../type-verdict.ts';
import { isTask, planChanges, planCounts, toldPlan, type ToldPlan } from './plan-changes.ts';

interface Watched {
  readonly file: string;
  readonly flags: Flags;
  readonly launch: Launch;
  readonly redactor: Redactor;
}

/**
 * `play PLAYBOOK --watch`: plans, and plans again at every save, over connections that stay; shows what is new in the
 * plan. What cannot be read is shown and waited out. Ends with Ctrl-C.
 *
 * @throws PlayError for options that do not go with it
 */
export async function watchPlaybook(watched: Watched): Promise<number> {
  refuseContradictions(watched.flags);
  const { file, flags } = watched;
  const desk = await Desk.open(watched);
  const project = findProject(file) ?? dirname(file);
  const files = new FileWatch(watchedFolders(file, project, flags));
  const signal = watchInterrupts(
    () => undefined,
    () => undefined,
  );
  try {
    await desk.plan(signal);
    if (!signal.aborted) desk.tell(`watching ${shortPath(project)}: save a file to plan again, Ctrl-C to end`);
    for (;;) {
      const saved = await files.saved(signal);
      if (saved.length === 0) break;
      desk.tell(`\nsaved ${savedText(saved, project)}`);
      await desk.plan(signal);
    }
    return ExitCode.ok;
  } finally {
    files.close();
    await desk.close();
  }
}

/** An editor's passing files are of no interest, a removed one is. */
function savedText(saved: readonly string[], project: string): string {
  const there = saved.filter((path) => existsSync(path));
  return (there.length > 0 ? there : saved).map((path) => relative(project, path)).join(', ');
}

function refuseContradictions(flags: Flags): void {
  if (!flags.sandbox && !flags.check)
    throw new PlayError('--watch is for check mode and throwaway hosts: it would ask real hosts at every save', {
      hint: 'Add --sandbox, or -C to plan against the real hosts.',
    });
  const others = [
    ['--list-hosts', flags.listHosts],
    ['--list-tasks', flags.listTasks],
    ['--list-tags', flags.listTags],
    ['--syntax-check', flags.syntaxCheck],
    ['--step', flags.step],
    ['--detach', flags.detach],
    ['--exit-code', flags.exitCode],
    ['--out', flags.out !== undefined],
    ['--script', flags.script !== undefined],
    ['--output jsonl', flags.output === 'jsonl'],
  ] as const;
  for (const [name, isGiven] of others)
    if (isGiven) throw new PlayError(`--watch and ${name} do not go together`, { hint: 'Leave one of them out.' });
}

/** The project, and what lies elsewhere: the playbook, its inventory, files of variables. */
function watchedFolders(file: string, project: string, flags: Flags): string[] {
  const sources = [
    ...inventorySources(flags, project),
    ...flags.extraVars.filter((given) => given.startsWith('@')).map((given) => given.slice(1)),
  ];
  const folders = sources
    .map((source) => resolve(source))
    .filter((source) => existsSync(source))
    .map((source) => (statSync(source).isDirectory() ? source : dirname(source)));
  const isIn = (folder: string): boolean => !relative(project, folder).startsWith('..');
  return [project, ...[dirname(file), ...folders].filter((folder) => !isIn(folder))];
}

/** What stays from plan to plan: passwords, connections, and the plan before. */
class Desk {
  readonly #watched: Watched;
  readonly #vault: Vault;
  readonly #login: AskedLogin;
  readonly #become: Awaited<ReturnType<typeof runPasswords>>['become'];
  readonly #connections = new KeptConnections(connect);
  readonly #style = makeStyle(wantsColour(process.stdout));
  #last: ToldPlan | undefined;

  private constructor(watched: Watched, vault: Vault, { login, become }: Awaited<ReturnType<typeof runPasswords>>) {
    // Modules of the last plan would make the last plan again.
    this.#watched = { ...watched, launch: { ...watched.launch, evaluatesAnew: true } };
    this.#vault = vault;
    this.#login = { password: login, passphrase: passphraseAsker() };
    this.#become = become;
  }

  static async open(watched: Watched): Promise<Desk> {
    return new Desk(watched, await openVault(watched.flags), await runPasswords(watched.flags));
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  tell(text: string): void {
    process.stdout.write(this.#watched.redactor.redact(`${this.#style.dim(saidLines(text))}\n`));
  }

  /** One plan. What is wrong is shown, and the plan before stays the one to compare with. */
  async plan(signal: AbortSignal): Promise<void> {
    const { file, flags, launch, redactor } = this.#watched;
    const started = performance.now();
    const verdict = flags.typecheck ? checkTypes(file, launch) : undefined;
    try {
      const events = await this.#look(signal, this.#last === undefined ? this.#report() : undefined);
      if (signal.aborted) return;
      // Only now: a plan changes nothing, so that it need not wait for the types.
      if (verdict) await useVerdict(file, verdict);
      this.#show(toldPlan(events), (performance.now() - started) / 1000);
    } catch (thrown) {
      const { text, exitCode } = describeError(thrown, {
        style: makeStyle(wantsColour(process.stderr)),
        debug: flags.debug,
        redact: (line) => redactor.redact(line),
        ownFolders: [join(launch.root, 'src'), join(launch.root, 'dist')],
      });
      // A fault of play does not go away by waiting.
      if (exitCode === ExitCode.internal) throw thrown;
      process.stderr.write(`${text}${this.#style.dim('waiting for the next save')}\n`);
    }
  }

  /** The events of a check run. @param report hears of them as they come */
  async #look(signal: AbortSignal, report: ShownListener | undefined): Promise<ShownEvent[]> {
    const { file, flags, launch, redactor } = this.#watched;
    const opened = await openInventory(flags, launch, { playbook: file, vault: this.#vault });
    const prepared = prepareFor(file, await loadPlaybook(file, launch), flags, requestOf(opened, this.#become));
    const { inventory, becomePassword, becomeOf } = prepared.request;
    const targetFor = (host: string): Target => targetOf(inventory, host, flags, this.#login);
    const targets = await reachHosts({
      ...opened,
      inventory,
      hosts: hostsConcerned(prepared),
      login: this.#login,
      becomePasswordOf: (host) => becomeOf?.(host, inventory).password ?? becomePassword,
      redactor,
      playbook: file,
      targetFor,
    });
    const events: ShownEvent[] = [];
    await execute(prepared, {
      check: true,
      forks: flags.forks,
      target: (host) => targets.get(host) ?? targetFor(host),
      connect: this.#connections.lendAgain,
      ignoreHold: flags.ignoreHold ?? false,
      window: { ignore: flags.ignoreWindow ? '--ignore-window' : undefined, wait: waitOf(flags) },
      forceHandlers: flags.forceHandlers,
      signal,
      listener: (raw) => {
        const event = masked(raw, redactor);
        events.push(event);
        report?.(event);
      },
    });
    // A connection that was lost is no good for the next plan.
    for (const event of events)
      if (event.event === 'unreachable' || (isTask(event) && event.status === 'unreachable'))
        await this.#connections.drop(event.host);
    return events;
  }

  #report(): ShownListener {
    const { diff, verbose } = this.#watched.flags;
    const { stdout } = process;
    return humanReport({ stream: stdout, style: this.#style, check: true, diff, verbosity: verbose, footer: 'own' });
  }

  #show(plan: ToldPlan, seconds: number): void {
    const before = this.#last;
    this.#last = plan;
    const { tasks, hosts, failed } = planCounts(plan);
    const counts = [
      tasks === 0 ? 'nothing would change' : `${counted(tasks, 'task')} would change on ${counted(hosts, 'host')}`,
      ...(failed === 0 ? [] : [`${failed} failed`]),
    ].join(', ');
    const { shown, gone } = before ? planChanges(before, plan) : { shown: [], gone: [] };
    const report = this.#report();
    for (const event of shown) report(event);
    for (const event of gone)
      process.stdout.write(
        `${this.#style.green('no longer')}  ${event.host}  ${saidLines(
          isTask(event) ? (event.role === null ? event.task : `${event.role} : ${event.task}`) : event.event,
        )}\n`,
      );
    const isSame = before !== undefined && shown.length + gone.length === 0;
    this.tell(`${isSame ? 'the plan is unchanged: ' : ''}${counts} (${seconds.toFixed(2)} s)`);
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
