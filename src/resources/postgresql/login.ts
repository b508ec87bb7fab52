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
  loginHost: v.optional(
    text("The cluster's address, as seen from the host. Default: the local cluster, through its socket."),
  ),
  loginUnixSocket: v.optional(path('The folder of the socket. Default: the usual one.')),
  loginUser: v.optional(
    text(
      "The role to log in with. Without a password, the account of that name connects through the socket. Default `postgres`; if the task's account is not root, that account.",
    ),
  ),
  loginPassword: v.optional(secretText('Its password. Use a Secret. It appears on no command line and in no file.')),
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
  if (loginPassword !== undefined && loginUser === undefined) return '`loginPassword` needs `loginUser`';
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
