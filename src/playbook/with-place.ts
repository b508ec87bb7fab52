import { PlayError, type Location } from '../errors/index.ts';
import type { Placed } from './call-site.ts';

/** Runs what may find a mistake in `owner`, whose place an error is given that has none. */
export function withPlace<T>(owner: Placed, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof PlayError && error.where === undefined ? withWhere(error, owner.at) : error;
  }
}

/** The same error, with the place it was missing. */
export function withWhere(error: PlayError, where: Location | undefined): PlayError {
  if (!where) return error;
  const { message, hint, detail, exitCode, cause } = error;
  return new PlayError(message, {
    where,
    exitCode,
    cause,
    ...(hint === undefined ? {} : { hint }),
    ...(detail === undefined ? {} : { detail }),
  });
}
