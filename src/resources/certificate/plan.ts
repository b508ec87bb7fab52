import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  predict,
  settled,
  type Change,
  type Found,
  type ImperativeContext,
  type Prediction,
  type PathState,
  type Plan,
  type Stat,
  type Step,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { content, self, sha256, stat, walkSh } from '../../probes/index.ts';
import { folderOf, planFile, temporaryName, writeStep } from '../kit/file-content.ts';
import { presumeFolder } from '../kit/folder.ts';
import { inOrder } from '../kit/in-order.ts';
import { requireNoObstacle } from '../kit/obstacle.ts';
import { attributeScript, planAttributes, type AttributePlan } from '../kit/ownership.ts';
import { whyDue } from './judge.ts';
import { publicKey } from './public-key.probe.ts';
import { signCertificate, type Authority, type Subject } from './sign.ts';
import { standInPair, type StandInPair } from './stand-in.ts';

/** Who signs; its key is asked for once something is to be signed. */
export interface WantedAuthority {
  readonly certificate: X509Certificate;
  readonly pem: string;
  /** @throws PlayError when there is none, or it is another's */
  readKey(): KeyObject;
}

export interface WantedCertificate {
  readonly path: string;
  readonly privatekeyPath: string;
  readonly chainPath?: string | undefined;
  readonly subject: Subject;
  readonly authority: WantedAuthority | undefined;
  readonly renewBefore: number;
  readonly keyType: 'ECC' | 'RSA' | 'Ed25519';
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode: string;
  readonly privatekeyMode: string;
}

export interface CertificateResult {
  /** The file of the certificate. */
  readonly path: string;
  /** The file of its private key. */
  readonly privatekeyPath: string;
}

// $1 path, $2 name of the temporary file, $3 mode, $4 operand of chown or empty, $5 kind. What is done to the new file
// is done through its descriptor: others may rename things in its folder.
const keyScript = `set -e
${walkSh}
enter "\${1%/*}/"
new=./$2 mode=$3 owner=$4 kind=$5
fd=/proc/self/fd/3
umask 077
set -C
trap 'rm -f -- "$new"' EXIT
trap 'exit 143' HUP INT TERM
{
  set +C
  case $kind in
    RSA) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 2>/dev/null >&3;;
    Ed25519) openssl genpkey -algorithm ED25519 >&3;;
    *) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve >&3;;
  esac
  [ -s $fd ]
  [ -z "$owner" ] || chown -- "$owner" $fd
  chmod -- "$mode" $fd
  sync $fd 2>/dev/null || sync
} 3>"$new"
mv -fT -- "$new" "./\${1##*/}"`;

// $1 key, $2 days, $3 y for an RSA key; stdin: configuration as in req(1ssl). Prints the certificate.
const selfSignScript = `set -e
openssl req -x509 -new -key "$1" -passin pass: -sha256 -days "$2" -config /dev/stdin`;

export function planCertificate(wanted: WantedCertificate, found: Found): Plan<CertificateResult> {
  const { path, privatekeyPath, chainPath, subject, authority } = wanted;
  const result = { path, privatekeyPath };
  const files = [path, ...(chainPath === undefined ? [] : [chainPath])];
  for (const file of [...files, privatekeyPath]) presumeFolder(folderOf(file), found);
  const keyNow = found.get(stat(privatekeyPath));
  const old = found.get(content(path));
  const key = keyNow.type === 'absent' ? null : found.get(publicKey(privatekeyPath));
  found.require(keyNow.type === 'absent' || key !== null, {
    failure: `${privatekeyPath} is there, and openssl on the host cannot read it as a private key without a passphrase (is openssl installed?)`,
    by: null,
  });
  const due =
    'bytes' in old
      ? whyDue(old.bytes, {
          ...subject,
          renewBefore: wanted.renewBefore,
          publicKey: key,
          authority: authority?.certificate,
        })
      : 'absent';
  const standIn = standInPair(subject);
  const keyPlan = planKey(wanted, keyNow, standIn, found);
  if (due === undefined && 'bytes' in old) return planFiles(wanted, old.bytes, keyPlan, found);
  const signer = authority && { ...authority, key: authority.readKey() };
  const changes: Change[] = [
    ...keyPlan.changes,
    {
      what: 'certificate',
      from: due ?? '',
      to: `for ${subject.names.join(', ')}, ${subject.days} days, ${authority ? `signed by ${authority.certificate.subject.replaceAll('\n', ', ')}` : 'self-signed'}`,
    },
  ];
  const why = `${path} is made only then`;
  // A key that is there already is shown as it is, and nothing goes with it but what it signs.
  const shown = keyNow.type === 'absent' ? { standIn: standIn.certificate } : {};
  const unknown = (file: string): Prediction[] => [
    { question: content(file), answer: null, unknown: why, ...shown },
    { question: sha256(file), answer: null, unknown: why },
  ];
  const made = planAttributes(
    { ...wanted, mode: wanted.mode },
    { type: 'file', size: 0, ...found.get(self), mode: wanted.mode },
    found,
  ).after;
  for (const file of files) {
    const { type } = found.get(stat(file));
    found.require(type !== 'directory', { failure: `${file} is a directory`, by: null });
    requireNoObstacle(file, type === 'absent' ? 'make' : 'replace', found);
  }
  const places = files.map((file): Place => {
    const at = found.get(stat(file));
    const present = at.type === 'file' ? at : undefined;
    return {
      file,
      present,
      attributes: planAttributes(
        wanted,
        present ?? { type: 'file', mode: '0644', uid: -1, gid: -1, owner: '', group: '', size: 0 },
        found,
      ),
    };
  });
  return {
    ...settled(result),
    changes,
    after: [...keyPlan.after, ...files.flatMap((file) => [predict(stat(file), made), ...unknown(file)])],
    touches: files.map((file) => ({ on: 'path' as const, path: file })),
    imperative: (context) => make(wanted, signer, keyPlan.steps, places, context),
  };
}

