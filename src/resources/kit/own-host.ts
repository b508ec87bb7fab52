import type { Found } from '../../contract/index.ts';

/**
 * Check mode: why there may be another answer at an address by then. At one of another host that may be any host of the
 * run.
 */
export function whyOtherAnswer(address: string, found: Found): string | undefined {
  return isOwnHost(address) ? found.forecast?.changedBefore : found.forecast?.changedAnywhere;
}

/** Whether an address means the host that asks, and no other one. */
function isOwnHost(address: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(address);
}
