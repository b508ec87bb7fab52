import { release as kernelRelease } from 'node:os';
import { Unreachable, type Target } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addRunOptions, type Flags } from '../../../options/flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { findPlaybook } from '../../../project/project.ts';
import { checkTypes } from '../../../project/type-check.ts';
import { said, shownLines } from '../../../report/index.ts';
import { hostsConcerned, hostsOf, type PreparedRun } from '../../../run/index.ts';
import { removeSandbox, sandboxTarget, startSandbox } from '../../../sandbox/index.ts';
import { passingFleet } from '../../../sandbox/passing-fleet.ts';
import { startTwins, type Twin } from '../../../sandbox/twin/start-twins.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { openInventory, requestOf, type OpenInventory } from '../../../targets/open-inventory.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { sandboxFleet } from '../../../targets/sandbox-fleet.ts';
import { parseWithConfig } from '../../parse.ts';
import { onHosts, rootLane, type TellHost } from '../on-hosts.ts';
import { prepareFor } from '../run.ts';
import { startRun } from '../start-run.ts';
import { useVerdict } from '../type-verdict.ts';
import { portraitOf, type Scrubbed } from './portrait-of.ts';
import { servicesLines, twinLines } from './rehearsal-text.ts';
import { compareServices, type Services } from './services.ts';
import { survey, type Survey } from './survey.ts';
import { alignServices, lastWords, settledServices } from './twin-services.ts';

type RehearseFlags = Flags & { readonly keep: boolean };

/** A host as it was read, its secrets left out. */
interface Sitting {
  readonly survey: Survey;
  readonly scrubbed: Scrubbed;
}

/** `play rehearse PLAYBOOK -l HOST`: applies a playbook to twins of hosts, and says what became of their services. */
export async function runRehearseCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addRunOptions(
    makeCommand(
      'play rehearse',
      'Makes a throwaway twin of each host (its release, packages, users, units, and its /etc without secrets), runs the playbook there, and says how the services fared. Changes nothing on the hosts.',
    ),
  )
    .argument('<playbook>', 'a playbook by path, or by name under playbooks/')
    .option('--keep', 'leave the twins running, to look around in them', false);
  const config = await parseWithConfig(command, args, launch, ([playbook]) => playbook);
  const given = command.opts<RehearseFlags>();
  if (given.output === 'junit' || given.output === 'markdown')
    throw new PlayError(`--output ${given.output} can only report a run, and a rehearsal has more to report`, {
      hint: 'For the run on the twins: --report FILE.xml (JUnit), --report FILE.md (Markdown).',
    });
  const flags = { ...given, output: given.output };
  refuseContradictions(flags);
  const file = findPlaybook(command.args[0] ?? '', config.playbooksDir);
  const verdict = flags.typecheck ? checkTypes(file, launch) : undefined;
  const vault = await openVault(flags);
  const opened = await openInventory({ ...flags, sandbox: 'pristine' }, launch, { playbook: file, vault });
  const prepared = prepareFor(file, await loadPlaybook(file, launch), flags, requestOf(opened, undefined));
  if (verdict) await useVerdict(file, verdict);
  const { limit: _, ...rest } = flags;
  const chosen = await chooseHosts({
    flags: { ...rest, sandbox: false },
    launch,
    redactor,
    pattern: hostsOf(prepared).join(','),
    place: { playbook: file, vault },
  });

  const sittings = new Map<string, Sitting>();
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    recap: false,
    async work(host, open) {
      const found = await survey(await rootLane(host, await open(), chosen), host);
      sittings.set(host, { survey: found, scrubbed: portraitOf(host, found, redactor) });
    },
  });
  if (exit !== ExitCode.ok) return end(flags, exit);
  return end(flags, await new Rehearsal({ flags, redactor, launch, opened, prepared, sittings }).run());
}

function refuseContradictions(flags: RehearseFlags): void {
  if (flags.limit === undefined)
    throw new PlayError('Twins of which hosts?', { hint: 'Name them with -l; -l all means all of the playbook.' });
  if (flags.sandbox !== false || flags.sandboxRelease !== undefined)
    throw new PlayError('A rehearsal uses twins instead of the throwaway hosts of --sandbox', {
      hint: 'Leave --sandbox out.',
    });
  const others = [
    ...(flags.check ? ['--check'] : []),
    ...(flags.step ? ['--step'] : []),
    ...(flags.detach ? ['--detach'] : []),
    ...(flags.listHosts || flags.listTasks || flags.listTags || flags.syntaxCheck ? ['a listing'] : []),
    ...(flags.exitCode ? ['--exit-code'] : []),
  ];
  if (others.length > 0)
    throw new PlayError(`A rehearsal runs the playbook on twins: ${others.join(' and ')} has no meaning there`, {
      hint: 'Without `rehearse`, it is for the hosts themselves: play PLAYBOOK -l HOST -C.',
    });
}

