import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import { requireTrusted } from '../trust/index.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** Fewer could be tried out. */
const fewestBytes = 32;
/** More than text by hand would have, so that the wrong file is noticed. */
const mostBytes = 4096;

/**
 * What a run and its workers share, and Redis never sees: all that goes through Redis is sealed with keys that are made of
 * it, one for each direction between two processes. What does not open was not sealed by one of us, or not for us.
 */
export class WorkerKey {
  readonly #secret: Buffer;
  readonly #keys = new Map<string, Buffer>();
  /** What the key is known by: names the queue, so that groups with keys of their own may share a Redis. */
  readonly id: string;

  private constructor(secret: Buffer) {
    this.#secret = secret;
    this.id = this.#keyFor('id').subarray(0, 6).toString('hex');
  }

  /**
   * Reads a key.
   *
   * @throws PlayError where it cannot be read, has not between 32 and 4096 bytes, or may be read or written by others
   */
  static read(file: string): WorkerKey {
    requireTrusted(file, 'the key of the workers');
    const secret = bytesOf(file);
    if (secret.length < fewestBytes || secret.length > mostBytes)
      throw new PlayError(`The worker key has ${secret.length} bytes, not between 32 and 4096`, {
        where: { file },
        hint: 'Make one: play worker --make-key FILE',
      });
    if ((statSync(file).mode & 0o077) !== 0)
      throw new PlayError('The worker key is readable by others', {
        where: { file },
        hint: `chmod 600 ${file}`,
      });
    return new WorkerKey(secret);
  }

  /** Writes a new key. @throws PlayError where there is such a file, or none can be made */
  static make(file: string): void {
    try {
      const opened = openSync(file, 'wx', 0o600);
      writeSync(opened, `${randomBytes(32).toString('hex')}\n`);
      closeSync(opened);
    } catch (thrown) {
      throw new PlayError(`The key cannot be written: ${reasonOf(thrown)}`, { where: { file } });
    }
  }

  /** @param purpose who it is from and for; what is sealed for one purpose opens for no other */
  seal(purpose: string, plain: Uint8Array): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#keyFor(purpose), nonce);
    const body = [cipher.update(plain), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...body]);
  }

  /** @returns undefined for what was not sealed with this key and for this purpose */
  open(purpose: string, sealed: Buffer): Buffer | undefined {
    if (sealed.length < nonceBytes + tagBytes) return undefined;
    const decipher = createDecipheriv(algorithm, this.#keyFor(purpose), sealed.subarray(0, nonceBytes));
    decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  /** Forgets the keys of a process that is gone. */
  forget(name: string): void {
    for (const purpose of this.#keys.keys()) if (purpose.includes(name)) this.#keys.delete(purpose);
  }

  #keyFor(purpose: string): Buffer {
    const known = this.#keys.get(purpose);
    if (known) return known;
    const made = Buffer.from(hkdfSync('sha256', this.#secret, 'play workers 1', purpose, 32));
    // What strangers send us names purposes as it likes.
    if (this.#keys.size < 10_000) this.#keys.set(purpose, made);
    return made;
  }
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new PlayError(`The worker key cannot be read: ${reasonOf(thrown)}`, { where: { file } });
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
