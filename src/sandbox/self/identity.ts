/** Files of a copy that are not this machine's, beside those that every host has of its own. */
import { readdirSync } from 'node:fs';

interface OwnFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** sshd's own settings in a copy: the machine's may name other ports, addresses and users, and would keep us out. */
const sshdSettings = `# The way in for play. /etc/ssh/sshd_config is this machine's, and not read here: check it by \`sshd -t\`.
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
`;

const sshService = `[Service]
EnvironmentFile=
RuntimeDirectory=sshd
RuntimeDirectoryMode=0755
ExecStartPre=
ExecStart=
ExecStart=/usr/sbin/sshd -D -f /etc/ssh/play-sandbox.conf
ExecReload=
ExecReload=/usr/sbin/sshd -t -f /etc/ssh/play-sandbox.conf
ExecReload=/bin/kill -HUP $MAINPID
`;

export const ownFiles: readonly OwnFile[] = [
  {
    path: '/etc/fstab',
    content: '# empty in the sandbox: what this machine mounts is no matter of the copy\n',
    mode: 0o644,
  },
  { path: '/etc/crypttab', content: '', mode: 0o644 },
  { path: '/etc/crontab', content: '', mode: 0o644 },
  { path: '/etc/anacrontab', content: '', mode: 0o644 },
  { path: '/etc/resolv.conf', content: '# no name service in the sandbox: /etc/hosts knows its hosts\n', mode: 0o644 },
  { path: '/etc/ssh/play-sandbox.conf', content: sshdSettings, mode: 0o644 },
  { path: '/etc/systemd/system/ssh.service.d/zz-play-sandbox.conf', content: sshService, mode: 0o644 },
];

export const ownLinks: readonly { readonly path: string; readonly target: string }[] = [
  { path: '/etc/systemd/system/multi-user.target.wants/ssh.service', target: '/lib/systemd/system/ssh.service' },
  { path: '/var/lib/dbus/machine-id', target: '/etc/machine-id' },
];

/** `rsa` of `ssh_host_rsa_key`: those this machine has beside ed25519, which every host has. */
export function hostKeyKinds(directory = '/etc/ssh'): string[] {
  return readdirSync(directory)
    .flatMap((name) => /^ssh_host_(\w+)_key$/.exec(name)?.[1] ?? [])
    .filter((kind) => kind !== 'ed25519');
}
