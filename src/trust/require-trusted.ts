import { PlayError } from '../errors/index.ts';
import { distrust } from './trust.ts';

const sources = new Set<string>();

/** The files that what this process does is made from, as far as they were read. No passwords are among them. */
export function trustedSources(): ReadonlySet<string> {
  return sources;
}

/** Begins the list anew: for a process that makes one run after another. */
export function forgetTrustedSources(): void {
  sources.clear();
}

/** The same as `requireTrusted`, for a file that is a part of what is done: code, variables, templates, files of roles. */
export function requireTrustedSource(file: string, what?: string): void {
  requireTrusted(file, what);
  sources.add(file);
}

/**
 * Refuses a file that somebody else could have written, since its contents decide what is done, and as whom.
 *
 * @param what what to call it in the error. Default: its path
 * @throws PlayError saying who owns it and what to do
 * @example requireTrusted('/tmp/site.ts')  // error: /tmp/site.ts belongs to bob, so it is not read
 */
export function requireTrusted(file: string, what = 'it'): void {
  const found = distrust(file);
  if (!found) return;
  throw new PlayError(`${found.why.charAt(0).toUpperCase()}${found.why.slice(1)}, so ${what} is not read`, {
    where: { file },
    hint: found.hint,
  });
}
