/** Files that a host made after something else has of its own, so that it can be reached. */

export interface OwnFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** sshd's own settings: those of the machine or host may name other ports, addresses and users, and would keep us out. */
const sshdSettings = `# The way in for play. /etc/ssh/sshd_config is not read here: check it by \`sshd -t\`.
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

/** How play gets in. */
export const wayIn: readonly OwnFile[] = [
  { path: '/etc/ssh/play-sandbox.conf', content: sshdSettings, mode: 0o644 },
  { path: '/etc/systemd/system/ssh.service.d/zz-play-sandbox.conf', content: sshService, mode: 0o644 },
];

export const wayInLinks: readonly { readonly path: string; readonly target: string }[] = [
  { path: '/etc/systemd/system/multi-user.target.wants/ssh.service', target: '/lib/systemd/system/ssh.service' },
];

export const noNameService: OwnFile = {
  path: '/etc/resolv.conf',
  content: '# no name service in the sandbox: /etc/hosts knows its hosts\n',
  mode: 0o644,
};
