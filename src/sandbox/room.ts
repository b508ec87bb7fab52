/** Work on a host's disk before it boots, from inside it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeCgroup, removeCgroup } from './cgroup.ts';
import { run, type CommandResult } from './command.ts';
import { diskGroupOf } from './host.ts';
import type { Network } from './network.ts';
import type { Fleet, Host } from './state.ts';
import { layerLines, mountLayers } from './supervisor.ts';
import type { Layer } from './upper-layer.ts';

/**
 * In namespaces that die with us, and in a cgroup of its own for the moment in which a killed run may leave one:
 * neither processes nor mounts stay. The link is the hosts': to the apt proxy and nowhere else. setpriv is this machine's:
 * that of an older release does not know what the kernel has meanwhile.
 */
const roomScript = `
${mountLayers}
cd "$SANDBOX_DIR/root"
setpriv --bounding-set="$SANDBOX_RIGHTS" chroot . sh -ec "$SANDBOX_REMAKE" </dev/null
[ -n "$SANDBOX_FURNISH" ] || exit 0
mount -t proc sandbox proc
mount -t tmpfs -o mode=755 sandbox run
mount -t tmpfs -o mode=1777 sandbox tmp
mount -t tmpfs -o mode=755 sandbox dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
ln -s /proc/self/fd dev/fd
exec nsenter --net="$SANDBOX_NET" setpriv --bounding-set="$SANDBOX_RIGHTS" chroot . sh -ec "$SANDBOX_FURNISH"
`;

/** What installing packages and making accounts takes: no mounts, modules, devices, clocks. */
const rights = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'setuid',
  'setgid',
  'setfcap',
  'setpcap',
  'kill',
  'audit_write',
  'net_bind_service',
  'sys_chroot',
];

export interface RoomWork {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly network: Network;
  readonly layers: readonly Layer[];
  /**
   * `SANDBOX_FURNISH`: sh, run as the host's root with the way to the apt proxy and nowhere else; `SANDBOX_REMAKE`: sh that
   * is run before, with nothing mounted; and what both read.
   */
  readonly env: NodeJS.ProcessEnv;
  /** What `SANDBOX_FURNISH` reads. */
  readonly input?: string | Uint8Array;
}

/** Runs sh in the host's root, while the host is off. */
export async function runInRoom({ fleet, host, network, layers, env, input = '' }: RoomWork): Promise<CommandResult> {
  const name = diskGroupOf(fleet, host);
  await removeCgroup(name);
  for (const { work } of layers) mkdirSync(work, { recursive: true });
  mkdirSync(join(host.directory, 'root'), { recursive: true });
  const procs = makeCgroup(name);
  const enter =
    'for procs; do echo $$ >"$procs" || exit 1; done; exec setpriv --pdeathsig KILL unshare --mount --pid --uts --ipc --propagation private --fork --kill-child sh -ec "$SANDBOX_ROOM"';
  const result = await run(['sh', '-c', enter, 'play-sandbox-room', ...procs], {
    input,
    env: {
      SANDBOX_ROOM: roomScript,
      SANDBOX_DIR: host.directory,
      SANDBOX_LAYERS: layerLines(layers),
      SANDBOX_NET: `/proc/${network.holder}/ns/net`,
      SANDBOX_RIGHTS: ['-all', ...rights.map((right) => `+${right}`)].join(','),
      SANDBOX_REMAKE: '',
      ...env,
    },
  });
  await removeCgroup(name);
  return result;
}
