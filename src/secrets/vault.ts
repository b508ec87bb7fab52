import { isUtf8 } from 'node:buffer';
import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { PlayError, type Location } from '../errors/index.ts';
import { learnSecret } from './secret.ts';
import type { VaultPassword } from './vault-password.ts';

/*
 * Ansible's vault, reading only. The format (docs.ansible.com, "Format of files encrypted with Ansible Vault"):
 *   $ANSIBLE_VAULT;1.1;AES256          or  $ANSIBLE_VAULT;1.2;AES256;LABEL
 *   hex( hex(salt) \n hex(HMAC-SHA256 of the ciphertext) \n hex(ciphertext) ), in lines of 80
 * PBKDF2-SHA256, 10000 rounds, gives 80 bytes: AES key (32), HMAC key (32), counter (16); AES-256-CTR with PKCS#7 padding.
 */
const header = /^\$ANSIBLE_VAULT;(?<version>[^;\s]+);(?<cipher>[^;\s]+)(?:;(?<label>[^;\n\r]+))?\s*$/;

export function isVaultText(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;');
}

interface Envelope {
  readonly label: string | undefined;
  readonly salt: Buffer;
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

/** The passwords of a run, and what they open. */
export class Vault {
  readonly #passwords: readonly VaultPassword[];

  constructor(passwords: readonly VaultPassword[] = []) {
    this.#passwords = passwords;
  }

  get hasPasswords(): boolean {
    return this.#passwords.length > 0;
  }

  /**
   * The plain text of vault text. The password whose id is the text's label is tried first, then all others, as Ansible
   * does.
   *
   * @throws PlayError when no password was given, none fits, or the text is damaged
   */
  decrypt(text: string, where: Location): string {
    return this.#open(text, where).toString('utf8');
  }

  /**
   * The bytes of an encrypted file; where they are text it is masked from now on, line by line. @throws PlayError as
   * `decrypt`
   */
  decryptFile(text: string, where: Location): Buffer {
    const plain = this.#open(text, where);
    if (isUtf8(plain)) learnSecret(plain.toString('utf8'), where.file);
    return plain;
  }

  #open(text: string, where: Location): Buffer {
    const envelope = parseEnvelope(text, where);
    if (this.#passwords.length === 0) throw missingPassword(where, envelope.label);
    const ordered = [...this.#passwords].sort(
      (a, b) => Number(b.id === envelope.label) - Number(a.id === envelope.label),
    );
    for (const password of ordered) {
      const plain = open(envelope, password.text());
      if (plain !== undefined) return plain;
    }
    const tried = ordered.map(({ id, source }) => (id === 'default' ? source : `${id} (${source})`)).join(', ');
    throw new PlayError('No vault password opens this', {
      where,
      hint: `Tried: ${tried}.${envelope.label === undefined ? '' : ` It was encrypted with the vault id "${envelope.label}".`}`,
    });
  }
}

/** @param what is encrypted, as the begin of the sentence */
export function missingPassword(where: Location, label?: string, what = 'This'): PlayError {
  const option = label === undefined || label === 'default' ? '--vault-password-file FILE' : `--vault-id ${label}@FILE`;
  return new PlayError(`${what} is encrypted with Ansible Vault and no vault password was given`, {
    where,
    hint: `Add ${option} (FILE holds the password, or is a program that prints it).`,
  });
}

/** The id in a vault header; undefined for format 1.1, which has none. */
export function vaultLabel(text: string): string | undefined {
  return header.exec(text.split('\n', 1)[0] ?? '')?.groups?.['label']?.trim();
}

function parseEnvelope(text: string, where: Location): Envelope {
  const [first = '', ...rest] = text.trim().split('\n');
  const groups = header.exec(first.trim())?.groups;
  if (groups === undefined) throw damaged('its first line is not a vault header', where);
  const { version, cipher } = groups;
  if ((version !== '1.1' && version !== '1.2') || cipher !== 'AES256') {
    throw new PlayError(`Vault format ${version} ${cipher} is not supported`, {
      where,
      hint: 'Supported: 1.1 and 1.2 with AES256; `ansible-vault rekey` writes those.',
    });
  }
  const [salt, hmac, ciphertext] = fromHex(rest.join(''), where).toString('latin1').split('\n');
  if (salt === undefined || hmac === undefined || ciphertext === undefined) throw damaged('it is cut off', where);
  return {
    label: groups['label']?.trim(),
    salt: fromHex(salt, where),
    hmac: fromHex(hmac, where),
    ciphertext: fromHex(ciphertext, where),
  };
}

function fromHex(text: string, where: Location): Buffer {
  const packed = text.replace(/\s+/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(packed)) throw damaged('it is not hexadecimal', where);
  return Buffer.from(packed, 'hex');
}

function damaged(why: string, where: Location): PlayError {
  return new PlayError(`The vault text is damaged: ${why}`, {
    where,
    hint: 'Restore it from version control, or encrypt the value anew with ansible-vault.',
  });
}

/** Undefined when the password does not fit. */
function open({ salt, hmac, ciphertext }: Envelope, password: Buffer): Buffer | undefined {
  const keys = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const actual = createHmac('sha256', keys.subarray(32, 64)).update(ciphertext).digest();
  if (actual.length !== hmac.length || !timingSafeEqual(actual, hmac)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80));
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
}
