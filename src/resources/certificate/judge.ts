import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { ipv6Bytes } from './sign.ts';

/** What a certificate is held against. */
export interface Expected {
  readonly commonName: string;
  readonly names: readonly string[];
  /** Days before its end when it is due. */
  readonly renewBefore: number;
  /** Of the key on the host, PEM; null where there is none. */
  readonly publicKey: string | null;
  /** Who must have signed it; undefined: itself. */
  readonly authority: X509Certificate | undefined;
}

/** Why a certificate has to be made anew; undefined when it is right. */
export function whyDue(
  pem: Buffer,
  { commonName, names, renewBefore, publicKey, authority }: Expected,
  now = Date.now(),
): string | undefined {
  let found: X509Certificate;
  try {
    found = new X509Certificate(pem);
  } catch {
    return 'no certificate';
  }
  if (
    publicKey === null ||
    found.publicKey.export({ type: 'spki', format: 'pem' }).toString().trim() !== publicKey.trim()
  )
    return 'for a different key';
  const has = namesOf(found);
  const wants = new Set(names.map(normal));
  if (has.size !== wants.size || [...wants].some((name) => !has.has(name)))
    return `for ${[...has].join(', ') || 'no names'}`;
  if (!found.subject.split('\n').includes(`CN=${commonName}`)) return `for ${found.subject.replaceAll('\n', ', ')}`;
  if (!(authority ? found.checkIssued(authority) && found.verify(authority.publicKey) : found.verify(found.publicKey)))
    return `signed by ${found.issuer.replaceAll('\n', ', ')}`;
  const left = Math.floor((Date.parse(found.validTo) - now) / 86_400_000);
  const most = authority ? Math.floor((Date.parse(authority.validTo) - now) / 86_400_000) : Number.POSITIVE_INFINITY;
  // One that ends with its authority cannot be had any longer.
  if (left < renewBefore && left < most - 1) return left < 0 ? 'expired' : `valid for ${left} more days`;
  return undefined;
}

function namesOf(certificate: X509Certificate): Set<string> {
  const parts = (certificate.subjectAltName ?? '').split(', ').filter((part) => part !== '');
  return new Set(parts.map((part) => normal(part.replace(/^IP Address:/, 'IP:'))));
}

function normal(name: string): string {
  const value = name.slice(3);
  return name.startsWith('IP:') && isIP(value) === 6 ? `IP:${ipv6Bytes(value).toString('hex')}` : name;
}
