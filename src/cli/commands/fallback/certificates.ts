import { X509Certificate } from 'node:crypto';
import type { Lane } from '../../../connection/index.ts';
import { ask } from '../on-hosts.ts';

/** A certificate that lies on a host. */
export interface HostCertificate {
  readonly path: string;
  /** Whose it is: its names, or its subject. */
  readonly names: string;
  /** When it ends: milliseconds since the epoch. */
  readonly ends: number;
}

/** Prints the first certificate of each file, and nothing else of it: a key may lie in it too. */
const script = `for f in "$@" /etc/letsencrypt/live/*/cert.pem /var/lib/dehydrated/certs/*/cert.pem; do
  [ -f "$f" ] && printf '@file %s\\n' "$f" && sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/{p;/^-----END/q;}' "$f"
done 2>/dev/null
exit 0`;

/** The certificates at these paths, and where ACME clients of Debian keep theirs. */
export async function readCertificates(lane: Lane, host: string, paths: readonly string[]): Promise<HostCertificate[]> {
  const { stdout } = await ask(lane, host, { script, args: paths, timeout: 60 });
  const found = stdout
    .toString('utf8')
    .split(/^@file /m)
    .flatMap((block) => readCertificate(block.slice(0, block.indexOf('\n')), block.slice(block.indexOf('\n') + 1)));
  return found.toSorted((a, b) => a.ends - b.ends);
}

function readCertificate(path: string, pem: string): HostCertificate[] {
  if (!pem.includes('BEGIN CERTIFICATE')) return [];
  try {
    const { subject, subjectAltName, validTo } = new X509Certificate(pem);
    return [{ path, names: subjectAltName ?? subject.replaceAll('\n', ', '), ends: Date.parse(validTo) }];
  } catch {
    // What is no certificate though it says so has no end to tell.
    return [];
  }
}
