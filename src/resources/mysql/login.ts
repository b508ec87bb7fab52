import * as v from 'valibot';
import type { Found, Step } from '../../contract/index.ts';
import { reveal, type Secret } from '../../secrets/index.ts';
import { flag, path, secretText, text } from '../kit/schemas.ts';
import { clientSh, type FromMysql, type MysqlLogin } from './mysql.probe.ts';

/** How a server is reached, and as whom: options that all resources of MariaDB share. */
export const loginOptions = {
  loginUser: v.optional(
    text(
      "The account to log in to the server with. Default: what `configFile` says, else the task's account; the server knows root by its name (Debian's MariaDB).",
    ),
  ),
  loginPassword: v.optional(secretText('Its password. Use a Secret. It appears on no command line and in no file.')),
  loginHost: v.optional(
    text("The server's address, as seen from the host. Default: the local server, through its socket."),
  ),
  loginPort: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(65535),
      v.description('Port of the server at `loginHost`. Default 3306.'),
    ),
  ),
  loginUnixSocket: v.optional(path("The server's socket. Default: the usual one.")),
  configFile: v.optional(path('An option file for the client, on the host. Default: `~/.my.cnf`, if it exists.')),
  checkImplicitAdmin: flag("First try root without a password: for the task that sets root's password.", false),
};

interface LoginOptions {
  readonly loginUser?: string | undefined;
  readonly loginPassword?: string | Secret | undefined;
  readonly loginHost?: string | undefined;
  readonly loginPort?: number | undefined;
  readonly loginUnixSocket?: string | undefined;
  readonly configFile?: string | undefined;
  readonly checkImplicitAdmin: boolean;
}

/** What is wrong with these options taken together. */
export function faultOfLogin({
  loginPassword,
  loginUser,
  loginPort,
  loginHost,
}: Partial<LoginOptions>): string | undefined {
  if (loginPassword !== undefined && loginUser === undefined) return '`loginPassword` needs `loginUser`';
  return loginPort !== undefined && loginHost === undefined ? '`loginPort` needs `loginHost`' : undefined;
}

/** The login of a task, and its other options. */
export function loginOf<O extends LoginOptions>({
  loginUser,
  loginPassword,
  loginHost,
  loginPort,
  loginUnixSocket,
  configFile,
  checkImplicitAdmin,
  ...rest
}: O): { readonly login: MysqlLogin; readonly rest: Omit<O, keyof LoginOptions> } {
  const password = loginPassword === undefined ? undefined : reveal(loginPassword);
  return {
    login: {
      host: loginHost ?? '',
      port: loginPort === undefined ? '' : String(loginPort),
      socket: loginUnixSocket ?? '',
      config: configFile ?? '',
      user: loginUser ?? '',
      isImplicit: checkImplicitAdmin,
      secretFile:
        password === undefined
          ? ''
          : `${configFile === undefined ? '' : `!include ${configFile}\n`}[client]\npassword=${optionValue(password)}\n`,
    },
    rest,
  };
}

/** A value as option files have it (MariaDB's manual, "Option File Syntax"). */
function optionValue(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** Which server it is, for what a task manages. */
export function serverOf({ host, port, socket }: MysqlLogin): string {
  if (socket !== '') return ` at ${socket}`;
  return host === '' ? '' : ` at ${host}${port === '' ? '' : `:${port}`}`;
}

const script = `${clientSh}
host=$1 port=$2 socket=$3 config=$4 user=$5 implicit=$6
IFS= read -r encoded
my`;

/** Runs statements on the server. They come by stdin, behind the password: both may be secret. */
export function runSql(login: MysqlLogin, statements: readonly string[], label: string): Step {
  const { host, port, socket, config, user, isImplicit, secretFile } = login;
  const sql = ["SET SESSION sql_mode = '';", ...statements].join('\n');
  return {
    script,
    args: [host, port, socket, config, user, isImplicit ? 'y' : ''],
    stdin: Buffer.from(`${Buffer.from(secretFile).toString('base64')}\n${sql}\n`),
    label,
  };
}

/** What the server said. In check mode one that is not there yet may be by then: it is taken to be new. */
export function answered<A extends object>(answer: FromMysql<A>, fresh: A, found: Found): A {
  if (!('down' in answer)) return answer;
  found.presume(false, {
    failure: `MariaDB cannot be asked: ${answer.down}`,
    hint: answer.down.endsWith('installed')
      ? "Install it before: apt({ name: 'mariadb-server' })"
      : "Make sure that it runs (systemd({ name: 'mariadb', state: 'started' })) and that it knows the account: as root by its socket, or by `loginUser` and `loginPassword`.",
    by: 'changes',
    assume: 'MariaDB, as a new server, answers',
  });
  return fresh;
}
