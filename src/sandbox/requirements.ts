/** What this machine has to have before hosts can live on it. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { findCgroupTrees } from './cgroup.ts';
import { lastLines, run, systemPath } from './command.ts';

const alternatives =
  'Alternatives: run as root (`sudo -E`), rehearse on a virtual machine named in the inventory, or use check mode (`-C --diff`) against the real host.';

/** Command -> Debian package. */
const needed: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  nft: 'nftables',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  nsenter: 'util-linux',
  flock: 'util-linux',
  gpg: 'gpg',
};

export function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new PlayError('Sandbox: needs root, to mount disks and make network namespaces', { hint: alternatives });
  }
}

/** Installs what is missing with apt-get, after saying so, and checks what only a kernel can give. */
export async function prepareMachine(onNotice: (text: string) => void): Promise<void> {
  requireRoot();
  const packages = missingPackages();
  if (packages.length > 0) await install(packages, onNotice);
  findCgroupTrees();
  if (!kernelHas('overlay')) {
    await run(['modprobe', 'overlay']);
    if (!kernelHas('overlay')) throw new PlayError('Sandbox: this kernel has no overlayfs', { hint: alternatives });
  }
}

function missingPackages(): string[] {
  const path = `${process.env['PATH'] ?? ''}:${systemPath}`.split(':').filter(Boolean);
  const isThere = (command: string): boolean =>
    path.some((directory) => {
      try {
        accessSync(join(directory, command), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  return [...new Set(Object.entries(needed).filter(([command]) => !isThere(command)).map(([, name]) => name))];
}

async function install(packages: readonly string[], onNotice: (text: string) => void): Promise<void> {
  const line = `apt-get install ${packages.join(' ')}`;
  onNotice(`sandbox: this machine lacks ${packages.join(', ')}: ${line}`);
  // Another apt on the machine is waited for rather than failed on.
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-qy'];
  await run([...apt, 'update']);
  const result = await run([...apt, '--no-install-recommends', 'install', ...packages], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (result.code !== 0) {
    throw new PlayError(`Sandbox: cannot install ${packages.join(', ')}`, {
      hint: `Try \`${line}\` by hand. ${alternatives}`,
      detail: lastLines(result.stderr || result.stdout, 15),
    });
  }
}

function kernelHas(filesystem: string): boolean {
  return new RegExp(`\\t${filesystem}$`, 'm').test(readFileSync('/proc/filesystems', 'utf8'));
}
