import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Target } from '../connection/index.ts';
import { ProbeFailure, type Question } from '../contract/index.ts';
import { HostSession } from '../engine/index.ts';
import { ExitCode, PlayError } from '../errors/index.ts';
import { localhostNames, matchHosts } from '../inventory/index.ts';
import { backupRule } from '../operator/backup-rule.ts';
import { commandLine } from '../operator/command-line.ts';
import { Notifier } from '../operator/notify.ts';
import { Questions } from '../operator/questions.ts';
import { startRecord } from '../operator/run-record.ts';
import { waitOf } from '../options/connection-flags.ts';
import { Playbook } from '../playbook/index.ts';
import { readConfig } from '../project/apply-config.ts';
import { presentLaunch } from '../project/launch.ts';
import { configName, findProject } from '../project/project.ts';
import { masked, maskedTexts, shownLines, type ShownEvent } from '../report/index.ts';
import { execute, hostsConcerned, hostsOf, limiter, prepareRun, RunLock } from '../run/index.ts';
import { Redactor } from '../secrets/index.ts';
import { becomeReader, becoming, type Becoming } from '../targets/become.ts';
import { openInventory, requestOf, type OpenInventory } from '../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../targets/passwords.ts';
import { reachHosts } from '../targets/reach-hosts.ts';
import type { AskedLogin } from '../targets/target.ts';
import { asPlayError } from '../targets/unreachable.ts';
import { trustInstaller } from '../trust/index.ts';
import { Connections } from './connections.ts';
import { inventoryView } from './inventory.ts';
import { runLive } from './live.ts';
import { checkOptions, flagsOf, type RunnerFlags } from './options.ts';
import { Results, type RunResult } from './result.ts';
import type { Answer, AskOptions, Runner, RunnerInventory, RunnerOptions, RunOptions, ShellOptions } from './types.ts';

/**
 * Opens an inventory the way `play` does: `play.config.ts`, vaults, passwords, ssh settings, throwaway hosts. No
 * connection is made until something is asked or run. Close it at the end.
 *
 * @throws PlayError for any mistake in options, configuration or inventory
 * @example
 * const runner = await openRunner({ inventory: 'inventory/hosts' });
 * try {
 *   const motd = await runner.ask('web1', ask.stat('/etc/motd'));
 *   const { exit } = await runner.run(definePlaybook({ hosts: 'web', become: true, tasks: () => [apt({ name: 'nginx' })] }));
 * } finally {
 *   await runner.close();
 * }
 */
export async function openRunner(options: RunnerOptions = {}): Promise<Runner> {
  const checked = checkOptions(options);
  const launch = presentLaunch();
  trustInstaller(statSync(launch.root).uid);
  const project = findProject(checked.project === undefined ? undefined : within(resolve(checked.project)));
  const config = await readConfig(launch, project && within(project));
  const given = flagsOf(checked, config);
  const { sources, named } = sourcesOf(given, checked.hosts ?? [], project);
  const flags = { ...given, inventory: [...sources, ...(named === undefined ? [] : [named])] };
  const opened = await openInventory(flags, launch, { project });
  const view = inventoryView({ inventory: opened.inventory, limit: flags.limit, sources, named });
  const passwords = await runPasswords(flags);
  return new OpenRunner({
    flags,
    opened,
    project,
    view,
    becomePassword: passwords.become,
    login: { password: passwords.login, passphrase: passphraseAsker() },
  });
}

/** A file in a folder, where one is wanted to tell the project by. */
function within(folder: string): string {
  return join(folder, configName);
}

/** The inventories, and hosts that are named beside them as one more: it adds those that no other has. */
function sourcesOf(
  flags: RunnerFlags,
  hosts: readonly string[],
  project: string | undefined,
): { readonly sources: readonly string[]; readonly named: string | undefined } {
  // This machine is there also where no inventory lists it, and is reached without ssh.
  const remote = hosts.filter((host) => !localhostNames.includes(host));
  if (hosts.length === 0) return { sources: flags.inventory, named: undefined };
  const ofProject = project === undefined ? undefined : join(project, 'inventory');
  const isSilent = flags.inventory.length === 0 && ofProject !== undefined && existsSync(ofProject);
  return { sources: isSilent ? [ofProject] : flags.inventory, named: `${remote.join(',')},` };
}

