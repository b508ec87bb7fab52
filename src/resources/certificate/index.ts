import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as v from 'valibot';
import type { Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, self, stat } from '../../probes/index.ts';
import { reveal, type Secret } from '../../secrets/index.ts';
import { fileQuestions, folderOf } from '../kit/file-content.ts';
import { follow, group, owner, path, secretText, text } from '../kit/schemas.ts';
import { planCertificate, type WantedCertificate } from './plan.ts';
import { publicKey } from './public-key.probe.ts';

const days = (description: string, standard: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description)), standard);
const octal = (description: string, standard: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-7]{3,4}$/, "must be octal, such as '0640'"),
      v.transform((mode) => mode.padStart(4, '0')),
      v.description(description),
    ),
    standard,
  );
const name = v.pipe(
  v.string(),
  v.check(
    (value) =>
      /^DNS:(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(value) ||
      (value.startsWith('IP:') && isIP(value.slice(3)) !== 0),
    'must be `DNS:name` or `IP:address`',
  ),
);

/** A key and a certificate for it. */
export const certificate = defineResource({
  name: 'certificate',
  summary:
    'A private key, created on the host and never leaving it, and a certificate for it: self-signed, or signed here by your own authority, whose key never reaches the host. It is renewed when it is about to expire, or when names, key or authority differ. The host needs openssl.',
  options: {
    path: path('The certificate, PEM.'),
    follow,
    privatekeyPath: path('The private key, PEM. An existing one is kept.'),
    chainPath: v.optional(path("A file with the certificate followed by the authority's, as web servers want it.")),
    commonName: v.optional(
      v.pipe(
        text('The common name in its subject. Default: the first of `subjectAltName`.'),
        v.regex(
          /^[\p{L}\p{N} .@*_-]{1,64}$/u,
          'must be at most 64 letters, digits, blanks, dots, dashes, `@`, `*` and `_`',
        ),
      ),
    ),
    subjectAltName: v.pipe(
      v.array(name),
      v.minLength(1),
      v.description("The names it is valid for: `['DNS:db.example.org', 'IP:10.0.0.5']`."),
    ),
    provider: v.optional(
      v.pipe(
        v.picklist(['selfsigned', 'ownca']),
        v.description(
          'Who signs it: itself, or the authority in `owncaContent` and `owncaPrivatekeyContent`. Default `selfsigned`.',
        ),
      ),
      'selfsigned',
    ),
    owncaContent: v.optional(text("The authority's certificate, PEM.")),
    owncaPrivatekeyContent: v.optional(
      secretText(
        "The authority's private key, PEM. Use a Secret: it is used on this machine, in memory only, and read only when a certificate has to be signed.",
      ),
    ),
    owncaPrivatekeyPassphrase: v.optional(secretText("The passphrase of the authority's key. Use a Secret.")),
    validFor: days('Days it is valid. Default 397.', 397),
    renewBefore: days('Renew it this many days before it expires. Default 30.', 30),
    keyType: v.optional(
      v.pipe(
        v.picklist(['ECC', 'RSA', 'Ed25519']),
        v.description('Type of a new key: P-256, RSA with 3072 bits, or Ed25519. Default `ECC`.'),
      ),
      'ECC',
    ),
    owner,
    group,
    mode: octal('Mode of the certificate and chain files.', '0644'),
    privatekeyMode: octal('Mode of the key.', '0600'),
  },
  example: `certificate({ path: '/etc/ssl/db.pem', privatekeyPath: '/etc/ssl/private/db.key', subjectAltName: ['DNS:db.example.org'],
  provider: 'ownca', owncaContent: ca, owncaPrivatekeyContent: caKey, owner: 'postgres' }, { notify: reload })`,
  validateOptions({ provider, owncaContent, owncaPrivatekeyContent, chainPath, validFor, renewBefore }) {
    const has = owncaContent !== undefined && owncaPrivatekeyContent !== undefined;
    if (provider === 'ownca' && !has) return "provider 'ownca' needs `owncaContent` and `owncaPrivatekeyContent`";
    if (provider === 'selfsigned' && (owncaContent ?? owncaPrivatekeyContent ?? chainPath) !== undefined)
      return "`ownca...` and `chainPath` need provider 'ownca'";
    if (typeof owncaPrivatekeyContent === 'string')
      return '`owncaPrivatekeyContent` must be a Secret: otherwise it would be shown';
    return renewBefore >= validFor
      ? '`renewBefore` must be less than `validFor`, or it would be renewed every time'
      : undefined;
  },
  title: (options) => options.path ?? '',
  prepare(options): WantedCertificate {
    const {
      provider,
      owncaContent = '',
      owncaPrivatekeyContent = '',
      owncaPrivatekeyPassphrase,
      commonName,
      subjectAltName,
    } = options;
    const subject = {
      commonName:
        commonName ?? (subjectAltName[0] ?? '').slice((subjectAltName[0] ?? '').indexOf(':') + 1).slice(0, 64),
      names: subjectAltName,
      days: options.validFor,
    };
    if (provider === 'selfsigned') return { ...options, subject, authority: undefined };
    const certificate = readAuthority(owncaContent);
    return {
      ...options,
      subject,
      authority: {
        certificate,
        pem: `${owncaContent.trim()}\n`,
        // Not here: a host that is right needs nobody to have the key.
        readKey: () => readKey(certificate, owncaPrivatekeyContent, owncaPrivatekeyPassphrase),
      },
    };
  },
  probes: ({ path: at, privatekeyPath, chainPath }): Question[] => [
    ...fileQuestions(at),
    content(at),
    stat(privatekeyPath),
    stat(folderOf(privatekeyPath)),
    publicKey(privatekeyPath),
    self,
    ...(chainPath === undefined ? [] : fileQuestions(chainPath)),
  ],
  plan: planCertificate,
  owns: ({ path: at, privatekeyPath, chainPath }) =>
    [at, privatekeyPath, ...(chainPath === undefined ? [] : [chainPath])].map((one) => ({ on: 'path', path: one })),
});

const unreadable = (): PlayError =>
  new PlayError("certificate: the authority's certificate or key cannot be read", {
    hint: 'Both must be PEM; an encrypted key needs `owncaPrivatekeyPassphrase`.',
  });

/** @throws PlayError at the desk */
function readAuthority(pem: string): X509Certificate {
  let read: X509Certificate;
  try {
    read = new X509Certificate(pem);
  } catch {
    throw unreadable();
  }
  if (!read.ca) throw new PlayError('certificate: `owncaContent` is not the certificate of an authority (CA:TRUE)');
  if (Date.parse(read.validTo) < Date.now())
    throw new PlayError(`certificate: the authority's certificate ended on ${read.validTo}`);
  return read;
}

/** @throws PlayError; nothing in its words is from the key */
function readKey(
  certificate: X509Certificate,
  pem: Secret | string,
  passphrase: Secret | string | undefined,
): KeyObject {
  const texts = { key: reveal(pem), ...(passphrase === undefined ? {} : { passphrase: reveal(passphrase) }) };
  let key: KeyObject;
  try {
    key = createPrivateKey(texts);
  } catch {
    throw unreadable();
  }
  if (!certificate.checkPrivateKey(key))
    throw new PlayError("certificate: `owncaPrivatekeyContent` is not the key of the authority's certificate");
  return key;
}
