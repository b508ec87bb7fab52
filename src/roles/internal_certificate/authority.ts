import { execFileSync } from 'node:child_process';
import { PlayError, secretOf, type HostView, type Secret } from 'play';

/** Who signs, each half asked for when it is needed. */
export interface Authority {
  certificate(): string;
  readonly key: Secret;
}

/**
 * The authority that signs for a host; undefined where none was named. Throwaway hosts have one of their own: the real
 * key has no business there.
 */
export function authorityOf(
  host: HostView,
  certificate: string | undefined,
  key: Secret | undefined,
): Authority | undefined {
  if (host.isSandbox) {
    // Kept as their other secrets are, so that hosts of different runs trust each other.
    const both = secretOf(host, 'internal_ca_throwaway', undefined, { shared: true, make: makeAuthority });
    return { certificate: () => both.expose().replace(/^[^]*(?=-----BEGIN CERTIFICATE-----)/, ''), key: both };
  }
  if (certificate === undefined) return undefined;
  return { certificate: () => certificate, key: secretOf(host, 'internal_ca_key', key, { shared: true }) };
}

/** Key and certificate, one behind the other. */
function makeAuthority(): string {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=throwaway authority of play', '-days', '3650'];
  try {
    return execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', '-'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (cause) {
    throw new PlayError('openssl on this machine could not make an authority for throwaway hosts', {
      hint: 'Install openssl 1.1.1 or later.',
      cause,
    });
  }
}
