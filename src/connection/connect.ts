import { HostConnection } from './connection.ts';
import { localTransport } from './local.ts';
import { connectSsh2, type Hop } from './ssh2.ts';
import { readSettings } from './ssh-settings.ts';
import type { Transport } from './transport.ts';
import type { Connection, Target } from './types.ts';

/**
 * Logs in to a host. Lanes open when they are asked for.
 *
 * @throws Unreachable when the host cannot be reached or does not let us in, HostKeyChanged when it is not who it was
 * @example
 * const connection = await connect({ name: 'web1', address: '192.0.2.7', transport: 'auto' });
 * const lane = await connection.lane({ user: 'root', method: 'sudo' });
 * const [reply] = await lane.exchange([{ script: 'cat "$1"', args: ['/etc/hostname'] }]);
 */
export async function connect(target: Target): Promise<Connection> {
  return new HostConnection(target, await openTransport(target));
}

/** The transport a target asks for, or the one that honours all that ssh_config says of it. */
export async function openTransport(target: Target): Promise<Transport> {
  if (target.transport === 'local') return localTransport();
  const { settings } = await readSettings(target);
  const jumps: Hop[] = [];
  return await connectSsh2(target, jumps, settings, '');
}
