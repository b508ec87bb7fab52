import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { definePlaybook, type Playbook } from '../../../playbook/index.ts';
import { apt, authorizedKey, sudoers, user } from '../../../resources/index.ts';

/** Who is let in, and with which keys. */
export interface Operator {
  readonly account: string;
  /** Lines of public keys. */
  readonly keys: readonly string[];
  /** The private half of the first, where it lies beside it. */
  readonly privateKeyFile: string | undefined;
}

const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * The operator's public keys: the files named, else the public half of the key the inventory logs in with, else the
 * usual one.
 *
 * @throws PlayError when there is none, or a private key was named
 */
export function operatorKeys(
  named: readonly string[],
  privateKeyFile: string | undefined,
): Pick<Operator, 'keys' | 'privateKeyFile'> {
  const guesses = [
    ...(privateKeyFile === undefined ? [] : [`${privateKeyFile}.pub`]),
    ...usual.map((name) => join(homedir(), '.ssh', `${name}.pub`)),
  ];
  const files = named.length > 0 ? named : guesses.filter((file) => existsSync(file)).slice(0, 1);
  const [first] = files;
  if (first === undefined)
    throw new PlayError('There is no public key to install', {
      hint: `Name one with --key FILE.pub, or make one: ssh-keygen -t ed25519. Looked for ${guesses.join(', ')}.`,
    });
  const beside = first.replace(/\.pub$/, '');
  return {
    keys: files.flatMap(publicKeys),
    privateKeyFile: beside !== first && existsSync(beside) ? beside : undefined,
  };
}

function publicKeys(file: string): string[] {
  if (!existsSync(file)) throw new PlayError('There is no such public key', { where: { file }, hint: 'Check --key.' });
  const text = readFileSync(file, 'utf8');
  if (text.includes('PRIVATE KEY'))
    throw new PlayError('This is a private key, which must not be copied to a host', {
      where: { file },
      hint: `Name its public half: --key ${file}.pub`,
    });
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** @throws PlayError for what no system takes for the name of an account */
export function refuseAccount(account: string): void {
  if (!/^[^-:,\s/][^:,\s/]*$/.test(account))
    throw new PlayError(`"${account}" cannot be the name of an account`, {
      hint: 'Name it with --account; else it is ansible_user, the user of play.config.ts, or your own name.',
    });
}

/** What lets the operator work: a play like any other. */
export function bootstrapPlaybook(host: string, { account, keys }: Operator): Playbook {
  const isRoot = account === 'root';
  return definePlaybook({
    name: 'bootstrap',
    hosts: host,
    tasks: () => [
      ...(isRoot
        ? []
        : [
            apt({ name: 'sudo' }, { name: 'sudo' }),
            user({ name: account, shell: '/bin/bash' }, { name: `account ${account}` }),
          ]),
      authorizedKey({ user: account, key: [...keys] }, { name: `key of ${account}` }),
      ...(isRoot
        ? []
        : [
            sudoers(
              { name: `play-${account.replace(/[.~]/g, '-')}`, user: account, runas: 'ALL:ALL', commands: 'ALL' },
              { name: `sudo of ${account}` },
            ),
          ]),
    ],
  });
}
