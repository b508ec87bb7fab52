import type { Found, Prediction } from '../../contract/index.ts';
import { content, self, sha256, user } from '../../probes/index.ts';

/** Where ssh(1) keeps keys. */
export function knownHostsOf(found: Found): string {
  const home = found.get(user(found.get(self).owner))?.home ?? '/root';
  return `${home === '/' ? '' : home}/.ssh/known_hosts`;
}

export function keysAfter(path: string): Prediction[] {
  const unknown = `ssh may keep a new key in ${path}`;
  return [content(path), sha256(path)].map((question) => ({ question, answer: null, unknown }));
}
