import { generateKeyPairSync } from 'node:crypto';
import { selfSignedCertificate, type Subject } from './sign.ts';

/**
 * What checkers are shown in place of a key that is yet to be made on the host, and of its certificate: a pair that
 * goes together, made when it is asked for, signed by nobody else and used for nothing else.
 */
export interface StandInPair {
  key(): Buffer;
  certificate(): Buffer;
}

export function standInPair({ commonName, names }: Subject): StandInPair {
  let pair: { readonly key: Buffer; readonly certificate: Buffer } | undefined;
  const made = (): { readonly key: Buffer; readonly certificate: Buffer } => {
    if (pair !== undefined) return pair;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const certificate = Buffer.from(selfSignedCertificate({ commonName, names }, privateKey));
    return (pair = { key: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })), certificate });
  };
  return { key: () => made().key, certificate: () => made().certificate };
}
