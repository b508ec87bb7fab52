/**
 * The part of making a copy that is done from inside it, before it ever boots: accounts, homes, packages, host keys.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { makeCgroup, removeCgroup } from '../cgroup.ts';
import { lastLines, run } from '../command.ts';
import { diskGroupOf } from '../host.ts';
import type { Network } from '../network.ts';
import { fleetKey } from '../ssh-access.ts';
import { fleetSecrets, type Fleet, type Host } from '../state.ts';
import { layerLines, mountLayers } from '../supervisor.ts';
import type { Layer } from '../upper-layer.ts';

/**
 * In namespaces that die with us, and in a cgroup of its own for the moment in which a killed run may leave one:
 * neither processes nor mounts stay. The link is the hosts': to the apt proxy and nowhere else.
 */
const roomScript = `
${mountLayers}
cd "$SANDBOX_DIR/root"
chroot . setpriv --bounding-set="$SANDBOX_RIGHTS" sh -ec "$SANDBOX_REMAKE" </dev/null
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
exec nsenter --net="$SANDBOX_NET" chroot . setpriv --bounding-set="$SANDBOX_RIGHTS" sh -ec "$SANDBOX_FURNISH"
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

const remakeScript = `
while read -r mode uid gid path; do
  [ -d "$path" ] && continue
  mkdir -p -- "$path"
  chown "$uid:$gid" "$path"
  chmod "$mode" "$path"
done <<DIRECTORIES
$SANDBOX_DIRECTORIES
DIRECTORIES
`;

/**
 * - Passwords of this machine's accounts go: their hashes are worth an attack, and nobody needs them here.
 * - Who has a home in /home can be logged in to with the fleet's key, as root can.
 * - sshd reads a file of its own (see identity.ts); host keys of the kinds the machine had are made anew, for those who
 *   check its own.
 */
const furnishScript = `
umask 022
export DEBIAN_FRONTEND=noninteractive
if [ -n "$SANDBOX_PACKAGES" ]; then
  rule=/usr/sbin/policy-rc.d
  if [ -e "$rule" ]; then rule=; else printf '#!/bin/sh\\nexit 101\\n' >"$rule"; chmod 755 "$rule"; fi
  install() { apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold --no-install-recommends install $SANDBOX_PACKAGES; }
  install || { apt-get -qy update && install; }
  [ -z "$rule" ] || rm "$rule"
fi
for user in admin operator nosudo; do
  if grep -q "^$user:" /etc/passwd; then
    usermod --shell /bin/bash --expiredate '' "$user"
  else
    group=
    ! grep -q "^$user:" /etc/group || group="--gid $user"
    useradd --no-create-home --home-dir "/home/$user" --shell /bin/bash $group "$user"
  fi
done
hash=$(printf '%s\\n' "$SANDBOX_PASSWORD" | openssl passwd -6 -stdin)
for file in shadow gshadow; do
  [ -e "/etc/$file" ] || continue
  cat "/etc/$file" >"/run/$file"
  awk -F: -v OFS=: -v hash="$hash" -v file="$file" '
    file == "gshadow" { if ($2 !~ /^[!*]*$/) $2 = "!"; print; next }
    { $2 = $1 == "operator" ? hash : "*" }
    $1 ~ /^(root|admin|operator|nosudo)$/ { $4 = 0; $5 = 99999; $7 = ""; $8 = ""; if ($3 == 0) $3 = 1 }
    { print }' "/run/$file" >"/etc/$file"
