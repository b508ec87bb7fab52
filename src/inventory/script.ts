import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import type { InventoryBuilder } from './builder.ts';
import { valueOfJson } from './json-value.ts';
import { readListing, type ListedMap } from './listed.ts';
import { isMapping } from './types.ts';
import type { YamlReading } from './yaml-file.ts';

/**
 * Whether a source is to be executed: it starts with `#!`, or is a compiled program. A stray x bit on a text file is
 * not enough.
 */
export function isProgram(path: string): boolean {
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  if (start.toString('latin1').startsWith('#!')) return true;
  return start.toString('latin1') === '\x7fELF' && canRun(path);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs an executable inventory (`--list`, and `--host` where it prints no `_meta`) and reads its JSON
 * (ansible/plugins/inventory/script.py).
 */
export function readScript(path: string, builder: InventoryBuilder, reading: YamlReading): void {
  const listed = ask(path, ['--list'], reading);
  readListing(listed, { path, builder, bad }, (host) => ask(path, ['--host', host], reading));
}

function ask(path: string, args: readonly string[], reading: YamlReading): ListedMap {
  const command = [path, ...args].join(' ');
  let text: string;
  try {
    text = execFileSync(path, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trimEnd() : '';
    const isDenied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    throw new PlayError('The executable inventory failed', {
      where: { file: path },
      hint: isDenied ? `It begins with #! but may not be run: chmod +x ${path}` : `Run it by hand: ${command}`,
      detail: stderr.split('\n').slice(-5).join('\n'),
      cause,
    });
  }
  if (text.trim() === '' && args[0] === '--host') return {};
  const listed = valueOfJson(text, path, reading);
  if (listed !== undefined && isMapping(listed)) return listed;
  throw bad(path, `${command} did not print a JSON mapping`);
}

function bad(path: string, why: string): PlayError {
  return new PlayError(`The executable inventory is not usable: ${why}`, {
    where: { file: path },
    hint: `Look at what it prints: ${path} --list`,
  });
}
