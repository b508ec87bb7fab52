import { Unreachable } from './errors.ts';
import type { SshSettings } from './ssh-settings.ts';

function placeOf(settings: SshSettings): string {
  return `${settings.host}:${settings.port}`;
}

/** No answer in time. */
export function timedOut(hostName: string, settings: SshSettings): Unreachable {
  return new Unreachable(`${hostName} did not answer within ${settings.connectTimeout} s`, {
    where: placeOf(settings),
    silentHost: hostName,
    hint: 'Is it up, the address right, and no firewall in between? ConnectTimeout in ssh_config gives it longer.',
  });
}

/** A jump host found nobody there: SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1). */
const isRefusedTunnel = (error: Error): boolean => 'reason' in error && error.reason === 2;

/** By these errors nobody is at the address. */
const silence = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'];

/** What a failed socket or a broken handshake means. */
export function networkError(hostName: string, settings: SshSettings, error: Error): Unreachable {
  const code = codeOf(error);
  const where = placeOf(settings);
  // Where our own network or resolver fails, nothing is known of the host.
  const isSilent = (code !== undefined && silence.includes(code)) || isRefusedTunnel(error);
  const silent = isSilent ? { silentHost: hostName } : {};
  const fail = (what: string, hint: string) => new Unreachable(what, { where, hint, cause: error, ...silent });
  switch (code) {
    case 'ECONNREFUSED':
      return fail(`${hostName} refused the connection to ${where}`, 'Does sshd listen on that port?');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        `the name ${settings.host}${settings.host === hostName ? '' : ` of ${hostName}`} cannot be resolved`,
        'Check the name, or set ansible_host to an address.',
      );
    case 'ETIMEDOUT':
      return timedOut(hostName, settings);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return fail(`there is no route to ${hostName} (${where})`, 'Is it up, and are you in the right network (VPN)?');
    default:
      return new Unreachable(`the connection to ${hostName} failed: ${error.message}`, {
        where,
        cause: error,
        ...silent,
        hint: `Try: ssh -v -p ${settings.port} ${settings.user}@${settings.host}`,
      });
  }
}

/** Node joins the errors of several addresses into one without a message of its own. */
function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError && error.errors[0] instanceof Error ? codeOf(error.errors[0]) : undefined;
}

/** The host did not accept our credentials. */
export class NotLetIn extends Unreachable {
  override name = 'NotLetIn';
}

/** The host accepted none of our credentials. */
export function authenticationFailed(
  hostName: string,
  settings: SshSettings,
  tried: readonly string[],
  offered: readonly string[],
  notes: readonly string[],
): NotLetIn {
  const detail = [
    `tried: ${tried.length === 0 ? 'nothing, there was no key and no password to try' : tried.join(', ')}`,
    ...(offered.length === 0 ? [] : [`the host takes: ${offered.join(', ')}`]),
    ...notes,
  ];
  return new NotLetIn(`${hostName} did not let ${settings.user} in`, {
    where: placeOf(settings),
    hint: 'Is it the right user and key? A key in the agent (ssh-add), --private-key, or -k for a password.',
    detail: detail.join('\n'),
  });
}
