/** Whether an address means the host that asks, and no other one. */
export function isOwnHost(address: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(address);
}
