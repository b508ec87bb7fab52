import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { PlayError, type Location } from '../errors/index.ts';

/*
 * Ansible's vault. The format (docs.ansible.com, "Format of files encrypted with Ansible Vault"):
 *   $ANSIBLE_VAULT;1.1;AES256          or  $ANSIBLE_VAULT;1.2;AES256;LABEL
 *   hex( hex(salt) \n hex(HMAC-SHA256 of the ciphertext) \n hex(ciphertext) ), in lines of 80
 * PBKDF2-SHA256, 10000 rounds, gives 80 bytes: AES key (32), HMAC key (32), counter (16); AES-256-CTR with PKCS#7 padding.
 */
export function isVaultText(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;');
}

/** What stands in vault text, nothing of it opened. */
export interface Envelope {
  /** The vault id it was encrypted with; undefined for format 1.1, which has none. */
  readonly label: string | undefined;
  readonly salt: Buffer;
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

/** The id in a vault header; undefined for format 1.1, which has none. */
export function vaultLabel(text: string): string | undefined {
  return headerOf(text.split(/[\r\n]/, 1)[0] ?? '').label;
}

function headerOf(line: string): {
  readonly version: string;
  readonly cipher: string;
  readonly label: string | undefined;
} {
  const [, version = '', cipher = '', label] = line.split(';').map((part) => part.trim());
  return { version, cipher, label: label === '' ? undefined : label };
}

/** @throws PlayError for text that is damaged, or of a format nobody writes any more */
export function parseEnvelope(text: string, where: Location): Envelope {
  const [first = '', ...rest] = text.trim().split(/\r\n|\r|\n/);
  const { version, cipher, label } = headerOf(first);
  if (!isVaultText(first) || version === '' || cipher === '')
    throw damaged('its first line is not a vault header', where);
  if ((version !== '1.1' && version !== '1.2') || cipher !== 'AES256') {
    throw new PlayError(`Vault format ${version} ${cipher} is not supported`, {
      where,
      hint: 'Supported: 1.1 and 1.2 with AES256; `ansible-vault rekey` writes those.',
    });
  }
  const [salt, hmac, ciphertext] = fromHex(rest.join(''), where).toString('latin1').split('\n');
  if (salt === undefined || hmac === undefined || ciphertext === undefined) throw damaged('it is cut off', where);
  return {
    label,
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
    hint: 'Restore it from version control, or encrypt the value again.',
  });
}

/** Undefined when the password does not fit. */
export function unseal({ salt, hmac, ciphertext }: Envelope, password: Buffer): Buffer | undefined {
  const keys = keysOf(password, salt);
  const actual = createHmac('sha256', keys.hmac).update(ciphertext).digest();
  if (actual.length !== hmac.length || !timingSafeEqual(actual, hmac)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
}

/**
 * Vault text, as `ansible-vault` writes it.
 *
 * @param label the vault id; `default` is written as none is, in format 1.1
 */
export function seal(plain: Uint8Array, password: Buffer, label = 'default'): string {
  const salt = randomBytes(32);
  const keys = keysOf(password, salt);
  const padding = 16 - (plain.length % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const hmac = createHmac('sha256', keys.hmac).update(ciphertext).digest();
  const packed = Buffer.from([salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n')).toString('hex');
  const first = label === 'default' ? '$ANSIBLE_VAULT;1.1;AES256' : `$ANSIBLE_VAULT;1.2;AES256;${label}`;
  return `${[first, ...(packed.match(/.{1,80}/g) ?? [])].join('\n')}\n`;
}

interface Keys {
  readonly cipher: Buffer;
  readonly hmac: Buffer;
  readonly counter: Buffer;
}

function keysOf(password: Buffer, salt: Buffer): Keys {
  const all = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  return { cipher: all.subarray(0, 32), hmac: all.subarray(32, 64), counter: all.subarray(64, 80) };
}
