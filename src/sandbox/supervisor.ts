/** The shell programs that keep a host running once we are gone: one `sh` a host, not one Node a host. */
import type { Layer } from './upper-layer.ts';

/**
 * Enters the host's cgroup (`$@`: its `cgroup.procs` files) before anything else, so that from the first moment there
 * is a handle on it; then boots the host, again whenever it reboots (systemd-nspawn's code 133). Each boot has new
 * namespaces: firewall rules and addresses go with a reboot, as they do on a server.
 */
export const supervisorScript = `
for procs; do echo $$ >"$procs" || exit 1; done
while :; do
  code=0
  unshare --mount --net --propagation private sh -ec "$SANDBOX_BOOT" || code=$?
  echo "sandbox: the host ended, code $code"
  [ "$code" = 133 ] || exit "$code"
done
`;

/**
 * Mounts the overlays of `SANDBOX_LAYERS` (lines of place, lower, upper and work directory) on the root and below it. A
 * volatile one makes fsync(2) free; after a power-off without unmounting its mark has to go before the next mount.
 * Device files on the disks are no way to this machine's.
 */
export const mountLayers = `
while read -r at lower upper work; do
  rm -rf "$work/work/incompat"
  overlay="nodev,lowerdir=$lower,upperdir=$upper,workdir=$work"
  mount -t overlay -o "$overlay,volatile" sandbox "$SANDBOX_DIR/root$at" 2>/dev/null ||
    mount -t overlay -o "$overlay" sandbox "$SANDBOX_DIR/root$at"
done <<LAYERS
$SANDBOX_LAYERS
LAYERS
`;

export const layerLines = (layers: readonly Layer[]): string =>
  layers.map(({ at, lower, upper, work }) => `${at} ${lower} ${upper} ${work}`).join('\n');

/**
 * Runs in mount and network namespaces of the host's own, so neither its disk nor its link is ever seen on the machine,
 * and both are gone with the last process.
 *
 * - nspawn shows the host this machine's os-release, by a mount that the host's root can make writable: it gets a copy
 *   to show.
 * - nspawn leaves locks and propagation directories in /run/systemd: it gets a /run/systemd of its own.
 * - Without CAP_MKNOD there is no way to this machine's disks; clocks and modules nspawn keeps out by itself.
 * - The copies of vm.* and fs.* have to be in the host before they can be bound over /proc/sys: nspawn mounts there
 *   late.
 * - systemd and docker want add_key, keyctl and bpf, which nspawn's system call filter would refuse. Kernel keyrings
 *   are in
 *   no namespace, so a copy of this machine, which could make use of what is in root's, gets bpf alone.
 */
export const bootScript = `
${mountLayers}
mkdir -p /run/systemd
mount -t tmpfs sandbox /run/systemd
mkdir /run/systemd/sysctl
cp -r "$SANDBOX_SYSCTL/." /run/systemd/sysctl
cp /etc/os-release /run/systemd/os-release
mount --bind /run/systemd/os-release /etc/os-release

nsenter --net="$SANDBOX_SWITCH" ip link delete "$SANDBOX_PORT" 2>/dev/null || :
nsenter --net="$SANDBOX_SWITCH" ip link add "$SANDBOX_PORT" type veth peer name eth0 netns $$ address "$SANDBOX_MAC"
nsenter --net="$SANDBOX_SWITCH" ip link set "$SANDBOX_PORT" master hosts
nsenter --net="$SANDBOX_SWITCH" ip link set "$SANDBOX_PORT" up
ip link set lo up
ip address add "$SANDBOX_ADDRESS" dev eth0
ip link set eth0 up
ip route add default via "$SANDBOX_GATEWAY"

exec env -i PATH="$PATH" LC_ALL=C SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \\
  systemd-nspawn --boot --quiet --register=no --keep-unit --directory="$SANDBOX_DIR/root" \\
  --machine="$SANDBOX_MACHINE" --hostname="$SANDBOX_HOSTNAME" --uuid="$SANDBOX_UUID" \\
  --network-namespace-path=/proc/self/ns/net \\
  --capability=CAP_NET_ADMIN --drop-capability=CAP_MKNOD --system-call-filter="$SANDBOX_CALLS" \\
  --bind=/run/systemd/sysctl:/run/sandbox-sysctl \\
  --bind=/run/sandbox-sysctl/vm:/proc/sys/vm --bind=/run/sandbox-sysctl/fs:/proc/sys/fs \\
  --link-journal=no --resolv-conf=off --timezone=off --console=read-only
`;
