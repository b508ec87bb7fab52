import type { Command } from 'commander';
import { positive } from './option-values.ts';

/** Connections that wait for the next run. */
export interface PersistFlags {
  /** Seconds; `false`, or 0 from `play.config.ts`: none waits, and none that does is used. */
  readonly persist?: number | false;
}

/** Somebody who works on hosts by hand runs again within this many seconds. */
const standard = 60;

/** Describes these to commander. */
export function addPersistOptions(command: Command): Command {
  return command
    .option(
      '--persist <seconds>',
      `keep connections open this long for the next run (default: ${standard} at a terminal; else none are kept)`,
      positive('--persist'),
    )
    .option('--no-persist', 'keep no connections open, and use none that are');
}

/**
 * How long connections wait for the next run, in seconds; undefined: not at all. Where nobody sits at a terminal, a run
 * leaves no process behind unless it is told to.
 */
export function persistenceOf({ persist }: PersistFlags): number | undefined {
  if (process.env['PLAY_NO_PERSIST'] || persist === false || persist === 0) return undefined;
  if (persist !== undefined) return persist;
  return process.stderr.isTTY && !process.env['CI'] ? standard : undefined;
}
