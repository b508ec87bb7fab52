import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { Secret, Vault, parseVaultId, secretFromCommand, secretFromFile, vaultPasswordFile, vaultPasswordText } from '../secrets/index.ts';
import type { Flags, InventoryFlags } from './flags.ts';
import { promptHidden } from './prompt.ts';

/** The passwords for vaults: files first, then what is asked; Ansible's environment variable where no flag is given. */
export async function openVault(flags: InventoryFlags): Promise<Vault> {
  const fromEnvironment = process.env['ANSIBLE_VAULT_PASSWORD_FILE'];
  const isSilent = flags.vaultPasswordFile.length + flags.vaultId.length === 0 && !flags.askVaultPass;
  const files = isSilent && fromEnvironment ? [fromEnvironment] : flags.vaultPasswordFile;
  const passwords = files.map((file) => vaultPasswordFile(file));
  for (const given of flags.vaultId) {
    const { id, from } = parseVaultId(given);
    passwords.push(from === 'prompt' ? vaultPasswordText(await promptHidden(`vault password (${id})`, `--vault-id ${id}@FILE`), id) : vaultPasswordFile(from.file, id));
  }
  if (flags.askVaultPass) passwords.push(vaultPasswordText(await promptHidden('vault password', '--vault-password-file FILE')));
  return new Vault(passwords);
}

/** The become password of the command line: from a file, from a program, or typed once for all hosts. */
export async function becomePassword(flags: Flags): Promise<Secret | undefined> {
  if (flags.becomePasswordFile !== undefined) {
    if (flags.askBecomePass) throw new PlayError('-K and --become-password-file both give the become password', { hint: 'Use one of them.' });
    const path = resolve(flags.becomePasswordFile);
    const password = isProgram(path) ? secretFromCommand([path]) : secretFromFile(path);
    if (password.expose() === '') throw new PlayError('The become password is empty', { where: { file: path } });
    return password;
  }
  if (!flags.askBecomePass) return undefined;
  return new Secret(await promptHidden('become password', '--become-password-file FILE'), 'the become password typed in');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
