import { PlayError } from '../errors/index.ts';
import type { Placed } from './call-site.ts';

/** Runs what may find a mistake in `owner`, whose place an error is given that has none. */
export function withPlace<T>(owner: Placed, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof PlayError) || error.where !== undefined || !owner.at) throw error;
    const { message, hint, detail, exitCode, cause } = error;
    throw new PlayError(message, { where: owner.at, exitCode, cause, ...(hint === undefined ? {} : { hint }), ...(detail === undefined ? {} : { detail }) });
  }
}
