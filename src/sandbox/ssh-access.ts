/** Keys, known_hosts and the targets that use them. */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../connection/types.ts';
import { must } from './command.ts';
import { addressOf } from './network.ts';
import { listHosts, writeWhole, type Fleet, type Host } from './state.ts';

export const fleetKey = (fleet: Fleet): string => join(fleet.directory, 'id_ed25519');
export const hostKey = (host: Host): string => join(host.directory, 'ssh_host_ed25519_key');
const knownHosts = (fleet: Fleet): string => join(fleet.directory, 'known_hosts');

export async function ensureKey(file: string, comment: string): Promise<void> {
  if (existsSync(file)) return;
  const part = `${file}.part`;
  rmSync(part, { force: true });
  rmSync(`${part}.pub`, { force: true });
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', part]);
  renameSync(`${part}.pub`, `${file}.pub`); // first: where the private half is, the public one is too
  renameSync(part, file);
}

export function writeKnownHosts(fleet: Fleet, prefix: string): void {
  const lines = listHosts(fleet)
    .filter((host) => existsSync(hostKey(host)))
    .map(
      (host) =>
        `${host.name},${addressOf(prefix, host.id)} ${readFileSync(`${hostKey(host)}.pub`, 'utf8')
          .split(' ')
          .slice(0, 2)
          .join(' ')}\n`,
    );
  writeWhole(knownHosts(fleet), lines.join(''));
}

export function targetOf(fleet: Fleet, prefix: string, host: Host, user: string): Target {
  return {
    name: host.name,
    transport: 'auto',
    address: addressOf(prefix, host.id),
    user,
    privateKeyFile: fleetKey(fleet),
    knownHostsFiles: [knownHosts(fleet)],
    hostKeyAlias: host.name,
  };
}

/** An ssh command line that depends on no configuration of the user's. */
export function sshArgv(target: Target, command: readonly string[]): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${(target.knownHostsFiles ?? []).join(' ')}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${target.hostKeyAlias ?? target.name}`,
  ];
  return [
    'ssh',
    '-F',
    '/dev/null',
    '-i',
    target.privateKeyFile ?? '',
    ...options.flatMap((option) => ['-o', option]),
    `${target.user ?? 'root'}@${target.address}`,
    ...(command.length > 0 ? ['--', ...command] : []),
  ];
}
