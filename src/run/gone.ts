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

/** Whether a host that was lost is not there any more, and the play may do without it. */
export async function isLetGo(
  host: string,
  error: Unreachable,
  { spec, hosts }: PreparedPlay,
  pool: HostPool,
): Promise<boolean> {
  const most = mostGone(spec.gone, hosts.length);
  const isSpare = (): boolean => hosts.filter((one) => pool.of(one).isGone).length < most;
  if (!isSpare()) return false;
  if (isSilent(host, error)) return true;
  // Others may have gone meanwhile.
  return (await hasVanished(host, pool)) && isSpare();
}

/** Nobody answers at its address, which is not to be closed to us. */
function isSilent(host: string, error: unknown): boolean {
  return error instanceof Unreachable && error.silentHost === host;
}

/**
 * One that was lost amid its tasks is connected anew: where it answers again, it is not gone, and what is with it is for
 * somebody to look into. So it is where another host was lost, to which a task was delegated.
 */
async function hasVanished(host: string, pool: HostPool): Promise<boolean> {
  try {
    await (await pool.session(host)).reconnect();
    return false;
  } catch (again) {
    if (!(again instanceof Unreachable)) throw again;
    return isSilent(host, again);
  }
}
