import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlayError, type Location } from '../errors/index.ts';
import { requireTrusted } from '../runner/index.ts';
import { checkConfig, type Mistake } from './config-check.ts';

/** A step on a package's way, from the least to the most critical. */
export interface Stage {
  readonly name: string;
  readonly hosts: readonly string[];
}

/** What a `deployer.ini` says. */
export interface DeployerConfig {
  readonly file: string;
  readonly packages: readonly string[];
  /** In the order packages go through them. */
  readonly stages: readonly Stage[];
  /** Undefined where none is named: no badges then. */
  readonly badgesPath: string | undefined;
  /** Where a host is named. */
  placeOf(host: string): Location;
}

const names = ['deployer.ini', '.deployer.ini'];

/**
 * Finds the nearest `deployer.ini` or `.deployer.ini` from a folder upwards.
 *
 * @throws PlayError where there is none
 */
export function findConfig(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) break;
  }
  throw new PlayError('There is no deployer.ini', {
    hint: `Looked for ${names.join(' and ')} in ${start} and in every folder above it. Work below the one that has it, or name it with --config.`,
  });
}

/** Reads and checks it. @throws PlayError that tells every mistake in it, each with its line */
export function readConfig(file: string): DeployerConfig {
  requireTrusted(file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlayError(`The deployer's configuration cannot be read (${code})`, { where: { file }, cause });
  }
  const { config, mistakes } = checkConfig(text, file);
  throwMistakes(file, mistakes);
  return config;
}

/** @throws PlayError unless there are none */
export function throwMistakes(file: string, mistakes: readonly Mistake[]): void {
  const [first, second] = mistakes;
  if (first === undefined) return;
  if (second === undefined)
    throw new PlayError(first.what, { where: first.where, ...(first.hint === undefined ? {} : { hint: first.hint }) });
  const lines = mistakes
    .toSorted((a, b) => (a.where.line ?? 0) - (b.where.line ?? 0))
    .flatMap(({ what, where, hint }) => [
      `line ${where.line ?? '?'}: ${what}`,
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ]);
  throw new PlayError(`There are ${mistakes.length} mistakes in the deployer's configuration`, {
    where: { file },
    detail: lines.join('\n'),
  });
}
