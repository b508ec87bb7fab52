import { ExitCode } from './exit-code.ts';

/** A place in a file; `line` and `column` count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What an error says besides its message. */
export interface PlayErrorData {
  /** Where it went wrong: a place in a file, or words such as `web1, task "reload nginx"`. */
  readonly where?: Location | string;
  /** What the reader should do about it, as a sentence. */
  readonly hint?: string;
  /** Further lines: an excerpt, the end of stderr. */
  readonly detail?: string;
  /** The exit code of a run that ends with it. Default 1: something is wrong before a host is touched. */
  readonly exitCode?: ExitCode;
  /** The error that caused it. */
  readonly cause?: unknown;
}

/**
 * An error meant for people: what is wrong, where, and what to do. Anything else that is thrown is a bug in play itself
 * (exit code 250).
 *
 * @example throw new PlayError('Unknown tag "promtheus"', { hint: 'Did you mean "prometheus"?' })
 */
export class PlayError extends Error {
  // Spelt out, as in all that extend it: the build shortens the names of classes.
  /** Its class. */
  override name = 'PlayError';
  /** Where it went wrong. */
  readonly where: Location | string | undefined;
  /** What the reader should do about it. */
  readonly hint: string | undefined;
  /** Further lines. */
  readonly detail: string | undefined;
  /** The exit code of a run that ends with it. */
  readonly exitCode: ExitCode;

  constructor(what: string, data: PlayErrorData = {}) {
    super(what, data.cause === undefined ? undefined : { cause: data.cause });
    this.where = data.where;
    this.hint = data.hint;
    this.detail = data.detail;
    this.exitCode = data.exitCode ?? ExitCode.usage;
  }
}

/** `file:line:col`, as far as it is known. */
export function locationText(where: Location | string): string {
  if (typeof where === 'string') return where;
  return [where.file, where.line, where.line === undefined ? undefined : where.column]
    .filter((part) => part !== undefined)
    .join(':');
}
