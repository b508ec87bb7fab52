import { basename } from 'node:path';
import { HostKeyChanged } from '../connection/index.ts';
import { PlayError, locationText } from '../errors/index.ts';

/** Why a host could not be reached, short enough for one line. @example host key changed (known_hosts:41) */
export function shortReason(error: PlayError, host: string): string {
  const where = error.where === undefined ? '' : locationText(error.where);
  if (error instanceof HostKeyChanged) return `host key ${error.message.endsWith('revoked') ? 'revoked' : 'changed'} (${basename(where)})`;
  const [first = ''] = error.message.split('\n');
  // The line begins with the host's name already.
  return first.startsWith(`${host} `) ? first.slice(host.length + 1) : first;
}

/** @throws what is no PlayError: a fault of play itself */
export function asPlayError(thrown: unknown): PlayError {
  if (thrown instanceof PlayError) return thrown;
  throw thrown;
}
