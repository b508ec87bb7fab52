import { createPublicKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { predict } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { bitString, der, octets, oid, sequence, time, yes } from './der.ts';
import { certificate } from './index.ts';
import { publicKey } from './public-key.probe.ts';
import { signCertificate } from './sign.ts';

const day = 86_400_000;
const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const publicPem = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/** A certificate that signed itself (RFC 5280): of an authority, or for names. */
function selfSigned(key: KeyObject, name: string, { days = 397, isAuthority = false } = {}): string {
  const who = sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))));
  const algorithm = sequence(oid('1.3.101.112'));
  const [begin, end] = [Math.min(0, days - 1) * day - day, days * day + day / 2].map(
    (from) => new Date(Date.now() + from),
  );
  const extension = isAuthority
    ? sequence(oid('2.5.29.19'), yes, octets(sequence(yes)))
    : sequence(oid('2.5.29.17'), octets(sequence(der(0x82, Buffer.from(name)))));
  const body = sequence(
    der(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    der(0x02, Buffer.from([1])),
    algorithm,
    who,
    sequence(time(begin ?? new Date()), time(end ?? new Date())),
    who,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signed = sequence(body, algorithm, bitString(sign(null, body, key))).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${signed.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

const [key, otherKey, caKey] = [newKey(), newKey(), newKey()];
const name = 'db.example.org';
const [path, privatekeyPath, chainPath] = ['/etc/ssl/db.pem', '/etc/ssl/db.key', '/etc/ssl/db.chain.pem'];
const own = { path, privatekeyPath, subjectAltName: [`DNS:${name}`] };
const caPem = selfSigned(caKey, 'Example CA', { days: 3000, isAuthority: true });
const pemOf = (one: KeyObject): Secret => new Secret(one.export({ type: 'pkcs8', format: 'pem' }).toString());
const byAuthority = {
  ...own,
  provider: 'ownca',
  owncaContent: caPem,
  owncaPrivatekeyContent: pemOf(caKey),
} as const;
const noKey = new Secret(() => {
  throw new PlayError('CA_KEY is not set');
});
const authority = { certificate: new X509Certificate(caPem), key: caKey };
const signedFor = (names: readonly string[], days = 397): string =>
  signCertificate({ commonName: name, names, days }, publicPem(key), authority);

const file = (content: string, mode = '0644'): PathEntry => ({ type: 'file', content, mode });
const answers = [predict(publicKey(privatekeyPath), null)];
const folder: HostDescription = { paths: { '/etc/ssl': { type: 'directory' } }, answers };
const host = (pem: string, more: Readonly<Record<string, PathEntry>> = {}): HostDescription => ({
  paths: { [path]: file(pem), [privatekeyPath]: file('a key', '0600'), ...more },
  answers: [predict(publicKey(privatekeyPath), publicPem(key))],
});
const due = (why: string, by = 'self-signed', names = `DNS:${name}`) => ({
  changes: [`certificate ${why} -> for ${names}, 397 days, ${by}`],
});
const ca = 'signed by CN=Example CA';

export const cases = planCases(certificate, {
  'key and certificate are made': {
    options: own,
    host: folder,
    changes: ['private key absent -> new ECC key', `certificate absent -> for DNS:${name}, 397 days, self-signed`],
    result: { path, privatekeyPath },
  },
  'right already': {
    options: own,
    host: host(selfSigned(key, name)),
    result: { path, privatekeyPath },
  },
  'a key that is there is kept': {
    options: own,
    host: { ...host(''), paths: { [privatekeyPath]: file('a key', '0600') } },
    ...due('absent'),
  },
  'the end is near': {
    options: own,
    host: host(selfSigned(key, name, { days: 20 })),
    ...due('valid for 20 more days'),
  },
  'the end is near enough for another': {
    options: { ...own, renewBefore: 10 },
    host: host(selfSigned(key, name, { days: 20 })),
  },
  'expired': { options: own, host: host(selfSigned(key, name, { days: -3 })), ...due('expired') },
  'for a different key': { options: own, host: host(selfSigned(otherKey, name)), ...due('for a different key') },
  'for another name': {
    options: own,
    host: host(selfSigned(key, 'old.example.org')),
    ...due('for DNS:old.example.org'),
  },
  'one name more': {
    options: { ...own, subjectAltName: [`DNS:${name}`, 'IP:10.0.0.5'] },
    host: host(selfSigned(key, name)),
    ...due(`for DNS:${name}`, 'self-signed', `DNS:${name}, IP:10.0.0.5`),
  },
  'another common name': {
    options: { ...own, commonName: 'db' },
    host: host(selfSigned(key, name)),
    ...due(`for CN=${name}`),
  },
  'no certificate in its place': { options: own, host: host('nonsense\n'), ...due('no certificate') },
  'signed by an authority': { options: byAuthority, host: host(signedFor([`DNS:${name}`])) },
  'nobody is asked for the key of the authority while nothing is due': {
    options: { ...byAuthority, owncaPrivatekeyContent: noKey },
    host: host(signedFor([`DNS:${name}`])),
  },
  'the key of the authority is in no vault': {
    options: { ...byAuthority, owncaPrivatekeyContent: noKey },
    host: folder,
    fails: 'CA_KEY is not set',
  },
  'names in another order, IPv6 written otherwise': {
    options: { ...byAuthority, commonName: name, subjectAltName: ['IP:fd00:0:0::5', `DNS:${name}`] },
    host: host(signedFor([`DNS:${name}`, 'IP:fd00::5'])),
  },
  'signed by itself where an authority shall': {
    options: byAuthority,
    host: host(selfSigned(key, name)),
    ...due(`signed by CN=${name}`, ca),
  },
  'signed by an authority where it shall by itself': {
    options: own,
    host: host(signedFor([`DNS:${name}`])),
    ...due('signed by CN=Example CA'),
  },
  'the chain is missing': {
    options: { ...byAuthority, chainPath },
    host: host(signedFor([`DNS:${name}`])),
    changes: ['content new file'],
  },
  'the mode of the key': {
    options: own,
    host: host(selfSigned(key, name), { [privatekeyPath]: file('a key', '0644') }),
    changes: ['mode of the key 0644 -> 0600'],
    steps: [`set the permissions of ${privatekeyPath}`],
  },
  'the mode of the certificate': {
    options: { ...own, mode: '640' },
    host: host(selfSigned(key, name)),
    changes: ['mode 0644 -> 0640'],
  },
  'an owner that does not exist': {
    options: { ...own, owner: 'postgres' },
    host: folder,
    fails: 'there is no user postgres on this host',
    hint: "Make it first: user({ name: 'postgres' })",
  },
  'a directory in its place': {
    options: own,
    host: { ...folder, paths: { [path]: { type: 'directory' } } },
    fails: '/etc/ssl/db.pem is a directory',
  },
  'an immutable certificate': {
    options: own,
    host: { ...folder, paths: { [path]: { ...file('old'), flags: 'i' } } },
    fails: '/etc/ssl/db.pem is immutable; take that off first: chattr -i',
  },
  'an immutable key': {
    options: own,
    host: host(selfSigned(key, name), { [privatekeyPath]: { ...file('a key'), flags: 'i' } }),
    fails: '/etc/ssl/db.key is immutable; take that off first: chattr -i',
  },
  'the folder of the chain is missing': {
    options: { ...byAuthority, chainPath: '/etc/chains/db.pem' },
    host: folder,
    fails: 'the directory /etc/chains does not exist',
    hint: "Make it first: file({ path: '/etc/chains', state: 'directory' })",
  },
  'the folder is missing': {
    options: own,
    host: { answers },
    fails: 'the directory /etc/ssl does not exist',
    hint: "Make it first: file({ path: '/etc/ssl', state: 'directory' })",
  },
  'a key that openssl cannot read': {
    options: own,
    host: { ...host(''), answers: [predict(publicKey(privatekeyPath), null)] },
    fails: `${privatekeyPath} is there, and openssl on the host cannot read it as a private key without a passphrase (is openssl installed?)`,
  },
  'a key that is not the authority’s': {
    options: { ...byAuthority, owncaPrivatekeyContent: pemOf(otherKey) },
    host: folder,
    fails: "certificate: `owncaPrivatekeyContent` is not the key of the authority's certificate",
  },
  'no authority': {
    options: { ...byAuthority, owncaContent: selfSigned(caKey, 'no.example.org') },
    host: folder,
    fails: 'certificate: `owncaContent` is not the certificate of an authority (CA:TRUE)',
  },
  'an authority that cannot be read': {
    options: { ...byAuthority, owncaContent: 'nonsense' },
    host: folder,
    fails: "certificate: the authority's certificate or key cannot be read",
    hint: 'Both must be PEM; an encrypted key needs `owncaPrivatekeyPassphrase`.',
  },
  'a key of the authority in plain sight': {
    options: { ...byAuthority, owncaPrivatekeyContent: pemOf(caKey).expose() },
    fails: 'certificate: `owncaPrivatekeyContent` must be a Secret: otherwise it would be shown',
  },
  'an authority that has no key here': {
    options: { ...own, provider: 'ownca' },
    fails: "certificate: provider 'ownca' needs `owncaContent` and `owncaPrivatekeyContent`",
  },
  'made anew every time': {
    options: { ...own, validFor: 30, renewBefore: 30 },
    fails: 'certificate: `renewBefore` must be less than `validFor`, or it would be renewed every time',
  },
  'a name without its kind': {
    options: { ...own, subjectAltName: [name] },
    fails: `certificate: option "subjectAltName", at 0, is "${name}" (a string), but must be \`DNS:name\` or \`IP:address\``,
  },
});