function end(flags: Flags, exit: number): number {
  if (flags.output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'rehearsal', exit })}\n`);
  return exit;
}

interface Stage {
  readonly flags: RehearseFlags;
  readonly redactor: Redactor;
  readonly launch: Launch;
  readonly opened: OpenInventory;
  readonly prepared: PreparedRun;
  readonly sittings: ReadonlyMap<string, Sitting>;
}

/** The part behind the last question to a host: all of it is on this machine. */
class Rehearsal {
  readonly #stage: Stage;
  readonly #width: number;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#width = Math.max(...[...stage.sittings.keys()].map((host) => host.length));
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { flags, prepared } = this.#stage;
    const fleet = await passingFleet(`${sandboxFleet(prepared.request.file)}-twin`);
    let isKept = false;
    try {
      const targets = await untilInterrupted(() => this.#makeTwins(fleet));
      const before = await this.#look(fleet);
      const ran = await this.#play(targets);
      const isBroken = await this.#tellServices(fleet, before, await this.#look(fleet));
      isKept = flags.keep;
      return ran === ExitCode.ok && isBroken ? ExitCode.hostFailed : ran;
    } finally {
      if (isKept) this.#tellKept(fleet);
      else await removeSandbox(undefined, { fleet });
    }
  }

  async #makeTwins(fleet: string): Promise<ReadonlyMap<string, Target>> {
    const { flags, launch, opened, prepared, sittings } = this.#stage;
    const settings = {
      fleet,
      onNotice: (text: string) => void process.stderr.write(`${text}\n`),
      self: [process.execPath, launch.apiFile, 'sandbox'],
    };
    const portraits = new Map([...sittings].map(([host, { scrubbed }]) => [host, scrubbed.portrait]));
    settings.onNotice(
      `rehearse: making ${portraits.size === 1 ? 'a twin' : 'twins'} of ${[...portraits.keys()].join(', ')}`,
    );
    const twins = await startTwins(portraits, settings);
    const others = hostsConcerned(prepared).filter((host) => !twins.has(host));
    if (others.length > 0)
      settings.onNotice(
        `rehearse: ${others.join(', ')}: tasks are delegated there, and pristine hosts take their place`,
      );
    await startSandbox([...twins.keys(), ...others], {
      ...settings,
      packages: [...(opened.standIns?.packages.values() ?? [])],
    });
    for (const [host, twin] of twins) await this.#tellTwin(fleet, host, twin);
    const user = flags.user ?? 'admin';
    return new Map([...twins.keys(), ...others].map((host) => [host, sandboxTarget(host, { fleet, user })]));
  }

  async #tellTwin(fleet: string, host: string, { made }: Twin): Promise<void> {
    const sitting = this.#stage.sittings.get(host);
    if (sitting === undefined) return;
    const { survey: found, scrubbed } = sitting;
    const lost = await alignServices(fleet, host, found.services, scrubbed.portrait.masked);
    const { portrait, places, leftOut } = scrubbed;
    this.#tell(
      host,
      {
        event: 'twin',
        host,
        release: found.system.release,
        packages: { all: found.packages.length, ...made, firewall: undefined },
        scrubbed: {
          keys: portrait.keys.map(({ path }) => path),
          passwords: found.accounts.withPassword,
          places,
          leftOut,
        },
        notHad: { kernel: found.system.kernel, ...found.outside, units: lost, firewall: made.firewall ?? null },
      },
      twinLines({ survey: found, scrubbed, made, lost, kernel: kernelRelease() }, this.#stage.flags.verbose > 0),
    );
  }

  async #play(targets: ReadonlyMap<string, Target>): Promise<number> {
    const { flags, redactor, opened, prepared } = this.#stage;
    const { notify: _, ...quiet } = flags;
    return await startRun({
      ...opened,
      kind: 'playbook',
      prepared,
      // How twins are reached is known: nobody is to look for throwaway hosts of the project, nor for the real ones.
      flags: { ...quiet, sandbox: false },
      redactor,
      login: { password: undefined },
      targetFor: (host) => {
        const target = targets.get(host);
        if (target !== undefined) return target;
        throw new Unreachable(`${host} has no twin, and a rehearsal touches no real hosts`);
      },
    });
  }

  async #look(fleet: string): Promise<ReadonlyMap<string, Services>> {
    const hosts = [...this.#stage.sittings.keys()];
    return new Map(await Promise.all(hosts.map(async (host) => [host, await settledServices(fleet, host)] as const)));
  }

  /** @returns whether a service is worse off than before */
  async #tellServices(
    fleet: string,
    before: ReadonlyMap<string, Services>,
    after: ReadonlyMap<string, Services>,
  ): Promise<boolean> {
    let isBroken = false;
    for (const [host, was] of before) {
      const is = after.get(host);
      if (is === undefined) continue;
      const change = compareServices(was, is);
      const broken = change.changed.filter((one) => one.isBroken);
      isBroken ||= broken.length > 0;
      const words = new Map(
        await Promise.all(broken.map(async ({ unit }) => [unit, await lastWords(fleet, host, unit, 3)] as const)),
      );
      this.#tell(host, { event: 'services', host, ...change }, servicesLines(change, words));
    }
    return isBroken;
  }

  #tellKept(fleet: string): void {
    const [host = ''] = this.#stage.sittings.keys();
    process.stderr.write(
      `rehearse: the twins stay until the next rehearsal. Look around: PLAY_SANDBOX_FLEET=${fleet} play sandbox ssh ${host}; remove them: PLAY_SANDBOX_FLEET=${fleet} play sandbox rm\n`,
    );
  }

  readonly #tell: TellHost = (host, event, lines) => {
    const { flags, redactor } = this.#stage;
    if (flags.output === 'jsonl') process.stdout.write(`${redactor.redact(JSON.stringify(event))}\n`);
    else
      process.stdout.write(
        shownLines(
          lines.map((line) => `${host.padEnd(this.#width)}  ${said(line)}`),
          redactor,
        ),
      );
  };
}

/** Ctrl-C while twins are made ends with their removal, and not with the process. */
async function untilInterrupted<T>(work: () => Promise<T>): Promise<T> {
  let isInterrupted = false;
  const interrupt = (): void => void (isInterrupted = true);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  try {
    const result = await work();
    if (!isInterrupted) return result;
  } catch (thrown) {
    if (!isInterrupted) throw thrown;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
  throw new PlayError('Interrupted: the twins are removed', { exitCode: ExitCode.interrupted });
}
