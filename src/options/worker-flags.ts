import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PlayError } from '../errors/index.ts';
import { positive } from './option-values.ts';

/** Hosts worked on by other processes. */
export interface WorkerFlags {
  /** Where Redis is; `@FILE` reads it from there. */
  readonly workers?: string;
  readonly workerKeyFile?: string;
  /** Seconds. */
  readonly workerTimeout?: number;
}

/** Describes `--workers` and what goes with it. */
export function addWorkerOptions(command: Command): Command {
  return addWorkerKeyOption(
    command.option(
      '--workers <url>',
      'spread the hosts over the workers (play worker) at this Redis: redis://HOST, rediss:// with TLS; @FILE reads it there',
    ),
  ).option(
    '--worker-timeout <seconds>',
    'after this long a silent worker is lost, and another takes its hosts (default: 20)',
    positive('--worker-timeout'),
  );
}

/** Describes `--worker-key-file`. */
export function addWorkerKeyOption(command: Command): Command {
  return command.option(
    '--worker-key-file <file>',
    'the key that runs and workers share, and Redis never sees (play worker --make-key FILE)',
  );
}

/**
 * Where Redis is.
 *
 * @param option names it in errors
 * @throws PlayError for what is no such address
 * @example redisUrl('redis://queue', '--workers')  // 'redis://queue'
 */
export function redisUrl(given: string, option: string): string {
  const text = given.startsWith('@') ? textOf(given.slice(1), option) : given;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new PlayError(`${option} needs the address of a Redis, not "${given}"`, {
      hint: 'redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER], rediss:// with TLS, or @FILE with that in it.',
    });
  return text;
}

function textOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw new PlayError(`${option} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      where: { file },
    });
  }
}
