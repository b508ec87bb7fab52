import { Option, type Command } from 'commander';
import { PlayError } from '../errors/index.ts';
import { warnOf } from '../report/warnings.ts';

interface Alias {
  readonly flags: string;
  readonly target: string;
  readonly collects?: boolean;
}

/** Second names that ansible-playbook has for options: hands and scripts know them. */
const vaultAliases: readonly Alias[] = [
  { flags: '--vault-pass-file <file>', target: 'vaultPasswordFile', collects: true },
  { flags: '--ask-vault-password', target: 'askVaultPass' },
];
const aliases: readonly Alias[] = [
  ...vaultAliases,
  { flags: '--inventory-file <file>', target: 'inventory', collects: true },
  { flags: '--become-pass-file <file>', target: 'becomePasswordFile' },
  { flags: '--conn-pass-file <file>', target: 'connectionPasswordFile' },
];

/** Options of ansible-playbook that ask for nothing here. */
const pointless: readonly { readonly flags: string; readonly why: string }[] = [
  { flags: '--flush-cache', why: 'play keeps no facts from one run to the next' },
  { flags: '--sftp-extra-args <args>', why: 'play does not use sftp' },
  { flags: '--scp-extra-args <args>', why: 'play does not use scp' },
];

/**
 * The rest of ansible-playbook's options: accepted under their other names, accepted with a notice, or refused with the
 * way to go.
 */
export function addForeignOptions(command: Command): void {
  addAliases(command, aliases);
  for (const { flags, why } of pointless) {
    const option = new Option(flags).hideHelp();
    command
      .addOption(option)
      .on(`option:${option.name()}`, () => warnOf({ what: `--${option.name()} has no effect: ${why}` }));
  }
  command.addOption(new Option('-M, --module-path <path>').hideHelp()).on('option:module-path', () => {
    throw new PlayError("Ansible's modules cannot be used", {
      hint: 'Leave -M out. What play lacks can be written as a resource in TypeScript: defineResource.',
    });
  });
}

/** What ansible-vault takes besides: other names, and `-v`, to which there is nothing to say. */
export function addVaultAliases(command: Command): void {
  addAliases(command, vaultAliases);
  command.addOption(new Option('-v, --verbose').hideHelp());
}

function addAliases(command: Command, given: readonly Alias[]): void {
  for (const { flags, target, collects } of given) {
    const option = new Option(flags).hideHelp();
    command.addOption(option).on(`option:${option.name()}`, (value: string | null) => {
      const before: unknown = command.getOptionValue(target);
      const now = collects ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : (value ?? true);
      command.setOptionValueWithSource(target, now, 'cli');
    });
  }
}
