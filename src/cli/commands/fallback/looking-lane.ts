import { BecomeFailed, type Connection, type Lane } from '../../../connection/index.ts';
import type { ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { rootLane } from '../on-hosts.ts';

/** A lane that sees as much as it can: root's, where we may become root, else that of who logs in. */
export async function lookingLane(host: string, connection: Connection, chosen: ChosenHosts): Promise<Lane> {
  try {
    return await rootLane(host, connection, chosen);
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    return connection.lane();
  }
}
