import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { requireTrusted } from '../trust/index.ts';
import { reason } from './sources.ts';

export interface VaultPassword {
  /** The vault id it belongs to; `default` when none was named. */
  readonly id: string;
  /** A word for messages, never the password. */
  readonly source: string;
  /** Asked when first needed, then remembered. */
  text(): Buffer;
}

/**
 * White space around a password is no part of it, as in Ansible: that of ASCII, byte by byte. What JavaScript trims is
 * more, and would take the last byte off `voilà`.
 */
const withoutBlanks = (bytes: string): string => bytes.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, '');

/** A password that is already here: asked at the terminal, or from a variable. White space around it is dropped. */
export function vaultPasswordText(text: string, id = 'default', source = 'the password that was typed'): VaultPassword {
  const bytes = Buffer.from(withoutBlanks(Buffer.from(text, 'utf8').toString('latin1')), 'latin1');
  return { id, source, text: () => bytes };
}

/**
 * `--vault-password-file FILE` and `--vault-id ID@FILE`. An executable file is run and its output taken; one named
 * `*-client` is told `--vault-id ID`, as Ansible does. White space around a password in a plain file is dropped.
 */
export function vaultPasswordFile(path: string, id = 'default'): VaultPassword {
  let remembered: Buffer | undefined;
  return { id, source: path, text: () => (remembered ??= read(resolve(path), id)) };
}

/** What `--vault-id` takes: `ID@FILE`, `ID@prompt`, or `FILE` alone. */
export function parseVaultId(given: string): {
  readonly id: string;
  readonly from: 'prompt' | { readonly file: string };
} {
  const at = given.indexOf('@');
  const id = at > 0 ? given.slice(0, at) : 'default';
  const from = given.slice(at + 1);
  if (from === '')
    throw new PlayError(`--vault-id ${given} names no file`, {
      hint: 'Write --vault-id ID@FILE or --vault-id ID@prompt.',
    });
  return { id, from: from === 'prompt' || from === 'ask' ? 'prompt' : { file: from } };
}

function read(path: string, id: string): Buffer {
  requireTrusted(path);
  try {
    const text = isProgram(path) ? run(path, id) : withoutBlanks(readFileSync(path, 'latin1'));
    if (text === '')
      throw new PlayError('The vault password is empty', {
        where: { file: path },
        hint: 'Write the password into the file.',
      });
    return Buffer.from(text, 'latin1');
  } catch (cause) {
    if (cause instanceof PlayError) throw cause;
    throw new PlayError(`The vault password cannot be read: ${reason(cause)}`, {
      where: { file: path },
      hint: 'Check --vault-password-file and the permissions of the file.',
      cause,
    });
  }
}

function isProgram(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(path: string, id: string): string {
  const isClient = basename(path)
    .replace(/\.[^.]*$/, '')
    .endsWith('-client');
  const args = isClient && id !== 'default' ? ['--vault-id', id] : [];
  return execFileSync(path, args, { encoding: 'latin1', stdio: ['inherit', 'pipe', 'inherit'] }).replace(
    /^[\r\n]+|[\r\n]+$/g,
    '',
  );
}
