import { accessSync, constants, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { SecretText, Target } from '../connection/index.ts';
import { PlayError, nearest } from '../errors/index.ts';
import { splitWords, type Inventory } from '../inventory/index.ts';
import type { ConnectionFlags, ConnectionName } from '../options/connection-flags.ts';
import { HostVariables } from '../project/variables.ts';
import { refuseUnsupported } from './connection-variables.ts';

const transports: Readonly<Record<string, Target['transport']>> = {
  'auto': 'auto',
  'ssh': 'auto',
  'smart': 'auto',
  'ansible.builtin.ssh': 'auto',
  'ssh2': 'ssh2',
  'paramiko': 'ssh2',
  'paramiko_ssh': 'ssh2',
  'openssh': 'openssh',
  'local': 'local',
  'ansible.builtin.local': 'local',
} satisfies Record<ConnectionName, Target['transport']> & Record<string, Target['transport']>;

/** What was asked for at the terminal, once for all hosts. */
export interface AskedLogin {
  readonly password?: SecretText | undefined;
  readonly passphrase?: Target['passphrase'];
}

/** The limits of a host, by the option that sets them for all; its own variable is called `play_...`. */
const limitFlags = { startTimeout: 'start', answerTimeout: 'answer', taskTimeout: 'task', maxAnswer: 'bytes' } as const;
export type LimitFlag = keyof typeof limitFlags;

type TargetFlags = Pick<
  ConnectionFlags,
  | 'user'
  | 'connection'
  | 'privateKey'
  | 'timeout'
  | LimitFlag
  | 'sshCommonArgs'
  | 'sshExtraArgs'
  | 'knownHostsFile'
  | 'acceptNewHostKeys'
>;

/**
 * How a host is reached, from its inventory variables and, where they say nothing, the command line: Ansible's
 * precedence.
 *
 * @throws PlayError for a variable that cannot be honoured
 */
export function targetOf(inventory: Inventory, host: string, flags: TargetFlags, asked: AskedLogin = {}): Target {
  const variables = new HostVariables(inventory, host);
  refuseUnsupported(variables);
  const port = variables.port('ansible_port', 'ansible_ssh_port');
  const user = variables.account('ansible_user', 'ansible_ssh_user') ?? flags.user;
  const password = variables.secret('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password') ?? asked.password;
  const privateKeyFile = keyFile(variables, flags.privateKey);
  const connectTimeout = variables.integer('ansible_timeout', 'ansible_ssh_timeout') ?? flags.timeout;
  const retries = variables.count('ansible_ssh_retries');
  const sshArgs = [
    ...sshWords(variables, 'ansible_ssh_args', undefined),
    ...sshWords(variables, 'ansible_ssh_common_args', flags.sshCommonArgs),
    ...sshWords(variables, 'ansible_ssh_extra_args', flags.sshExtraArgs),
  ];
  return {
    name: host,
    transport: transportOf(variables, flags.connection),
    address: variables.address('ansible_host', 'ansible_ssh_host') ?? host,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(sshArgs.length === 0 ? {} : { sshArgs }),
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
    ...(retries === undefined ? {} : { retries }),
    ...limitsOf(flags, (name) => variables.integer(name)),
    ...(asked.passphrase === undefined ? {} : { passphrase: asked.passphrase }),
    ...(flags.knownHostsFile === undefined ? {} : { knownHostsFiles: [flags.knownHostsFile] }),
    ...(flags.acceptNewHostKeys ? { acceptNewHostKeys: true } : {}),
  };
}

/** @param variable a variable of the host, if it has that */
export function limitsOf(
  flags: Pick<ConnectionFlags, LimitFlag>,
  variable: (name: string) => number | undefined = () => undefined,
): Pick<Target, 'limits'> {
  const given = (Object.keys(limitFlags) as LimitFlag[]).flatMap((flag) => {
    const value = variable(limitVariable(flag)) ?? flags[flag];
    return value === undefined ? [] : [[limitFlags[flag], flag === 'maxAnswer' ? value * 1024 * 1024 : value] as const];
  });
  return given.length === 0 ? {} : { limits: Object.fromEntries(given) };
}

/** @example limitVariable('startTimeout')  // play_start_timeout */
function limitVariable(flag: LimitFlag): string {
  return `play_${flag.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

function transportOf(variables: HostVariables, flag: ConnectionName | undefined): Target['transport'] {
  const named = variables.text('ansible_connection');
  if (named === undefined) return transports[flag ?? 'auto'] ?? 'auto';
  const transport = transports[named];
  if (transport !== undefined) return transport;
  const close = nearest(named, ['ssh', 'ssh2', 'openssh', 'local']);
  throw variables.wrong(
    'ansible_connection',
    `is "${named}", which play does not have`,
    close.length > 0 ? `Did you mean "${close[0]}"?` : 'It has ssh, ssh2, openssh and local.',
  );
}

/** The variable's words, else those of the command line: as in Ansible, one of them counts, not both. */
function sshWords(variables: HostVariables, name: string, flag: string | undefined): string[] {
  const fromVariable = variables.text(name);
  if (fromVariable === undefined) return typedSshWords(name.replace('ansible_', '--').replaceAll('_', '-'), flag);
  const words = splitWords(fromVariable);
  if (typeof words !== 'string') return words.map(({ text }) => text);
  throw variables.wrong(name, `cannot be split into words: ${words}`);
}

/** Arguments for ssh as they are typed. @param option its name, for the error */
export function typedSshWords(option: string, value = ''): string[] {
  const words = splitWords(value);
  if (typeof words !== 'string') return words.map(({ text }) => text);
  throw new PlayError(`${option} cannot be split into words: ${words}`, { hint: 'Check its quotes.' });
}

/**
 * A key that is not there is found before any host is asked: ssh would go on with those it has, and then ask for a
 * password. The public half is enough where an agent holds the other (ssh_config(5), IdentityFile).
 */
function keyFile(variables: HostVariables, flag: string | undefined): string | undefined {
  const names = ['ansible_private_key_file', 'ansible_ssh_private_key_file'];
  const fromVariable = variables.text(...names);
  const written = fromVariable ?? flag;
  if (written === undefined) return undefined;
  const path = keyPath(written);
  try {
    accessSync(existsSync(path) ? path : `${path}.pub`, constants.R_OK);
  } catch (thrown) {
    const why = `cannot be read (${thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'})`;
    const hint = `Check its path and its permissions. Where an agent holds the key, its public half is enough: ${path}.pub`;
    const name = names.findLast((one) => variables.has(one));
    if (fromVariable !== undefined && name !== undefined)
      throw variables.wrong(name, why, `The file is ${path}. ${hint}`);
    throw new PlayError(`The private key ${path} ${why}`, { where: '--private-key', hint });
  }
  return path;
}

/** As Ansible expands it: `~`, and otherwise relative to the working directory. */
function keyPath(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(userInfo().homedir, path.slice(1));
  if (path.startsWith('~'))
    throw new PlayError(`The private key "${path}" is in another user's home`, { hint: 'Write its whole path.' });
  return resolve(path);
}
