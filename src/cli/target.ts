import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Target } from '../connection/index.ts';
import { PlayError, nearest } from '../errors/index.ts';
import type { Inventory } from '../inventory/index.ts';
import { splitWords } from '../inventory/shell-words.ts';
import type { ConnectionName, Flags } from './flags.ts';
import { HostVariables } from './variables.ts';

const transports: Readonly<Record<string, Target['transport']>> = {
  auto: 'auto',
  ssh: 'auto',
  smart: 'auto',
  'ansible.builtin.ssh': 'auto',
  ssh2: 'ssh2',
  paramiko: 'ssh2',
  paramiko_ssh: 'ssh2',
  openssh: 'openssh',
  local: 'local',
  'ansible.builtin.local': 'local',
} satisfies Record<ConnectionName, Target['transport']> & Record<string, Target['transport']>;

/** Variables that would change how a host is reached and that play cannot honour: an error, since ignoring them would surprise. */
const refused: Readonly<Record<string, string>> = {
  ansible_become_exe: 'Name the method with ansible_become_method; its program is found by PATH.',
  ansible_become_flags: 'play gives the flags it needs.',
  ansible_ssh_executable: 'play uses ssh2, or the `ssh` of PATH.',
  ansible_host_key_checking: 'Unknown keys are accepted with --accept-new-host-keys; a changed one is refused always.',
  ansible_ssh_host_key_checking: 'Unknown keys are accepted with --accept-new-host-keys; a changed one is refused always.',
  ansible_ssh_private_key: 'Put the key into a file and name it in ansible_ssh_private_key_file, or add it to your agent.',
};

/**
 * How a host is reached, from its inventory variables and, where they say nothing, the command line: Ansible's precedence.
 *
 * @throws PlayError for a variable that cannot be honoured
 */
export function targetOf(inventory: Inventory, host: string, flags: Flags): Target {
  const variables = new HostVariables(inventory, host);
  for (const [name, hint] of Object.entries(refused)) if (variables.has(name)) throw variables.wrong(name, 'is not supported', hint);
  const port = variables.integer('ansible_port', 'ansible_ssh_port');
  const user = variables.text('ansible_user', 'ansible_ssh_user') ?? flags.user;
  const password = variables.secret('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password');
  const privateKeyFile = variables.text('ansible_private_key_file', 'ansible_ssh_private_key_file') ?? flags.privateKey;
  const connectTimeout = variables.integer('ansible_timeout', 'ansible_ssh_timeout') ?? flags.timeout;
  const sshArgs = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'].flatMap((name) => sshWords(variables, name));
  return {
    name: host,
    transport: transportOf(variables, flags.connection),
    address: variables.text('ansible_host', 'ansible_ssh_host') ?? host,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile: keyPath(privateKeyFile) }),
    ...(sshArgs.length === 0 ? {} : { sshArgs }),
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
    ...(flags.acceptNewHostKeys ? { acceptNewHostKeys: true } : {}),
  };
}

function transportOf(variables: HostVariables, flag: ConnectionName | undefined): Target['transport'] {
  const named = variables.text('ansible_connection');
  if (named === undefined) return transports[flag ?? 'auto'] ?? 'auto';
  const transport = transports[named];
  if (transport !== undefined) return transport;
  const close = nearest(named, ['ssh', 'ssh2', 'openssh', 'local']);
  throw variables.wrong('ansible_connection', `is "${named}", which play does not have`, close.length > 0 ? `Did you mean "${close[0]}"?` : 'It has ssh, ssh2, openssh and local.');
}

function sshWords(variables: HostVariables, name: string): string[] {
  const words = splitWords(variables.text(name) ?? '');
  if (typeof words === 'string') throw variables.wrong(name, `cannot be split into words: ${words}`);
  return words.map(({ text }) => text);
}

/** As Ansible expands it: `~`, and otherwise relative to the working directory. */
function keyPath(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(userInfo().homedir, path.slice(1));
  if (path.startsWith('~')) throw new PlayError(`The private key "${path}" is in another user's home`, { hint: 'Write its whole path.' });
  return resolve(path);
}
