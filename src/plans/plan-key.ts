import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlayError } from '../errors/index.ts';
import type { Fingerprints } from '../report/index.ts';
import { requireTrusted } from '../trust/index.ts';

/** Fewer could be tried out. */
const fewestBytes = 16;

/**
 * The key by which secrets are told apart in plans. It is no part of them: who has a plan alone cannot try what a secret
 * of it might be.
 */
export class PlanKey implements Fingerprints {
  readonly #key: Buffer;
  /** What the key is known by. */
  readonly id: string;

  private constructor(key: Buffer) {
    this.#key = key;
    this.id = this.#of('id', Buffer.alloc(0), 16);
  }

  /**
   * Reads a key that was given. Any file of 16 bytes or more will do: `openssl rand -hex 32`.
   *
   * @throws PlayError where it cannot be read, is too short, or may be read or written by others
   */
  static read(file: string): PlanKey {
    requireTrusted(file, 'the key of the plan');
    const key = bytesOf(file);
    if (key.length < fewestBytes)
      throw new PlayError(`The plan key is too short: ${key.length} bytes`, {
        where: { file },
        hint: 'Make one: openssl rand -hex 32',
      });
    if ((statSync(file).mode & 0o077) !== 0 && statSync(file).isFile())
      throw new PlayError('The plan key is readable by others', {
        where: { file },
        hint: `chmod 600 ${file}`,
      });
    return new PlanKey(key);
  }

  /** One's own key, made when first needed. @throws PlayError where there can be none */
  static own(file: string): PlanKey {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) make(file);
    return PlanKey.read(file);
  }

  of(text: Uint8Array, place: readonly string[]): string {
    return this.#of(JSON.stringify(place), text, 32);
  }

  /** A word for a value of a variable, only to tell whether it moved. */
  ofVariable(name: string, text: string): string {
    return this.#of(JSON.stringify(['variable', name]), Buffer.from(text), 12);
  }

  #of(place: string, text: Uint8Array, digits: number): string {
    const mac = createHmac('sha256', this.#key).update(`play-plan\0${place}\0`).update(text);
    return mac.digest('hex').slice(0, digits);
  }
}

function bytesOf(file: string): Buffer {
  try {
    return Buffer.from(readFileSync(file, 'latin1').trim(), 'latin1');
  } catch (cause) {
    throw new PlayError('The plan key cannot be read', {
      where: { file },
      hint: 'Give --plan-key-file an existing file that you may read.',
      cause,
    });
  }
}

/** Whole or not at all: two runs that begin at once have one key. */
function make(file: string): void {
  const beside = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const made = openSync(beside, 'wx', 0o600);
    writeSync(made, `${randomBytes(32).toString('hex')}\n`);
    closeSync(made);
    linkSync(beside, file);
  } catch (cause) {
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
    throw new PlayError('There is no plan key, and none could be created', {
      where: { file },
      hint: 'Give one with --plan-key-file.',
      cause,
    });
  } finally {
    rmSync(beside, { force: true });
  }
}
