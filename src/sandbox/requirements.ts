/** What this machine has to have before hosts can live on it. */
import { accessSync, constants, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { findCgroupTrees } from './cgroup.ts';
import { lastLines, run, systemPath } from './command.ts';

const overlayMagic = 0x794c7630; // statfs(2)

const alternatives =
  'Alternatives: run as root (`sudo -E`), rehearse on a virtual machine named in the inventory, or use check mode (`-C --diff`) against the real host.';

/** Command -> Debian package. */
const needed: Readonly<Record<string, string>> = {
  'mmdebstrap': 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  'ip': 'iproute2',
  'nft': 'nftables',
  'ssh': 'openssh-client',
  'ssh-keygen': 'openssh-client',
  'nsenter': 'util-linux',
  'flock': 'util-linux',
  'gpg': 'gpg',
};

export function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new PlayError('Sandbox: needs root, to mount disks and make network namespaces', { hint: alternatives });
  }
}

/**
 * Installs what is missing with apt-get, after saying so, and checks what only a kernel can give.
 * @param root where the disks will be
 */
export async function prepareMachine(root: string, onNotice: (text: string) => void): Promise<void> {
  requireRoot();
  const packages = missingPackages();
  if (packages.length > 0) await install(packages, onNotice);
  findCgroupTrees();
  if (!kernelHas('overlay')) {
    await run(['modprobe', 'overlay']);
    if (!kernelHas('overlay')) throw new PlayError('Sandbox: this kernel has no overlayfs', { hint: alternatives });
  }
  mkdirSync(root, { recursive: true, mode: 0o700 });
  if (statfsSync(root).type === overlayMagic) {
    throw new PlayError(
      'Sandbox: the state directory is itself on an overlay, as in a container, and disks cannot be stacked on it',
      {
        where: root,
        hint: 'Set PLAY_SANDBOX_DIR to a directory on ext4, xfs, btrfs or tmpfs (a volume of the container, /dev/shm).',
      },
    );
  }
  const namespaces = await run([
    'unshare',
    '--mount',
    '--net',
    '--pid',
    '--uts',
    '--ipc',
    '--cgroup',
    '--fork',
    '--mount-proc',
    'true',
  ]);
  if (namespaces.code !== 0) {
    throw new PlayError('Sandbox: no namespaces can be made here', {
      hint: `Root needs CAP_SYS_ADMIN and CAP_NET_ADMIN; a container has to be privileged. ${alternatives}`,
      detail: namespaces.stderr,
    });
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
  return [
    ...new Set(
      Object.entries(needed)
        .filter(([command]) => !isThere(command))
        .map(([, name]) => name),
    ),
  ];
}

async function install(packages: readonly string[], onNotice: (text: string) => void): Promise<void> {
  const line = `apt-get install ${packages.join(' ')}`;
  onNotice(`sandbox: this machine lacks ${packages.join(', ')}: ${line}`);
  // Another apt on the machine is waited for rather than failed on.
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-qy'];
  await run([...apt, 'update']);
  const result = await run([...apt, '--no-install-recommends', 'install', ...packages], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
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
