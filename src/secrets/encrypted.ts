import { PlayError, type Location } from '../errors/index.ts';
import { ageBytes, isAgeText, isBinaryAge, recipientsOf } from './age/age-text.ts';
import { isForAge, isSopsText, sopsValue } from './sops/sops.ts';
import { isVaultText, vaultLabel } from './vault-format.ts';

/** What a text is encrypted with; undefined for one in the clear. */
export function encryptionOf(text: string): 'vault' | 'age' | 'sops' | undefined {
  if (isVaultText(text)) return 'vault';
  if (isAgeText(text)) return 'age';
  return isSopsText(text) ? 'sops' : undefined;
}

/** The longest blank beginning of a file that is looked past here. */
const mostBlank = 4096;

/** False for what is surely in the clear: most files are, and large ones are better not made text of to tell. */
export function mayBeEncrypted(bytes: Buffer): boolean {
  const begin = bytes.subarray(0, mostBlank).toString('latin1').trimStart();
  return begin === '' || isVaultText(begin) || isAgeText(begin) || isBinaryAge(bytes) || bytes.includes(sopsValue);
}

/** What has to be given before a text can be opened. */
export interface Lock {
  readonly by: 'vault' | 'age' | 'passphrase' | 'sops';
  /** The vault id it was encrypted with. */
  readonly label?: string | undefined;
}

/** What opens this text; undefined for one in the clear, and for files of sops that are not for age. */
export function lockOf(text: string, where: Location): Lock | undefined {
  const by = encryptionOf(text);
  if (by === 'vault') return { by, label: vaultLabel(text) };
  if (by === 'age') return { by: recipientsOf(ageBytes(text, where)).includes('scrypt') ? 'passphrase' : 'age' };
  return by === 'sops' && isForAge(text) ? { by } : undefined;
}

/**
 * The error where nothing was given that could open it.
 * @param what is encrypted, as the begin of the sentence
 */
export function missingKey({ by, label }: Lock, where: Location, what = 'This'): PlayError {
  if (by === 'vault' || by === 'passphrase') {
    const option =
      label === undefined || label === 'default' ? '--vault-password-file FILE' : `--vault-id ${label}@FILE`;
    const means = by === 'vault' ? 'with Ansible Vault, but no vault password' : 'with an age passphrase, but none';
    return new PlayError(`${what} is encrypted ${means} was given`, {
      where,
      hint: `Add ${option} (FILE holds the password, or is a program that prints it).`,
    });
  }
  return new PlayError(`${what} is encrypted with ${by}, but no age identity was given`, {
    where,
    hint: 'Add --age-identity FILE (FILE is what age-keygen wrote, or an SSH private key).',
  });
}
