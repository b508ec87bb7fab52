import { PlayError } from '../errors/index.ts';
import { firstFrame, placeOf, userFrame, type Placed } from './call-site.ts';
import { withWhere } from './with-place.ts';

/**
 * Runs a function that a playbook's author wrote. What it throws by mistake becomes an error that says whose it is.
 *
 * @param what names the function: `tasks of the role "nginx"`
 * @param owner what the function belongs to
 * @param isOurs whether an error thrown inside is play's own and passes as it is
 */
export function callUserCode<T>(
  what: string,
  owner: Placed | undefined,
  body: () => T,
  isOurs: (error: unknown) => boolean = () => false,
): T {
  try {
    return body();
  } catch (error) {
    if (isOurs(error)) throw error;
    if (error instanceof PlayError)
      throw error.where === undefined ? withWhere(error, userFrame(error.stack) ?? owner?.at) : error;
    const at = firstFrame(error instanceof Error ? error.stack : undefined) ?? owner?.at;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new PlayError(`${what} threw ${text}`, { ...placeOf({ at }), cause: error });
  }
}
