import type { Command } from 'commander';
import { PlayError } from '../errors/index.ts';

/** What to do where another run is changing a host, or somebody holds it. */
export interface LockFlags {
  /** Seconds; true: as long as it takes. */
  readonly wait?: number | true;
  readonly steal?: boolean;
  /** Work also on what an operator holds. */
  readonly ignoreHold?: boolean;
}

/** Long enough for the other run to end, short enough for a job nobody watches to fail rather than hang. */
const standardWait = 600;

/** Describes these to commander. */
export function addLockOptions(command: Command): Command {
  return command
    .option(
      '--wait [seconds]',
      'wait this long where another run is changing a host; without a number as long as it takes (default: 600; 0: not at all)',
      seconds,
    )
    .option('--steal', 'end the run that holds a host, on that host, and go ahead; refused while dpkg works there')
    .option('--ignore-hold', 'work also on hosts and units that are held (play hold); that is recorded');
}

function seconds(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new PlayError(`--wait needs a number of seconds, not "${value}"`, {
    hint: 'Put --wait last, or write --wait=600.',
  });
}

/** How long to wait for a host, in seconds. */
export function waitOf({ wait = standardWait }: LockFlags): number {
  return wait === true ? Infinity : wait;
}
