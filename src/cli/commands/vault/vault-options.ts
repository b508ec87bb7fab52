import type { Command } from 'commander';
import { addVaultOptions } from '../../../options/flags.ts';
import { collect } from '../../../options/option-values.ts';
import type { VaultFlags } from '../../../targets/open-vault.ts';
import { addVaultAliases } from '../../ansible-options.ts';

/** What a new text is encrypted with. */
export interface SealFlags {
  readonly encryptVaultId?: string;
  readonly ageRecipient: readonly string[];
  readonly ageRecipientsFile: readonly string[];
  /** Those of `play.config.ts`: recipients, and files of them. */
  readonly ageRecipients?: readonly string[];
}

export interface FileFlags extends VaultFlags, SealFlags {
  readonly output?: string;
  readonly newVaultId?: string;
  readonly newVaultPasswordFile?: string;
}

/** What opens secrets; ansible-vault's other names for that, too. */
export function addOpening(command: Command): Command {
  addVaultOptions(command).option('--debug', 'show stack traces with errors', false);
  addVaultAliases(command);
  return command;
}

export function addSealing(command: Command): Command {
  return command
    .option('--encrypt-vault-id <id>', 'which of the vault ids to encrypt with, if there are several')
    .option('--age-recipient <key>', 'encrypt with age for this key: age1..., or "ssh-ed25519 AAAA..."', collect, [])
    .option(
      '--age-recipients-file <file>',
      'the same for the keys in a file, one per line (.pub files too)',
      collect,
      [],
    );
}

export function addOutput(command: Command): Command {
  return command.option('--output <file>', 'where to write; - is standard output (default: the file itself)');
}
