import { apt, authorizedKey, command, copy, file, shell, slurp, type Task } from 'play';
import { quoted } from '../kit/quoted.ts';

/** A copy from one host to another that goes through neither this machine nor a password. */
export interface HostCopy {
  /** The host that is read, and the one that reads, by their names in the inventory. */
  readonly from: string;
  readonly to: string;
  /** The first, as the second reaches it. */
  readonly address: string;
  readonly sshPort: number;
  /** Who is logged in as there. Others than root need sudo without a password. */
  readonly login: string;
  /** The folders that may be read. */
  readonly paths: readonly string[];
  /** When the key ends by itself, should nobody be there to remove it. */
  readonly hours: number;
}

/** The folder of the host that reads: its key, and the host keys of the other. */
const keyFolder = ({ from }: HostCopy): string => `/root/.play-move-from-${from}`;
/** The folder of the host that is read. */
const serverFolder = ({ to }: HostCopy): string => `/run/play-move-to-${to}`;
/** By which the key is found again. */
const markOf = ({ to }: HostCopy): string => `play-move-to-${to}`;

/** rsync's own server, over ssh and not on a port, which gives nothing but these folders. */
const serverConfig = (paths: readonly string[]): string =>
  ['uid = root', 'gid = root', 'use chroot = no', 'numeric ids = no', 'read only = yes', 'list = no']
    .concat(paths.flatMap((path, i) => [`[${i}]`, `path = ${path}`]))
    .map((line) => `${line}\n`)
    .join('');

/** Makes a key on the host of the play, and lets it in on the other for these folders alone. */
export function letIn(between: HostCopy): Task[] {
  const { from, login, paths, hours } = between;
  const [here, there, mark] = [keyFolder(between), serverFolder(between), markOf(between)];
  const other = { delegateTo: from };
  const key = slurp({ src: `${here}/key.pub` }, { name: 'the key' });
  const hostKeys = command(
    { argv: ['sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub'], changes: 'never' },
    { ...other, name: `host keys of ${from}` },
  );
  // In the time of that host, by which sshd reads it.
  const until = command(
    { argv: ['date', '-d', `+${hours} hours`, '+%Y%m%d%H%M'], changes: 'never' },
    { ...other, name: 'when it ends' },
  );
  const serve = `${login === 'root' ? '' : 'sudo -n '}rsync --server --daemon --config=${there}/rsyncd.conf .`;
  return [
    apt({ name: ['rsync', 'openssh-client'], installRecommends: false }),
    apt({ name: 'rsync' }, other),
    file({ path: here, state: 'directory', owner: 'root', group: 'root', mode: '0700' }),
    command(
      {
        argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', mark, '-f', `${here}/key`],
        creates: `${here}/key.pub`,
      },
      { name: 'make a key' },
    ),
    key,
    hostKeys,
    copy({
      dest: `${here}/known_hosts`,
      mode: '0600',
      content: ({ results }) =>
        results(hostKeys)
          .stdoutLines.map((line) => `${mark} ${line}\n`)
          .join(''),
    }),
    file({ path: there, state: 'directory', owner: 'root', group: 'root', mode: '0700' }, other),
    copy({ dest: `${there}/rsyncd.conf`, content: serverConfig(paths), mode: '0600' }, other),
    until,
    authorizedKey(
      {
        user: login,
        key: ({ results }) => results(key).text,
        keyOptions: ({ results }) => `restrict,expiry-time="${results(until).stdout}",command="${serve}"`,
      },
      { ...other, name: `let it in on ${from}, for these folders alone` },
    ),
  ];
}

/** Takes the key away on both sides. */
export function shutOut(between: HostCopy): Task[] {
  const { from, login } = between;
  const other = { delegateTo: from };
  return [
    shell(
      {
        cmd: `sed -i ${quoted(`/ ${markOf(between)}$/d`)} ~/.ssh/authorized_keys`,
        onlyIf: `grep -qs -e ${quoted(` ${markOf(between)}$`)} ~/.ssh/authorized_keys`,
      },
      { ...other, becomeUser: login, name: `let the key in no more on ${from}` },
    ),
    file({ path: serverFolder(between), state: 'absent' }, other),
    file({ path: keyFolder(between), state: 'absent' }),
  ];
}

function rsync(between: HostCopy, path: string, more: readonly string[]): string[] {
  const { address, sshPort, login, paths } = between;
  const [here, mark] = [keyFolder(between), markOf(between)];
  const ssh = [
    `ssh -F none -i ${here}/key -p ${sshPort} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes`,
    `-o UserKnownHostsFile=${here}/known_hosts -o HostKeyAlias=${mark} -o ServerAliveInterval=30`,
  ].join(' ');
  const source = `${login}@${address.includes(':') ? `[${address}]` : address}::${paths.indexOf(path)}/`;
  return ['rsync', '-aHAX', '--delete', '--mkpath', ...more, '-e', ssh, source, `${path}/`];
}

/** Copies the folders to the same paths of the host of the play; what is there besides goes. */
export function copyFolders(between: HostCopy, isInUse: boolean): Task[] {
  return between.paths.map((path) =>
    command(
      { argv: rsync(between, path, ['--stats']), changes: 'always' },
      {
        name: `copy ${path}`,
        // 24: files went away meanwhile.
        ...(isInUse ? { failedWhen: ({ result }) => result.rc !== 0 && result.rc !== 24 } : {}),
      },
    ),
  );
}

/** Compares all bytes, names, owners, permissions and times of both sides. */
export function compareFolders(between: HostCopy): Task[] {
  return between.paths.map((path) =>
    command(
      { argv: rsync(between, path, ['--checksum', '--dry-run', '--itemize-changes']), changes: 'always' },
      {
        name: `${path} is the same on both hosts`,
        changedWhen: false,
        failedWhen: ({ result }) => result.rc !== 0 || result.stdout !== '',
      },
    ),
  );
}
