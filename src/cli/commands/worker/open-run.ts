import { join } from 'node:path';
import { connect } from '../../../connection/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { backupRule } from '../../../operator/backup-rule.ts';
import type { ConnectionFlags } from '../../../options/connection-flags.ts';
import { waitOf } from '../../../options/connection-flags.ts';
import type { InventoryFlags } from '../../../options/flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { RunLock } from '../../../run/index.ts';
import { Secret, secretsIn, type Redactor } from '../../../secrets/index.ts';
import { openInventory, requestOf } from '../../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { targetOf } from '../../../targets/target.ts';
import { forgetTrustedSources } from '../../../trust/index.ts';
import type { OpenedRun, RunInputs } from '../../../workers/index.ts';
import { parseRun } from '../../parse.ts';
import { prepareFor } from '../run.ts';
import { projectFiles, requireNoMoreFiles, requireSameFiles } from './project-files.ts';

/** What a worker opens secrets and hosts with, in place of what a run says. */
export type OwnWays = Partial<
  Pick<InventoryFlags, 'vaultPasswordFile' | 'vaultId' | 'ageIdentity'> &
    Pick<ConnectionFlags, 'privateKey' | 'connectionPasswordFile' | 'becomePasswordFile'>
>;

/** Thrown once the project is no longer what this process has loaded of it. */
export class Outdated extends PlayError {
  override name = 'Outdated';
}

/** Makes runs ready in a worker, from its own copy of the project. */
export class RunOpener {
  readonly #launch: Launch;
  readonly #redactor: Redactor;
  readonly #own: OwnWays;
  /** What was loaded: code is loaded once in a process. */
  readonly #loaded = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(launch: Launch, redactor: Redactor, own: OwnWays) {
    this.#launch = launch;
    this.#redactor = redactor;
    this.#own = own;
  }

  /** One at a time: what is read for each is looked at. @throws PlayError where this worker cannot work for it */
  open(inputs: RunInputs): Promise<OpenedRun> {
    const opened = this.#last.then(() => this.#open(inputs));
    this.#last = opened.catch(() => undefined);
    return opened;
  }

  async #open(inputs: RunInputs): Promise<OpenedRun> {
    const launch = this.#launch;
    const redactor = this.#redactor;
    const project = process.cwd();
    if (inputs.build !== launch.buildId)
      throw new PlayError(
        `it has another build of play: version ${launch.version}, build ${launch.buildId}; the run is of ${inputs.version}, build ${inputs.build}`,
        { hint: 'install the same, on the same major version of Node.js' },
      );
    requireSameFiles(project, inputs.files, inputs.commit);
    for (const [name, digest] of Object.entries(inputs.files))
      if ((this.#loaded.get(name) ?? digest) !== digest)
        throw new Outdated(`its project has changed since it was loaded (${name}), so it restarts`);
    forgetTrustedSources();
    const { flags: typed } = await parseRun(inputs.args, launch);
    const own = this.#own;
    const opensVaults = own.vaultPasswordFile !== undefined || own.vaultId !== undefined;
    if (!opensVaults && (typed.askVaultPass || typed.vaultId.some((id) => id.endsWith('@prompt'))))
      throw new PlayError('the run asks for a vault password, which a worker cannot', {
        hint: 'give the worker its own: play worker --vault-password-file FILE',
      });
    const { limit: _, ...rest } = typed;
    const flags = {
      ...rest,
      ...(opensVaults ? { vaultPasswordFile: [], vaultId: [], askVaultPass: false } : {}),
      ...own,
      ...(inputs.limit === undefined ? {} : { limit: inputs.limit }),
      askPass: false,
      askBecomePass: false,
    };
    const file = join(project, inputs.playbook);
    const opened = await openInventory(flags, launch, { playbook: file });
    const playbook = await loadPlaybook(file, launch);
    const { login, become } = await runPasswords(flags);
    const typedIn = (text: string | undefined): Secret | undefined =>
      text === undefined ? undefined : new Secret(text, 'typed in where the run was started');
    const becomePassword = become ?? typedIn(inputs.passwords.become);
    const asked = { password: login ?? typedIn(inputs.passwords.login), passphrase: passphraseAsker() };
    const prepared = prepareFor(file, playbook, flags, { ...requestOf(opened, becomePassword), isLazy: true });
    requireNoMoreFiles(project, inputs.files);
    for (const [name, digest] of Object.entries(projectFiles(project))) this.#loaded.set(name, digest);
    const { inventory } = prepared.request;
    const { id, kind, lock, command, by } = inputs;
    return {
      prepared,
      redactor,
      options: {
        check: flags.check,
        forks: 1,
        target: (host) => {
          redactor.watch(...secretsIn([...inventory.written(host).values()].map(({ value }) => value)));
          return targetOf(inventory, host, flags, asked);
        },
        connect,
        by,
        ignoreHold: flags.ignoreHold ?? false,
        window: { ignore: flags.ignoreWindow ? '--ignore-window' : undefined, wait: waitOf(flags) },
        forceHandlers: flags.forceHandlers,
        lock: new RunLock({
          command,
          wait: waitOf(flags),
          steal: flags.steal ?? false,
          logged: { id, kind, project: inputs.project },
          shared: lock,
        }),
        backups: backupRule(flags.backups, id),
        log: {
          id,
          project,
          commit: () => inputs.commit,
          redact: (text) => redactor.redact(text),
        },
        foretells: inputs.foretells,
        trace: inputs.trace,
      },
    };
  }
}
