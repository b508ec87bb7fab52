import { basename } from 'node:path';
import { HostKeyChanged, Unreachable } from '../connection/index.ts';
import { ExitCode, PlayError, locationText } from '../errors/index.ts';

/** Why a host could not be reached, short enough for one line. @example shortReason(error, 'web1') // 'host key changed (known_hosts:41)' */
export function shortReason(error: PlayError, host: string): string {
  const where = error.where === undefined ? '' : locationText(error.where);
  if (error instanceof HostKeyChanged)
    return `host key ${error.message.endsWith('revoked') ? 'revoked' : 'changed'} (${basename(where)})`;
  const [first = ''] = error.message.split('\n');
  // The line begins with the host's name already.
  return first.startsWith(`${host} `) ? first.slice(host.length + 1) : first;
}

/** What was thrown over one host: a fault of play itself is told beside its name too, and others go on. */
export function asPlayError(thrown: unknown): PlayError {
  if (thrown instanceof PlayError) return thrown;
  const [what, stack] =
    thrown instanceof Error ? [`${thrown.name}: ${thrown.message}`, thrown.stack] : [String(thrown), undefined];
  return new PlayError(`internal error: ${what}`, {
    exitCode: ExitCode.internal,
    cause: thrown,
    hint: 'This is a bug in play: report it.',
    ...(stack === undefined ? {} : { detail: stack }),
  });
}

/** The exit code that a host's failure asks for. */
export function exitCodeOf(error: PlayError): ExitCode {
  if (error.exitCode === ExitCode.internal) return ExitCode.internal;
  return error instanceof Unreachable ? ExitCode.unreachable : ExitCode.hostFailed;
}
