import { createHash, createPublicKey, randomBytes, sign, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, contentOf, der, elements, nothing, octets, oid, sequence, time, yes } from './der.ts';

/** What a certificate shall say. */
export interface Subject {
  readonly commonName: string;
  /** `DNS:name` and `IP:address`. */
  readonly names: readonly string[];
  readonly days: number;
}

export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/**
 * Signs a public key for a host, client and server (X.509 version 3, RFC 5280). The names are those we want, whatever
 * the host might have asked for; the end is not beyond the authority's own.
 *
 * @param publicKey PEM, SubjectPublicKeyInfo @returns PEM
 */
export function signCertificate(
  { commonName, names, days }: Subject,
  publicKey: string,
  authority: Authority,
  now = new Date(),
): string {
  const { certificate, key } = authority;
  const end = new Date(Math.min(now.getTime() + days * 86_400_000, Date.parse(certificate.validTo)));
  // Clocks differ: valid from an hour ago.
  const begin = new Date(Math.max(now.getTime() - 3_600_000, Date.parse(certificate.validFrom)));
  const issuer = { name: issuerName(certificate), keyId: subjectKeyId(certificate), key };
  return issue({ commonName, names }, publicKey, issuer, begin, end);
}

/** A certificate that its own key has signed, good for a day. */
export function selfSignedCertificate(subject: Omit<Subject, 'days'>, key: KeyObject, now = Date.now()): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  const issuer = { name: nameOf(subject.commonName), keyId: undefined, key };
  return issue(subject, String(publicKey), issuer, new Date(now - 3_600_000), new Date(now + 86_400_000));
}

function issue(
  { commonName, names }: Omit<Subject, 'days'>,
  publicKey: string,
  issuer: { readonly name: Buffer; readonly keyId: Buffer | undefined; readonly key: KeyObject },
  begin: Date,
  end: Date,
): string {
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  const isRsa = createPublicKey(publicKey).asymmetricKeyType === 'rsa';
  const algorithm = algorithmOf(issuer.key);
  const serial = Buffer.concat([Buffer.from([0x40 | ((randomBytes(1)[0] ?? 0) & 0x3f)]), randomBytes(15)]);
  const keyId = createHash('sha1')
    .update(contentOf(elements(spki)[1] ?? spki).subarray(1))
    .digest();
  const extensions = sequence(
    sequence(oid('2.5.29.19'), yes, octets(sequence())),
    // Bits of KeyUsage: digitalSignature, and for RSA keyEncipherment.
    sequence(oid('2.5.29.15'), yes, octets(der(0x03, Buffer.from(isRsa ? [5, 0xa0] : [7, 0x80])))),
    sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2')))),
    sequence(oid('2.5.29.17'), octets(sequence(...names.map(generalName)))),
    sequence(oid('2.5.29.14'), octets(octets(keyId))),
    ...(issuer.keyId ? [sequence(oid('2.5.29.35'), octets(sequence(der(0x80, issuer.keyId))))] : []),
  );
  const body = sequence(
    der(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    der(0x02, serial),
    algorithm.identifier,
    issuer.name,
    sequence(time(begin), time(end)),
    nameOf(commonName),
    spki,
    der(0xa3, extensions),
  );
  const signed = sequence(body, algorithm.identifier, bitString(sign(algorithm.hash, body, issuer.key)));
  return `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

function algorithmOf(key: KeyObject): { readonly hash: string | null; readonly identifier: Buffer } {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { hash: 'sha256', identifier: sequence(oid('1.2.840.113549.1.1.11'), nothing) };
    case 'ec':
      return { hash: 'sha256', identifier: sequence(oid('1.2.840.10045.4.3.2')) };
    case 'ed25519':
      return { hash: null, identifier: sequence(oid('1.3.101.112')) };
    default:
      throw new Error(`no way to sign with a key of type ${key.asymmetricKeyType}`);
  }
}

function generalName(name: string): Buffer {
  const value = name.slice(name.indexOf(':') + 1);
  if (name.startsWith('DNS:')) return der(0x82, Buffer.from(value));
  return der(0x87, isIP(value) === 4 ? Buffer.from(value.split('.').map(Number)) : ipv6Bytes(value));
}

/** The 16 bytes of an IPv6 address (RFC 4291, 2.2). */
export function ipv6Bytes(address: string): Buffer {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...four: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = four.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const words = (part: string): string[] => part.split(':').filter((word) => word !== '');
  const [front, back] = [words(head), words(tail ?? '')];
  const all = [
    ...front,
    ...Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => '0'),
    ...back,
  ];
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex');
}

/** The authority's own name, byte by byte: how verifiers find the issuer (RFC 5280, 7.1). */
function issuerName(certificate: X509Certificate): Buffer {
  const fields = elements(elements(certificate.raw)[0] ?? Buffer.alloc(0));
  // After an explicit version come serial number, algorithm, issuer, validity, subject.
  return fields[(fields[0]?.[0] === 0xa0 ? 1 : 0) + 4] ?? sequence();
}

function subjectKeyId(certificate: X509Certificate): Buffer | undefined {
  const fields = elements(elements(certificate.raw)[0] ?? Buffer.alloc(0));
  const extensions = fields.find((field) => field[0] === 0xa3);
  const list = extensions ? elements(elements(extensions)[0] ?? sequence()) : [];
  const extension = list.map((one) => elements(one)).find(([name]) => name?.equals(oid('2.5.29.14')));
  const value = extension?.at(-1);
  return value && contentOf(contentOf(value));
}
