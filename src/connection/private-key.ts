import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ParsedKey } from 'ssh2';
import { keyTypeOf } from './known-hosts.ts';
import type { Target } from './types.ts';

type Ssh2 = typeof import('ssh2');

/** What is known about a key file. */
export interface KeyFile {
  readonly privateKey?: ParsedKey;
  readonly publicBlob?: Buffer;
  /** Its bytes, when they need a passphrase. */
  readonly encrypted?: Buffer;
  /** A private key that only OpenSSH can use: in hardware, or in a format or cipher that ssh2 lacks. */
  readonly isBeyondSsh2?: boolean;
  readonly problem?: string;
}

/** Ciphers that ssh2 can read OpenSSH's encrypted keys with. */
const ciphers = /^(3des-cbc|aes(128|192|256)-(cbc|ctr|gcm@openssh\.com))$/;

/** What ssh2 signs with. */
const keyTypes = /^(ssh-ed25519|ssh-rsa|ssh-dss|ecdsa-sha2-nistp(256|384|521))$/;

export function readKey(ssh2: Ssh2, file: string): KeyFile {
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch (error) {
    const publicBlob = publicHalf(ssh2, `${file}.pub`);
    return {
      ...(publicBlob === undefined ? {} : { publicBlob }),
      problem: error instanceof Error ? error.message : String(error),
    };
  }
  const key = parse(ssh2, text);
  if (!(key instanceof Error)) {
    return key.isPrivateKey()
      ? { privateKey: key, publicBlob: key.getPublicSSH() }
      : { publicBlob: key.getPublicSSH() };
  }
  const pem = text.toString('latin1');
  const header = opensshHeader(pem);
  const blob = publicHalf(ssh2, `${file}.pub`) ?? header?.publicBlob;
  const known = blob === undefined ? {} : { publicBlob: blob };
  if (pem.startsWith('PuTTY-User-Key-File-'))
    return { ...known, problem: `a key of PuTTY's (puttygen ${file} -O private-openssh -o NEW makes one of OpenSSH)` };
  if (!pem.includes('PRIVATE KEY-----')) return { ...known, problem: key.message };
  const isEncrypted =
    header === undefined ? /-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem) : header.cipher !== 'none';
  const type = blob === undefined ? undefined : keyTypeOf(blob);
  // Encrypted, and as far as we can tell that is all that is wrong with it.
  const isReadable =
    isEncrypted && (header === undefined || ciphers.test(header.cipher)) && (type === undefined || keyTypes.test(type));
  return {
    ...known,
    ...(isEncrypted ? { encrypted: text } : {}),
    ...(isReadable ? {} : { isBeyondSsh2: true }),
    problem: key.message,
  };
}

/** A key that opens, but that ssh2 cannot use. */
class BeyondSsh2 extends Error {}

/** ssh2 cannot read PKCS #8, but Node can: it writes such a key in a form that ssh2 reads. */
function parse(ssh2: Ssh2, text: Buffer, passphrase?: string): ParsedKey | Error {
  const own = firstKey(ssh2.utils.parseKey(text, passphrase));
  if (!(own instanceof Error)) return own;
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return own;
  }
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : undefined;
  const again = type === undefined ? own : firstKey(ssh2.utils.parseKey(key.export({ format: 'pem', type })));
  return again instanceof Error ? new BeyondSsh2(own.message) : again;
}

function firstKey(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | Error {
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('not a key')) : parsed;
}

/** Deriving the key from the passphrase is slow on purpose, and nobody wants to be asked for each host. */
const unlocked = new Map<string, Promise<Unlocked | undefined>>();

interface Unlocked {
  /** Undefined where only OpenSSH can use it. */
  readonly key: ParsedKey | undefined;
  readonly passphrase: string;
}

/** The private key in an encrypted file, if its passphrase is available. */
export function unlock(
  ssh2: Ssh2,
  file: string,
  key: KeyFile,
  ask: Target['passphrase'],
): Promise<Unlocked | undefined> {
  if (key.encrypted === undefined || ask === undefined) return Promise.resolve(undefined);
  let found = unlocked.get(file);
  if (found === undefined) {
    found = askFor(ssh2, file, key, ask);
    unlocked.set(file, found);
  }
  return found;
}

/**
 * Whether there is a private key that only OpenSSH can use, as far as is known by now: an encrypted one may have to be
 * opened first.
 */
export async function isBeyondSsh2(ssh2: Ssh2, file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const opened = await unlocked.get(file);
  return readKey(ssh2, file).isBeyondSsh2 === true || (opened !== undefined && opened.key === undefined);
}

/** Whether a file is sure to hold a key that ssh2 can use: told without the library, by what stands before the key. */
export function isPlainKey(file: string): boolean {
  try {
    const header = opensshHeader(readFileSync(file, 'latin1'));
    return header?.cipher === 'none' && keyTypes.test(keyTypeOf(header.publicBlob) ?? '');
  } catch {
    return false;
  }
}

async function askFor(
  ssh2: Ssh2,
  file: string,
  { encrypted, isBeyondSsh2 }: KeyFile,
  ask: NonNullable<Target['passphrase']>,
): Promise<Unlocked | undefined> {
  let right: Unlocked | undefined;
  await ask(file, (passphrase) => {
    const key = encrypted === undefined || isBeyondSsh2 ? undefined : parse(ssh2, encrypted, passphrase);
    // What ssh2 cannot read, only OpenSSH can try.
    if (key instanceof BeyondSsh2) right = { key: undefined, passphrase };
    else if (!(key instanceof Error)) right = { key, passphrase };
    return right !== undefined;
  });
  return right;
}

/**
 * An encrypted key in OpenSSH's own format also names its public half and its cipher, before the encrypted part
 * (PROTOCOL.key).
 */
function opensshHeader(pem: string): { readonly cipher: string; readonly publicBlob: Buffer } | undefined {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(pem) ?? [];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  try {
    const cipher = next().toString('latin1');
    for (const _skipped of ['derivation', 'its options']) next();
    at += 4; // how many keys: always one
    return { cipher, publicBlob: next() };
  } catch {
    return undefined; // cut short
  }
}

function publicHalf(ssh2: Ssh2, file: string): Buffer | undefined {
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch {
    return undefined; // it need not be there
  }
  const key = firstKey(ssh2.utils.parseKey(text));
  return key instanceof Error ? publicBlobOf(text.toString('latin1')) : key.getPublicSSH();
}

/** Of a type that ssh2 lacks: `sk-ssh-ed25519@openssh.com AAAA... comment`. */
function publicBlobOf(text: string): Buffer | undefined {
  const [type, encoded] = text.trim().split(/\s+/);
  const blob = Buffer.from(encoded ?? '', 'base64');
  return keyTypeOf(blob) === type ? blob : undefined;
}
