import { beforeAll } from 'vitest';
import type { LawHost } from './laws.ts';

const script = `{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >/root/apt.log 2>&1 || { tail -n 20 /root/apt.log >&2; exit 1; }
rm -f /root/apt.log`;

/** Debian packages that the tests of a file need on their host. */
export function useInstalled(host: LawHost, ...packages: readonly string[]): void {
  beforeAll(async () => void (await host.sh(script, ...packages)), 300_000);
}