interface Parts {
  readonly flags: RunnerFlags;
  readonly opened: OpenInventory;
  readonly project: string | undefined;
  readonly view: RunnerInventory;
  readonly becomePassword: Awaited<ReturnType<typeof runPasswords>>['become'];
  readonly login: AskedLogin;
}

class OpenRunner implements Runner {
  readonly inventory: RunnerInventory;
  readonly #parts: Parts;
  readonly #redactor = new Redactor();
  readonly #connections = new Connections();
  readonly #targets = new Map<string, Target>();
  readonly #becoming: Becoming;
  readonly #slots: ReturnType<typeof limiter>;
  /** One at a time: throwaway hosts of one project are started together or after one another. */
  readonly #reaching = limiter(1);
  /** A lock is held by a lane, and the lanes of a host are shared. */
  readonly #running = limiter(1);

  constructor(parts: Parts) {
    this.#parts = parts;
    this.inventory = parts.view;
    const own = becomeReader(parts.opened.inventory, parts.flags.sandbox !== false);
    this.#becoming = becoming(own, parts.flags, parts.becomePassword);
    this.#slots = limiter(parts.flags.forks);
  }

  async prepare(hosts: readonly string[]): Promise<void> {
    const { opened, login, project } = this.#parts;
    const known = hosts.map((host) => opened.inventory.host(host).name);
    await this.#reaching(async () => {
      const fresh = known.filter((host) => !this.#targets.has(host));
      if (fresh.length === 0) return;
      const targets = await reachHosts({
        ...opened,
        hosts: fresh,
        login,
        becomePasswordOf: (host) => this.#becoming.passwordOf(host),
        redactor: this.#redactor,
        ...(project === undefined ? {} : { playbook: within(project) }),
      });
      for (const [host, target] of targets) this.#targets.set(host, target);
    });
  }

  async ask<const Q extends Question | readonly Question[]>(
    host: string,
    question: Q,
    options: AskOptions = {},
  ): Promise<Answer<Q>> {
    const target = await this.#target(host);
    const questions: readonly Question[] = 'kind' in question ? [question] : question;
    const answers = await this.#slots(async () => {
      try {
        return await this.#answers(target, questions, options);
      } catch (thrown) {
        throw asPlayError(thrown);
      }
    });
    return ('kind' in question ? answers[0] : answers) as Answer<Q>;
  }

  async #answers(
    target: Target,
    questions: readonly Question[],
    { becomeUser = '' }: AskOptions,
  ): Promise<readonly unknown[]> {
    return await this.#connections.use(target, async (connection) => {
      const accounts = { become: (user: string) => this.#becoming.become(target.name, user) };
      const session = new HostSession(
        target.name,
        connection,
        accounts,
        () => undefined,
        false,
        async () => connection,
      );
      await session.exchange(becomeUser, [], questions);
      return questions.map((one) => {
        const answer = session.state.answer(becomeUser, one)?.answer;
        if (answer instanceof ProbeFailure)
          throw new PlayError(`${target.name} could not answer (${one.kind.kind}): ${answer.message}`, {
            exitCode: ExitCode.hostFailed,
          });
        return answer;
      });
    });
  }

  async run(playbook: Playbook, options: RunOptions = {}): Promise<RunResult> {
    if (!(playbook instanceof Playbook))
      throw new PlayError('What should be run is not a playbook', {
        hint: "Give what definePlaybook gave, of 'play'.",
      });
    return await this.#running(() => this.#run(playbook, options));
  }

  async #run(playbook: Playbook, options: RunOptions): Promise<RunResult> {
    const { check = false, tags = [], skipTags = [], lock = {}, ignoreHold = false, ignoreWindow = false } = options;
    const { flags, opened, becomePassword } = this.#parts;
    // Its folder is where files of its tasks are looked for.
    const file = playbook.at?.file ?? join(process.cwd(), 'playbook.ts');
    const prepared = prepareRun({
      ...requestOf(opened, becomePassword),
      playbook,
      file,
      limit: this.#limit(options.limit),
      tags: { only: tags, skip: skipTags },
    });
    await this.prepare(hostsConcerned(prepared));
    const hosts = hostsOf(prepared);
    const record =
      options.record === false
        ? undefined
        : startRecord({ kind: 'playbook', hosts, check, redactor: this.#redactor, folder: dirname(file) });
    const notifier = new Notifier({
      settings: flags.notify,
      isSilent: check || flags.sandbox !== false,
      hosts,
      redactor: this.#redactor,
    });
    const results = new Results();
    const lease = this.#connections.lease();
    const listening = new Listening(options);
    const questions = new Questions((event) => listening.tell(event));
    notifier.start();
    const recap = await execute(prepared, {
      check,
      forks: options.forks ?? flags.forks,
      target: (host) => this.#known(host),
      connect: (target) => lease.connect(target),
      listener: (raw) => {
        const event = masked(raw, this.#redactor);
        record?.listener(event);
        results.listener(event);
        questions.listener(event);
        notifier.listener(event);
      },
      signal: listening.signal,
      ...(lock === false ? {} : { lock: this.#lock(lock, record?.id, file) }),
      ignoreHold,
      window: { ignore: ignoreWindow ? 'ignoreWindow' : undefined, wait: waitOf(lock === false ? { wait: 0 } : lock) },
      forceHandlers: flags.forceHandlers,
      ...(record ? { backups: backupRule(flags.backups, record.id) } : {}),
      ask: (question, signal) => questions.ask(this.mask(question), signal),
      trace: options.trace ?? false,
    }).finally(() => lease.end());
    await notifier.end(recap, recap.exit);
    await record?.end(recap.exit);
    listening.rethrow();
    return results.of(recap);
  }

  #lock(lock: Exclude<NonNullable<RunOptions['lock']>, false>, id: string | undefined, file: string): RunLock {
    return new RunLock({
      command: this.#redactor.redact(commandLine()),
      wait: waitOf(lock),
      steal: lock.steal ?? false,
      logged: id === undefined ? undefined : { id, kind: 'playbook', project: this.#parts.project ?? dirname(file) },
    });
  }

  /** Both limits at once. */
  #limit(ofRun: string | undefined): string | undefined {
    const { flags, opened } = this.#parts;
    if (ofRun === undefined || flags.limit === undefined) return ofRun ?? flags.limit;
    const hosts = matchHosts(opened.inventory, ofRun, { limit: flags.limit });
    if (hosts.length > 0) return hosts.join(',');
    throw new PlayError(`The limit "${ofRun}" leaves no host of those that the runner's limit "${flags.limit}" leaves`);
  }

  async shell(host: string, command: string, options: ShellOptions = {}): Promise<number> {
    const target = await this.#target(host);
    const { args, becomeUser, onLine = () => undefined, onStart, signal } = options;
    try {
      const connection = await this.#slots(() => this.#connections.get(target));
      return await runLive(connection, command, {
        ...(args ? { args } : {}),
        become: becomeUser === undefined ? undefined : this.#becoming.become(host, becomeUser),
        redactor: this.#redactor,
        signal,
        onStart,
        onLine: (stream, text) => onLine({ host, stream, text }),
      });
    } catch (thrown) {
      throw asPlayError(thrown);
    }
  }

  mask<T>(data: T): T {
    return maskedTexts(data, this.#redactor);
  }

  printable(...lines: readonly string[]): string {
    return shownLines(lines, this.#redactor);
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #target(host: string): Promise<Target> {
    await this.prepare([host]);
    return this.#known(host);
  }

  #known(host: string): Target {
    const target = this.#targets.get(host);
    if (target === undefined) throw new Error(`${host} was not prepared`);
    return target;
  }
}

/** The caller's ear: what it throws stops the run, and is thrown again when that is over. */
class Listening {
  readonly #stop = new AbortController();
  readonly signal: AbortSignal;
  readonly #listener: RunOptions['listener'];
  #thrown: { readonly by: unknown } | undefined;

  constructor({ listener, signal }: RunOptions) {
    this.#listener = listener;
    this.signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
  }

  tell(event: ShownEvent): void {
    if (this.#thrown) return;
    try {
      this.#listener?.(event);
    } catch (thrown) {
      this.#thrown = { by: thrown };
      this.#stop.abort();
    }
  }

  rethrow(): void {
    if (this.#thrown) throw this.#thrown.by;
  }
}
