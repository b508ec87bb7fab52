import { discardDirectory } from '../../src/sandbox/base.ts';
import { forEach, locked } from '../../src/sandbox/fleet-work.ts';
import { unplug } from '../../src/sandbox/host.ts';
import { listHosts } from '../../src/sandbox/state.ts';

/** Removes all hosts of a fleet, and nothing else of it. */
export async function emptyFleet(name: string): Promise<void> {
  await locked({ fleet: name }, (fleet) =>
    forEach(listHosts(fleet), async (host) => {
      await unplug(fleet, host);
      await discardDirectory(host.directory);
    }),
  );
}
