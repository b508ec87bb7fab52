import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PlayError, type Location } from '../../errors/index.ts';
import { requireTrusted } from '../../trust/index.ts';
import { reason } from '../sources.ts';
import { ageBytes, ageText, isAgeText, isBinaryAge } from './age-text.ts';
import { askAge, type AgeKey } from './age.ts';

/** Where secret keys for age files come from: a file of age's, a private key of SSH, an environment variable. */
export interface AgeIdentity {
  /** A word for messages, never a key. */
  readonly source: string;
  /** Read when the first age file is opened, then remembered. */
  keys(): readonly AgeKey[];
}

/**
 * `--age-identity FILE`: what `age -i` takes. Secret keys a line (`AGE-SECRET-KEY-1...`, comments with `#`), a private key
 * of SSH (`ssh-ed25519`, `ssh-rsa`), or the former encrypted with a passphrase.
 *
 * @param passphrase for a file that has one (`needsPassphrase`)
 */
export function ageIdentityFile(path: string, passphrase?: string): AgeIdentity {
  let keys: readonly AgeKey[] | undefined;
  return { source: path, keys: () => (keys ??= keysIn(readIdentity(path), { file: path }, passphrase)) };
}

/** Secret keys that are already here, a line each. */
export function ageIdentityText(text: string, source: string): AgeIdentity {
  return { source, keys: () => keysIn(text, { file: source }) };
}

/** Whether the file is locked with a passphrase, of which somebody has to be asked. @throws PlayError where it cannot be read */
export function needsPassphrase(path: string): boolean {
  const text = readIdentity(path);
  if (isAgeText(text)) return true;
  return isPrivateKey(text) && isLocked(text);
}

/** PEM says so in words, OpenSSH's own format by its cipher (PROTOCOL.key). */
function isLocked(text: string): boolean {
  if (/ENCRYPTED/.test(text)) return true;
  const [, body = ''] = /BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(text) ?? [];
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  const at = magic.length + 4;
  return bytes.length > at && bytes.toString('latin1', at, at + bytes.readUInt32BE(magic.length)) !== 'none';
}

function readIdentity(path: string): string {
  const file = resolve(path);
  requireTrusted(file);
  try {
    const bytes = readFileSync(file);
    return isBinaryAge(bytes) ? ageText(bytes) : bytes.toString('utf8');
  } catch (cause) {
    throw new PlayError(`The age identity cannot be read: ${reason(cause)}`, {
      where: { file },
      hint: 'Check --age-identity, ageIdentities of play.config.ts or SOPS_AGE_KEY_FILE.',
      cause,
    });
  }
}

const isPrivateKey = (text: string): boolean => /^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text.trimStart());

function keysIn(text: string, where: Location, passphrase?: string): readonly AgeKey[] {
  if (isPrivateKey(text)) return [{ kind: 'ssh', text, passphrase, file: where.file }];
  if (!isAgeText(text)) return nativeKeys(text, where);
  const opened = askAge({ bytes: ageBytes(text, where), keys: [{ kind: 'passphrase', text: passphrase ?? '' }] });
  if ('bytes' in opened) return nativeKeys(Buffer.from(opened.bytes).toString('utf8'), where);
  throw wrongPassphrase(where);
}

function nativeKeys(text: string, where: Location): readonly AgeKey[] {
  const keys = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  // The line itself is not shown: it may be a mistyped key.
  const wrong = keys.findIndex((key) => !/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(key));
  if (keys.length === 0 || wrong >= 0)
    throw new PlayError(keys.length === 0 ? 'There is no key in the age identity' : 'This is not an age identity', {
      where,
      hint: 'It must have lines AGE-SECRET-KEY-1..., as age-keygen writes them, or be an SSH private key. Plugins of age are not supported.',
    });
  return keys.map((key): AgeKey => ({ kind: 'native', text: key }));
}

function wrongPassphrase(where: Location): PlayError {
  return new PlayError('The passphrase does not open this age identity', { where, hint: 'Try again.' });
}

/** The error for a private key that was read, and is of no use. @param problem as ssh2 says it */
export function unusableKey(problem: string, file: string): PlayError {
  if (/bad passphrase/.test(problem)) return wrongPassphrase({ file });
  return new PlayError(`This age identity cannot be used: ${problem}`, {
    where: { file },
    hint: 'Name an ssh-ed25519 or ssh-rsa key that ssh can use, or a file written by age-keygen.',
  });
}
