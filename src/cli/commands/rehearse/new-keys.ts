import { createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import type { KeyFile } from '../../../sandbox/twin/portrait.ts';
import { keyMark, type FoundKey } from './survey.ts';

export interface NewKeys {
  readonly keys: readonly KeyFile[];
  /** Files whose key the host could not read either: encrypted, of another kind, or none at all. */
  readonly leftOut: readonly string[];
}

/**
 * Keys for a twin in place of the host's, which stayed there: of the same kind, so that what shows certificates by them
 * starts. The certificates are made anew with them, in the twin.
 *
 * @param certificates path -> text of the host's files that hold certificates
 */
export function newKeys(found: readonly FoundKey[], certificates: ReadonlyMap<string, string>): NewKeys {
  const shown = [...certificates, ...found.map(({ path, content }): [string, string] => [path, content])].flatMap(
    ([path, text]) => {
      const first = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)?.[0];
      const key = first === undefined ? undefined : publicKeyOf(() => new X509Certificate(first).publicKey);
      return key === undefined ? [] : [{ path, key }];
    },
  );
  const keys: KeyFile[] = [];
  const leftOut: string[] = [];
  for (const { path, mode, uid, gid, publicKey, content } of found) {
    const old = publicKeyOf(() => createPublicKey(publicKey));
    const key = old === undefined ? undefined : keyLike(old);
    if (old === undefined || key === undefined) {
      leftOut.push(path);
      continue;
    }
    keys.push({
      path,
      mode,
      uid,
      gid,
      content: content.replaceAll(keyMark, () => key.trimEnd()),
      key,
      certificates: shown.filter((one) => one.key.equals(old)).map((one) => one.path),
    });
  }
  return { keys, leftOut };
}

function publicKeyOf(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined; // damaged, or of a kind that Node does not know
  }
}

/** PEM; undefined for kinds that certificates do not have. */
function keyLike(old: KeyObject): string | undefined {
  const made = madeLike(old);
  return made?.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function madeLike(old: KeyObject): KeyObject | undefined {
  switch (old.asymmetricKeyType) {
    case 'rsa':
      // Longer ones only take longer: nobody attacks a twin.
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: old.asymmetricKeyDetails?.namedCurve ?? 'prime256v1' }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ed448':
      return generateKeyPairSync('ed448').privateKey;
    default:
      return undefined;
  }
}
