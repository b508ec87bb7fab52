import { readFileSync } from 'node:fs';
import type { ParsedKey } from 'ssh2';
import type { Target } from './types.ts';

type Ssh2 = typeof import('ssh2');

/** What can be told of a key file. */
export interface KeyFile {
  readonly privateKey?: ParsedKey;
  readonly publicBlob?: Buffer;
  /** Its bytes, when they need a passphrase. */
  readonly encrypted?: Buffer;
  readonly problem?: string;
}

export function readKey(ssh2: Ssh2, file: string): KeyFile {
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch (error) {
    const publicBlob = publicHalf(ssh2, `${file}.pub`);
    return { ...(publicBlob === undefined ? {} : { publicBlob }), problem: error instanceof Error ? error.message : String(error) };
  }
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key !== undefined && !(key instanceof Error)) {
    return key.isPrivateKey() ? { privateKey: key, publicBlob: key.getPublicSSH() } : { publicBlob: key.getPublicSSH() };
  }
  const isEncrypted = key instanceof Error && /encrypted|passphrase/i.test(key.message);
  const blob = publicHalf(ssh2, `${file}.pub`) ?? publicHalfWithin(text.toString('latin1'));
  return {
    ...(blob === undefined ? {} : { publicBlob: blob }),
    ...(isEncrypted ? { encrypted: text } : {}),
    problem: key?.message ?? 'not a key',
  };
}

/** Deriving the key from the passphrase is slow on purpose, and nobody wants to be asked for each host. */
const unlocked = new Map<string, Promise<Unlocked | undefined>>();

interface Unlocked {
  readonly key: ParsedKey;
  readonly passphrase: string;
}

/** The private key in an encrypted file, when its passphrase can be had. */
export function unlock(ssh2: Ssh2, file: string, { encrypted }: KeyFile, ask: Target['passphrase']): Promise<Unlocked | undefined> {
  if (encrypted === undefined || ask === undefined) return Promise.resolve(undefined);
  let found = unlocked.get(file);
  if (found === undefined) {
    found = askFor(ssh2, file, encrypted, ask);
    unlocked.set(file, found);
  }
  return found;
}

async function askFor(ssh2: Ssh2, file: string, encrypted: Buffer, ask: NonNullable<Target['passphrase']>): Promise<Unlocked | undefined> {
  let right: Unlocked | undefined;
  await ask(file, (passphrase) => {
    const parsed = ssh2.utils.parseKey(encrypted, passphrase);
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key !== undefined && !(key instanceof Error)) right = { key, passphrase };
    return right !== undefined;
  });
  return right;
}

/** Also an encrypted key of OpenSSH's own format names its public half, before what is encrypted (PROTOCOL.key). */
function publicHalfWithin(pem: string): Buffer | undefined {
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
    for (const _skipped of ['cipher', 'derivation', 'its options']) next();
    at += 4; // how many keys: always one
    return next();
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
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH();
}
