import type { Found } from '../../contract/index.ts';

/**
 * Check mode: takes for granted what is wanted of an address, where it may answer otherwise by then. At an address of
 * another host that may be the doing of any host of the run.
 *
 * @param what as a sentence: `127.0.0.1:80 answers`
 * @returns false in a run, and where nothing planned before concerns the address
 */
export function anticipateAnswer(address: string, what: string, found: Found): boolean {
  const why = isOwnHost(address) ? found.forecast?.changedBefore : found.forecast?.changedAnywhere;
  if (why !== undefined) found.assume(`${what} (not known before the start: ${why})`);
  return why !== undefined;
}

/** Whether an address means the host that asks, whatever that is called. */
export function isOwnHost(address: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1\]?)$/i.test(address);
}
