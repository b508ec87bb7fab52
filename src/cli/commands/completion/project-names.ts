import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Inventory } from '../../../inventory/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addRunOptions, type Flags } from '../../../options/flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { readInventory } from '../../../project/load-inventory.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { findPlaybook, projectPlaybooks } from '../../../project/project.ts';
import type { PreparedRun } from '../../../run/index.ts';
import { parseVaultId, Vault } from '../../../secrets/index.ts';
import { requestOf } from '../../../targets/open-inventory.ts';
import { vaultPasswords } from '../../../targets/open-vault.ts';
import { parseWithConfig } from '../../parse.ts';
import { prepareFor } from '../run.ts';
import type { TypedLine } from './line.ts';

/** The options by which another inventory is read; those that ask, or start a program, are left out. */
const inventoryOptions = ['--inventory', '--extra-vars', '--vault-password-file', '--vault-id', '--age-identity'];

/** The names in the project that is worked in, as they may be typed. Nothing is asked, and no password program started. */
export class ProjectNames {
  readonly #launch: Launch;
  readonly #line: TypedLine;

  /** @param line what is typed already: its inventory and its playbook count */
  constructor(launch: Launch, line: TypedLine) {
    this.#launch = launch;
    this.#line = line;
  }

  async playbooks(): Promise<string[]> {
    const { config } = await this.#settings();
    return projectPlaybooks(config.playbooksDir).map((file) => basename(file, '.ts'));
  }

  async hosts(): Promise<string[]> {
    return [...(await this.#inventory()).hosts.keys()];
  }

  async groups(): Promise<string[]> {
    return [...(await this.#inventory()).groups.keys()];
  }

  /** The playbook with what of its tasks is known before a run. */
  async prepared(playbook: string): Promise<PreparedRun> {
    const { flags, config } = await this.#settings(playbook);
    const file = findPlaybook(playbook, config.playbooksDir);
    const inventory = await this.#inventory(file);
    const opened = { flags, inventory, standIns: undefined, sandboxSecrets: '' };
    const request = { ...requestOf(opened, undefined), isListing: true };
    const all = { ...flags, limit: undefined, tags: [], skipTags: [] };
    const { limit: _, ...unlimited } = all;
    return prepareFor(file, await loadPlaybook(file, this.#launch), unlimited, request);
  }

  async #settings(playbook?: string) {
    const command = addRunOptions(makeCommand('play', '')).argument('[playbook]');
    const given = inventoryOptions.flatMap((name) =>
      (this.#line.options.get(name) ?? []).flatMap((value) => [name, value]),
    );
    const words = [...given, ...(playbook === undefined ? [] : [playbook])];
    const config = await parseWithConfig(command, words, this.#launch, ([named]) => named);
    return { flags: command.opts<Flags>(), config };
  }

  async #inventory(playbook?: string): Promise<Inventory> {
    const { flags } = await this.#settings(playbook);
    return await readInventory({
      flags,
      vault: new Vault(await vaultPasswords(silently(flags))),
      launch: this.#launch,
      playbook,
      onWarning: () => undefined,
      runsLookups: false,
    });
  }
}

/** Without what asks somebody, or starts a program: that may ask, too. */
function silently(flags: Flags): Flags {
  const isPlain = (file: string): boolean => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found !== undefined && found.isFile() && (found.mode & 0o111) === 0;
  };
  return {
    ...flags,
    askVaultPass: false,
    vaultPasswordFile: flags.vaultPasswordFile.filter(isPlain),
    vaultId: flags.vaultId.filter((given) => {
      const { from } = parseVaultId(given);
      return from !== 'prompt' && isPlain(from.file);
    }),
  };
}
