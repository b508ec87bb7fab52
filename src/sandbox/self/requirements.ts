/** What this machine has to be for a copy of it to boot. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';

const needed: readonly { readonly files: readonly string[]; readonly missing: string }[] = [
  { files: ['etc/debian_version'], missing: 'it is neither Debian nor made from it (there is no /etc/debian_version)' },
  { files: ['usr/bin/dpkg'], missing: 'it has no dpkg' },
  { files: ['usr/bin/apt-get'], missing: 'it has no apt' },
  {
    files: ['usr/lib/systemd/systemd', 'lib/systemd/systemd'],
    missing: 'it has no systemd (package systemd), which the copy boots with',
  },
];

/** @throws PlayError naming all that is missing */
export function refuseUncopyable(root = '/'): void {
  const missing = needed
    .filter(({ files }) => !files.some((file) => existsSync(join(root, file))))
    .map((one) => one.missing);
  if (missing.length === 0) return;
  throw new PlayError(`Sandbox: this machine cannot be copied: ${missing.join('; ')}`, {
    hint: 'Alternatives: --sandbox=pristine, a Debian of its own instead of a copy; a virtual machine named in the inventory; check mode (`-C --diff`) against the real host.',
  });
}

/**
 * Program -> Debian package: what a host is reached and worked on with. Where the machine lacks one, the copy alone
 * gets it.
 */
const inCopy: readonly { readonly files: readonly string[]; readonly name: string }[] = [
  { files: ['/usr/sbin/sshd'], name: 'openssh-server' },
  { files: ['/usr/bin/sudo'], name: 'sudo' },
  { files: ['/usr/bin/openssl'], name: 'openssl' },
  { files: ['/usr/bin/dbus-daemon', '/usr/bin/dbus-broker'], name: 'dbus' },
];

export function packagesForCopy(): string[] {
  return inCopy.filter(({ files }) => !files.some((file) => existsSync(file))).map(({ name }) => name);
}