/** Where a certificate goes. */
interface Place {
  readonly file: string;
  readonly present: PathState | undefined;
  readonly attributes: AttributePlan;
}

async function make(
  wanted: WantedCertificate,
  signer: (WantedAuthority & Authority) | undefined,
  keySteps: readonly Step[],
  places: readonly Place[],
  context: ImperativeContext,
): Promise<CertificateResult> {
  const { path, privatekeyPath, subject } = wanted;
  for (const step of keySteps) await context.run(step);
  const pem = signer
    ? signCertificate(subject, await askPublicKey(privatekeyPath, context), signer)
    : await selfSign(wanted, context);
  for (const { file, present, attributes } of places) {
    const bytes = Buffer.from(file === path ? pem : `${pem}${signer?.pem ?? ''}`);
    await context.run({
      ...writeStep(
        { path: file, content: bytes, owner: wanted.owner, group: wanted.group, mode: wanted.mode },
        attributes,
        present,
        { isInPlace: false, isOurs: false },
      ),
      packs: false,
    });
  }
  return { path, privatekeyPath };
}

async function askPublicKey(path: string, context: ImperativeContext): Promise<string> {
  return (
    await context.run({
      script: 'openssl pkey -in "$1" -passin pass: -pubout',
      args: [path],
      label: `read the public half of ${path}`,
    })
  ).stdout;
}

async function selfSign(
  { privatekeyPath, subject, keyType }: WantedCertificate,
  context: ImperativeContext,
): Promise<string> {
  const config = `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\nutf8=yes\nstring_mask=utf8only\n[dn]\nCN=${subject.commonName}\n[ext]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature${keyType === 'RSA' ? ',keyEncipherment' : ''}\nextendedKeyUsage=serverAuth,clientAuth\nsubjectKeyIdentifier=hash\nsubjectAltName=${subject.names.join(',')}\n`;
  const { stdout } = await context.run({
    script: selfSignScript,
    args: [privatekeyPath, String(subject.days)],
    stdin: Buffer.from(config),
    label: `sign the certificate with ${privatekeyPath}`,
  });
  if (!stdout.includes('-----BEGIN CERTIFICATE-----'))
    throw new PlayError('openssl on the host made no certificate', { detail: stdout });
  return stdout;
}

function planKey(
  { privatekeyPath, privatekeyMode, owner, group, keyType }: WantedCertificate,
  now: Stat,
  standIn: StandInPair,
  found: Found,
): Plan<null> {
  const wanted = { owner, group, mode: privatekeyMode };
  if (now.type !== 'absent') {
    const { changes, mode, chown, after } = planAttributes(wanted, now, found);
    if (changes.length === 0) return settled(null);
    requireNoObstacle(privatekeyPath, 'change', found);
    return {
      ...settled(null),
      changes: changes.map((one) => ({ ...one, what: `${one.what} of the key` })),
      steps: [
        {
          script: attributeScript,
          args: [privatekeyPath, mode, chown],
          label: `set the permissions of ${privatekeyPath}`,
        },
      ],
      after: [predict(stat(privatekeyPath), after)],
    };
  }
  requireNoObstacle(privatekeyPath, 'make', found);
  const unknown = `${privatekeyPath} is made only then`;
  const { chown, after } = planAttributes(
    wanted,
    { type: 'file', size: 0, mode: privatekeyMode, ...found.get(self) },
    found,
  );
  return {
    ...settled(null),
    changes: [{ what: 'private key', from: 'absent', to: `new ${keyType} key` }],
    steps: [
      {
        script: keyScript,
        args: [privatekeyPath, temporaryName(privatekeyPath), privatekeyMode, chown, keyType],
        label: `make the key ${privatekeyPath}`,
      },
    ],
    after: [
      predict(stat(privatekeyPath), after),
      ...[publicKey(privatekeyPath), sha256(privatekeyPath)].map((question) => ({ question, answer: null, unknown })),
      { question: content(privatekeyPath), answer: null, unknown, standIn: standIn.key },
    ],
  };
}

/** The certificate is right: what is left are permissions, and the chain. */
function planFiles(wanted: WantedCertificate, pem: Buffer, key: Plan<null>, found: Found): Plan<CertificateResult> {
  const { path, chainPath, owner, group, mode } = wanted;
  const plan = (file: string, content: Buffer) => (now: Found) =>
    planFile({ path: file, content, owner, group, mode }, now, null);
  const chain =
    chainPath === undefined ? [] : [plan(chainPath, Buffer.concat([pem, Buffer.from(wanted.authority?.pem ?? '')]))];
  return inOrder(found, { path, privatekeyPath: wanted.privatekeyPath }, () => key, plan(path, pem), ...chain);
}
