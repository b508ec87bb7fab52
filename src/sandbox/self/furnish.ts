/**
 * The part of making a copy that is done from inside it, before it ever boots: accounts, homes, packages, host keys.
 */
import { readFileSync, statSync } from 'node:fs';
import { PlayError } from '../../errors/index.ts';
import { lastLines } from '../command.ts';
import { homesSh } from '../homes.ts';
import type { Network } from '../network.ts';
import { runInRoom } from '../room.ts';
import { fleetKey } from '../ssh-access.ts';
import { fleetSecrets, type Fleet, type Host } from '../state.ts';
import type { Layer } from '../upper-layer.ts';

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
${homesSh}for kind in $SANDBOX_KEY_KINDS; do
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
  const result = await runInRoom({
    fleet,
    host,
    network,
    layers,
    env: {
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
