/** Starting and finding the fleet's proxy process. */
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { aptSites, machineAptProxy, readAptSources } from './apt-sources.ts';
import { cgroupName, isPopulated, makeCgroup, removeCgroup } from './cgroup.ts';
import { run, startDetached, waitFor } from './command.ts';
import { gatewayOf, type Network } from './network.ts';
import { listenAndHandOver, listenInNamespace, serveProxy } from './proxy.ts';
import { field, type Fleet } from './state.ts';

export const proxyPort = 3142;

/**
 * Makes sure the fleet's proxy runs.
 * @param self argv prefix that runs this program's hidden subcommands, see `runProxy`
 */
export async function ensureProxy(fleet: Fleet, network: Network, self: readonly string[]): Promise<void> {
  const name = cgroupName(fleet, 'proxy');
  if (isPopulated(name) && (await answers(network))) return;
  await removeCgroup(name);
  const procs = makeCgroup(name);
  const settings = {
    holder: network.holder,
    address: gatewayOf(network),
    sites: aptSites(readAptSources()),
    cacheDirectory: join(fleet.root, 'debs'),
    upstream: await machineAptProxy(),
    self,
  };
  const file = join(fleet.directory, 'proxy.log');
  const log = openSync(file, 'w', 0o600);
  // By environment, not argv: an upstream proxy's address may hold a password.
  startDetached(
    [
      'sh',
      '-c',
      'n=$1; shift; while [ $n -gt 0 ]; do echo $$ >"$1" || exit 1; shift; n=$((n - 1)); done; exec "$@"',
      'play-sandbox-proxy',
      String(procs.length),
      ...procs,
      ...self,
      '__proxy',
    ],
    log,
    { PLAY_SANDBOX_PROXY: JSON.stringify(settings) },
  );
  closeSync(log);
  if (!(await waitFor(async () => ((await answers(network)) ? true : undefined), 15))) {
    const shown = await run(['tail', '-n', '10', file]);
    throw new PlayError('Sandbox: the apt proxy did not start', { where: file, detail: shown.stdout });
  }
}

export async function stopProxy(fleet: Fleet): Promise<void> {
  await removeCgroup(cgroupName(fleet, 'proxy'));
}

/** The hidden subcommands: `__proxy` is the proxy itself, `__listen ADDRESS PORT` its helper inside the namespace. */
export async function runProxy(args: readonly string[]): Promise<void> {
  const [command, address, port] = args;
  if (command === '__listen' && address !== undefined) return listenAndHandOver(address, Number(port));
  const settings: unknown = JSON.parse(process.env['PLAY_SANDBOX_PROXY'] ?? '{}');
  const text = (key: string): string => {
    const value = field(settings, key);
    return typeof value === 'string' ? value : '';
  };
  const texts = (key: string): string[] => {
    const value = field(settings, key);
    return Array.isArray(value) ? value.map(String) : [];
  };
  delete process.env['PLAY_SANDBOX_PROXY'];
  const listening = await listenInNamespace(
    Number(field(settings, 'holder')),
    [...texts('self'), '__listen'],
    text('address'),
    proxyPort,
  );
  const upstream = text('upstream');
  serveProxy(listening, {
    sites: texts('sites'),
    cacheDirectory: text('cacheDirectory'),
    ...(upstream && { upstream }),
  });
}

function answers(network: Network): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: gatewayOf(network), port: proxyPort, timeout: 1000 });
    const finish = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
    socket.on('timeout', () => finish(false));
  });
}
