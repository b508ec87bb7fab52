import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlayError, type HostView, type Secret, secretOf } from 'play';

export interface Authority {
  readonly certificate: string;
  readonly key: Secret;
}

/** The authority that signs for a host, to be asked for when it is needed; none where none was named. */
export function authorityOf(
  host: HostView,
  certificate: string | undefined,
  key: Secret | undefined,
): (() => Authority) | undefined {
  if (certificate !== undefined)
    return () => ({ certificate, key: secretOf(host, 'internal_ca_key', key, { shared: true }) });
  return host.isSandbox ? () => throwawayAuthority(host) : undefined;
}

/**
 * An authority for throwaway hosts. Its key is kept as their other secrets are, so that hosts of different runs trust
 * each other; certificates made of the same key and name on different days are one to who checks a chain.
 */
function throwawayAuthority(host: HostView): Authority {
  const key = secretOf(host, 'internal_ca_throwaway_key', undefined, {
    shared: true,
    make: () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString()
        .trim(),
  });
  return {
    key,
    certificate: openssl(
      [
        'req',
        '-x509',
        '-new',
        '-sha256',
        '-key',
        '/dev/stdin',
        '-days',
        '30',
        '-subj',
        '/CN=throwaway authority of play',
      ],
      key,
    ),
  };
}

/** Signs a host's request. Only what is public touches the disk of this machine; the key goes through a pipe. */
export function signRequest(
  authority: Authority,
  { request, names, days }: { readonly request: string; readonly names: readonly string[]; readonly days: number },
): { readonly certificate: string; readonly authority: string } {
  const folder = mkdtempSync(join(tmpdir(), 'play-sign-'));
  try {
    const put = (file: string, text: string): string => {
      writeFileSync(join(folder, file), text);
      return join(folder, file);
    };
    const extensions = put(
      'extensions',
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    // RFC 5280, 4.1.2.2: a positive number of at most 20 bytes, not to be guessed.
    const serial = `0x7f${randomBytes(15).toString('hex')}`;
    const certificate = openssl(
      [
        'x509',
        '-req',
        '-sha256',
        '-in',
        put('request', request),
        '-CA',
        put('authority', authority.certificate),
        '-CAkey',
        '/dev/stdin',
        '-set_serial',
        serial,
        '-days',
        String(days),
        '-extfile',
        extensions,
      ],
      authority.key,
    );
    return { certificate, authority: authority.certificate };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Behind `cat`, since the standard input node gives is a socket, and /dev/stdin opens pipes only. */
function openssl(args: readonly string[], key: Secret): string {
  try {
    return execFileSync('sh', ['-c', 'cat | openssl "$@"', 'sh', ...args], {
      input: key.expose(),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new PlayError('openssl on this machine did not sign', {
      detail: said,
      hint: 'It needs openssl 1.1.1 or later, and a key that fits internal_ca_certificate.',
      cause,
    });
  }
}
