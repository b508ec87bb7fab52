/** Files of a copy that are not this machine's, beside those that every host has of its own. */
import { readdirSync } from 'node:fs';
import { noNameService, wayIn, wayInLinks, type OwnFile } from '../own-files.ts';

export const ownFiles: readonly OwnFile[] = [
  {
    path: '/etc/fstab',
    content: '# empty in the sandbox: what this machine mounts is no matter of the copy\n',
    mode: 0o644,
  },
  { path: '/etc/crypttab', content: '', mode: 0o644 },
  { path: '/etc/crontab', content: '', mode: 0o644 },
  { path: '/etc/anacrontab', content: '', mode: 0o644 },
  noNameService,
  ...wayIn,
];

export const ownLinks: readonly { readonly path: string; readonly target: string }[] = [
  ...wayInLinks,
  { path: '/var/lib/dbus/machine-id', target: '/etc/machine-id' },
];

/** `rsa` of `ssh_host_rsa_key`: those this machine has beside ed25519, which every host has. */
export function hostKeyKinds(directory = '/etc/ssh'): string[] {
  return readdirSync(directory)
    .flatMap((name) => /^ssh_host_(\w+)_key$/.exec(name)?.[1] ?? [])
    .filter((kind) => kind !== 'ed25519');
}