done
rm -f /etc/shadow- /etc/gshadow- # useradd's, with the old hashes
mkdir -p -m 750 /etc/sudoers.d
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\\noperator ALL=(ALL:ALL) PASSWD: ALL\\n' >/etc/sudoers.d/zz-play-sandbox
chmod 440 /etc/sudoers.d/zz-play-sandbox
while IFS=: read -r name _ uid gid _ home shell; do
  case $uid:$home in 0:/root | *:/home/?*) ;; *) continue ;; esac
  [ ! -e "$home/.ssh" ] || continue
  [ -d "$home" ] || mkdir -p -m 755 "$home"
  if [ "$uid" = 0 ]; then
    for file in bashrc profile; do [ ! -f "/usr/share/base-files/dot.$file" ] || cp "/usr/share/base-files/dot.$file" "$home/.$file"; done
  elif [ -d /etc/skel ]; then
    cp -r /etc/skel/. "$home"
  fi
  mkdir -m 700 "$home/.ssh"
  printf '%s\\n' "$SANDBOX_KEY" >"$home/.ssh/authorized_keys"
  chmod 600 "$home/.ssh/authorized_keys"
  chown -R "$uid:$gid" "$home"
done </etc/passwd
for kind in $SANDBOX_KEY_KINDS; do
  [ -e "/etc/ssh/ssh_host_\${kind}_key" ] || ssh-keygen -q -N '' -t "$kind" -C "root@$SANDBOX_HOSTNAME" -f "/etc/ssh/ssh_host_\${kind}_key"
done
`;

export interface Furnishing {
  /** Directories to be made where they are missing, with owner and mode as on this machine. */
  readonly directories: readonly string[];
  /** Undefined: the copy has all the rest already. */
  readonly first?: {
    readonly packages: readonly string[];
    /** `rsa`, `ecdsa`: of host keys. */
    readonly keyKinds: readonly string[];
    readonly hostname: string;
  };
}

/** @throws PlayError where a package cannot be had, with what apt said */
export async function furnishCopy(
  fleet: Fleet,
  host: Host,
  network: Network,
  layers: readonly Layer[],
  { directories, first }: Furnishing,
): Promise<void> {
  const name = diskGroupOf(fleet, host);
  await removeCgroup(name);
  for (const { work } of layers) mkdirSync(work, { recursive: true });
  mkdirSync(join(host.directory, 'root'), { recursive: true });
  const procs = makeCgroup(name);
  const enter =
    'for procs; do echo $$ >"$procs" || exit 1; done; exec setpriv --pdeathsig KILL unshare --mount --pid --uts --ipc --propagation private --fork --kill-child sh -ec "$SANDBOX_ROOM"';
  const result = await run(['sh', '-c', enter, 'play-sandbox-copy', ...procs], {
    env: {
      SANDBOX_ROOM: roomScript,
      SANDBOX_DIR: host.directory,
      SANDBOX_LAYERS: layerLines(layers),
      SANDBOX_NET: `/proc/${network.holder}/ns/net`,
      SANDBOX_RIGHTS: ['-all', ...rights.map((right) => `+${right}`)].join(','),
      SANDBOX_REMAKE: remakeScript,
      SANDBOX_DIRECTORIES: directories.map(ownershipLine).join('\n'),
      SANDBOX_FURNISH: first === undefined ? '' : furnishScript,
      SANDBOX_PACKAGES: first?.packages.join(' ') ?? '',
      SANDBOX_KEY_KINDS: first?.keyKinds.join(' ') ?? '',
      SANDBOX_HOSTNAME: first?.hostname ?? '',
      SANDBOX_KEY: readFileSync(`${fleetKey(fleet)}.pub`, 'utf8').trim(),
      SANDBOX_PASSWORD: fleetSecrets(fleet).operatorPassword,
    },
  });
  await removeCgroup(name);

  if (result.code !== 0) {
    throw new PlayError(`Sandbox: the copy of this machine for ${host.name} cannot be made`, {
      hint:
        (first?.packages.length ?? 0) > 0
          ? `It needs ${first?.packages.join(', ')}, which this machine lacks: does \`apt-get update\` work here? --sandbox=pristine is the alternative.`
          : '--sandbox=pristine is the alternative.',
      detail: lastLines(`${result.stdout}${result.stderr}`, 20),
    });
  }
}

function ownershipLine(directory: string): string {
  const { mode, uid, gid } = statSync(directory);
  return `${(mode & 0o7777).toString(8)} ${uid} ${gid} ${directory}`;
}
