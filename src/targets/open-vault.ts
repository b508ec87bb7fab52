import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { promptHidden } from '../operator/prompt.ts';
import type { InventoryFlags } from '../options/flags.ts';
import {
  Vault,
  ageIdentityFile,
  ageIdentityText,
  isVaultText,
  needsPassphrase,
  parseVaultId,
  vaultPasswordFile,
  vaultPasswordText,
  type AgeIdentity,
  type VaultPassword,
} from '../secrets/index.ts';

/** What opens secrets, as the command line names it. */
export type VaultFlags = Pick<InventoryFlags, 'vaultPasswordFile' | 'vaultId' | 'askVaultPass' | 'ageIdentity'>;

/** The passwords and identities of the command line; what has to be asked of somebody is asked now. */
export async function openVault(flags: VaultFlags): Promise<Vault> {
  return new Vault(await vaultPasswords(flags), await ageIdentities(flags.ageIdentity));
}

/**
 * The passwords for vaults: files first, then what is asked; Ansible's environment variables where no flag is given.
 *
 * @param ask how a password is asked for, by the words for it and what would spare the question
 */
export async function vaultPasswords(
  flags: VaultFlags,
  ask: (what: string, instead: string) => Promise<string> = promptHidden,
): Promise<readonly VaultPassword[]> {
  const isSilent = flags.vaultPasswordFile.length + flags.vaultId.length === 0 && !flags.askVaultPass;
  const fromEnvironment = isSilent ? process.env['ANSIBLE_VAULT_PASSWORD_FILE'] : undefined;
  const idsFromEnvironment = isSilent ? (process.env['ANSIBLE_VAULT_IDENTITY_LIST'] ?? '') : '';
  const files = fromEnvironment ? [fromEnvironment] : flags.vaultPasswordFile;
  for (const file of files) refuseMissing(file);
  const passwords = files.map((file) => vaultPasswordFile(file));
  const ids = [...flags.vaultId, ...idsFromEnvironment.split(',').map((id) => id.trim())].filter((id) => id !== '');
  for (const given of ids) {
    const { id, from } = parseVaultId(given);
    passwords.push(
      from === 'prompt'
        ? vaultPasswordText(await ask(`vault password (${id})`, `--vault-id ${id}@FILE`), id)
        : vaultPasswordFile(from.file, id),
    );
  }
  if (flags.askVaultPass) passwords.push(vaultPasswordText(await ask('vault password', '--vault-password-file FILE')));
  return passwords.map((password, at) => openedBy(password, passwords.slice(0, at)));
}

/** A password file may be vault text itself, which those given before it open. */
function openedBy(password: VaultPassword, before: readonly VaultPassword[]): VaultPassword {
  if (before.length === 0) return password;
  return {
    ...password,
    text: () => {
      const text = password.text();
      if (!isVaultText(text.toString('latin1'))) return text;
      const { plain } = new Vault(before).unlock(text.toString('utf8'), { file: password.source });
      return vaultPasswordText(plain.toString('utf8')).text();
    },
  };
}

/** The file is read when a vault is; that it is misspelt is told at once. */
function refuseMissing(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    throw new PlayError('There is no such vault password file', {
      where: { file },
      hint: 'Check --vault-password-file, play.config.ts or ANSIBLE_VAULT_PASSWORD_FILE.',
    });
  }
}

/** The identities named; where none is, those that sops would find. */
async function ageIdentities(named: readonly string[]): Promise<readonly AgeIdentity[]> {
  const identities: AgeIdentity[] = [];
  for (const file of named)
    identities.push(
      needsPassphrase(file)
        ? ageIdentityFile(file, await promptHidden(`passphrase of ${file}`, 'an identity without one'))
        : ageIdentityFile(file),
    );
  return named.length > 0 ? identities : identitiesOfSops();
}

/** SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, SOPS_AGE_SSH_PRIVATE_KEY_FILE, and its file in the user's configuration. */
function identitiesOfSops(): AgeIdentity[] {
  const { env } = process;
  const usual = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'sops', 'age', 'keys.txt');
  const files = [env['SOPS_AGE_KEY_FILE'], env['SOPS_AGE_SSH_PRIVATE_KEY_FILE'], existsSync(usual) ? usual : undefined];
  const text = env['SOPS_AGE_KEY'];
  return [
    ...(text ? [ageIdentityText(text, 'environment variable SOPS_AGE_KEY')] : []),
    ...files.flatMap((file) => (file ? [ageIdentityFile(file)] : [])),
  ];
}
