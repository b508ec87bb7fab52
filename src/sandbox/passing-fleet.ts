/** Fleets that live as long as the process that made them. */
import { existsSync } from 'node:fs';
import { removeSandbox } from './index.ts';
import { fleetNames } from './state.ts';

let made = 0;

/**
 * The name of a fleet of this process, for hosts that are to be removed when it is done. Those of processes that were killed
 * before they came to that are removed now.
 *
 * @param stem what such fleets are called by; only its end counts where it is long
 */
export async function passingFleet(stem: string): Promise<string> {
  const prefix = `${stem}-`.slice(-20).replace(/^-+/, '');
  for (const fleet of fleetNames()) {
    const pid = fleet.startsWith(prefix) ? /^(\d+)-\d+$/.exec(fleet.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeSandbox(undefined, { fleet });
  }
  return `${prefix}${process.pid}-${(made += 1)}`;
}
