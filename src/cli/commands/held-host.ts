import type { Lane } from '../../connection/index.ts';
import { decodeHolds, holdOn, holdsSh, holdText } from '../../probes/index.ts';
import { ask } from './on-hosts.ts';

/**
 * What keeps a command from changing a host, or a unit of it: a hold, as people are told of it; undefined: nothing.
 *
 * @param unit with its suffix; left out, only a hold of the whole host counts
 */
export async function heldText(lane: Lane, host: string, unit?: string): Promise<string | undefined> {
  const { stdout } = await ask(lane, host, { script: `${holdsSh}\nexit 0`, timeout: 30 });
  const { holds } = decodeHolds(stdout.toString('utf8').split('\n'));
  const hold = holds.find((one) => one.unit === undefined) ?? (unit === undefined ? undefined : holdOn([unit], holds));
  return hold && holdText(hold);
}
