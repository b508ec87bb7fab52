import * as v from 'valibot';
import { reveal, type Secret } from '../../secrets/index.ts';
import { path, secretText, text } from '../kit/schemas.ts';
import type { PostgresqlLogin } from './postgresql.probe.ts';

/** How a cluster is reached, and as whom: options that all resources of PostgreSQL share. */
export const loginOptions = {
  port: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(65535),
      v.description('Port of the cluster. Default: the usual one.'),
    ),
  ),
  loginHost: v.optional(text('The host of the cluster, as seen from the host. Default: its own, by the socket.')),
  loginUnixSocket: v.optional(path('The folder of the socket. Default: the usual one.')),
  loginUser: v.optional(
    text(
      'The role to log in with. Without a password it is the account of that name that asks, over the socket. Default `postgres`; where the task has another account than root, that one.',
    ),
  ),
  loginPassword: v.optional(secretText('Its password. Give a Secret. It is in no command line and no file.')),
};

interface LoginOptions {
  readonly port?: number | undefined;
  readonly loginHost?: string | undefined;
  readonly loginUnixSocket?: string | undefined;
  readonly loginUser?: string | undefined;
  readonly loginPassword?: string | Secret | undefined;
}

/** What is wrong with these options taken together. */
export function faultOfLogin({
  loginHost,
  loginUnixSocket,
  loginUser,
  loginPassword,
}: LoginOptions): string | undefined {
  if (loginPassword !== undefined && loginUser === undefined) return '`loginPassword` belongs to `loginUser`';
  return loginHost !== undefined && loginUnixSocket !== undefined
    ? 'give either `loginHost` or `loginUnixSocket`'
    : undefined;
}

/** The login of a task. */
export function loginOf({ port, loginHost, loginUnixSocket, loginUser, loginPassword }: LoginOptions): PostgresqlLogin {
  return {
    port: port === undefined ? '' : String(port),
    host: loginHost ?? loginUnixSocket ?? '',
    user: loginUser ?? '',
    password: loginPassword === undefined ? '' : reveal(loginPassword),
  };
}

/** Which cluster it is, for what a task manages. */
export function clusterOf({ port, host }: PostgresqlLogin): string {
  return `${host === '' ? '' : ` on ${host}`}${port === '' ? '' : ` at port ${port}`}`;
}
