import { Unreachable } from '../connection/index.ts';
import type { PlaySpec } from '../playbook/index.ts';
import { shareOf } from './batches.ts';
import type { HostPool } from './host-pool.ts';
import type { PreparedPlay } from './types.ts';

/**
 * How many hosts of a play may vanish.
 *
 * @param all the hosts of the play
 * @example mostGone('25%', 40)  // 10
 */
function mostGone(gone: PlaySpec['gone'], all: number): number {
  if (gone === undefined || gone === false) return 0;
  // Where nobody is left, it is more likely that something is wrong with the way there.
  return gone === true ? all - 1 : Math.min(all, shareOf(gone, all));
}

/** Whether the play may do without one more host. */
export function mayVanish({ spec, hosts }: PreparedPlay, pool: HostPool): boolean {
  return hosts.filter((one) => pool.of(one).isGone).length < mostGone(spec.gone, hosts.length);
}

/**
 * Whether a host that was lost is not there any more: nobody answers at its address, which is not to be closed to us. One
 * that was lost amid its tasks is connected anew: where it answers again, it is not gone, and what is with it is for
 * somebody to look into. So it is where another host was lost, to which a task was delegated.
 */
export async function hasVanished(host: string, error: Unreachable, pool: HostPool): Promise<boolean> {
  if (error.silentHost === host) return true;
  try {
    await (await pool.session(host)).reconnect();
    return false;
  } catch (again) {
    if (!(again instanceof Unreachable)) throw again;
    return again.silentHost === host;
  }
}
