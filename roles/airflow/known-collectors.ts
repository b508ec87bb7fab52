import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PlayError, type HostView } from 'play';

/** Relative to the project, and kept in its repository: host keys that people have compared. */
const file = 'ext/known_hosts';

/**
 * The lines of the project's known_hosts for the collectors, sorted by collector.
 *
 * @throws PlayError for a collector without one; on a throwaway host it is left out, as nothing is fetched there
 */
export function knownCollectors(
  host: Pick<HostView, 'isSandbox'>,
  collectors: readonly string[],
  project = resolve(import.meta.dirname, '../..'),
): string {
  const path = resolve(project, file);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const known = collectors.toSorted().map((name) => {
    const own = lines.filter((line) => isFor(line, name));
    if (own.length === 0 && !host.isSandbox) {
      throw new PlayError(`${file} has no host key of the collector ${name}`, {
        where: path,
        hint: `Log in to it once, compare its key, then: ssh-keygen -F ${name} | grep -v '^#' >>${file}`,
      });
    }
    return own.map((line) => `${line.trim()}\n`).join('');
  });
  return known.join('');
}

/** As in sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. What is revoked, or speaks for an authority, is no key of the host. */
function isFor(line: string, name: string): boolean {
  const [names = '', kind, key] = line.trim().split(/\s+/);
  if (/^[#@]/.test(names) || kind === undefined || key === undefined) return false;
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(names) ?? [];
  if (salt !== undefined && hash !== undefined)
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  return names.split(',').includes(name);
}
