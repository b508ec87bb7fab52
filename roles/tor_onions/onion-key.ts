import { createHash, generateKeyPairSync } from 'node:crypto';
import { PlayError, Secret } from 'play';

/** What tor's file begins with; behind it the expanded key (rend-spec-v3, appendix A.2; RFC 8032, 5.1.5). */
const head = Buffer.from('== ed25519v1-secret: type0 ==\0\0\0', 'latin1');
const keyBytes = 64;

/**
 * A key as it was given, once it has proven to be one: tor would make itself another in place of what it cannot read.
 */
export function onionKey(given: Secret): Secret {
  return new Secret(() => {
    const text = given.expose().replace(/\s/g, '');
    const bytes = Buffer.from(text, 'base64');
    if (
      bytes.length === head.length + keyBytes &&
      bytes.subarray(0, head.length).equals(head) &&
      bytes.toString('base64') === text
    )
      return text;
    throw new PlayError('a key of tor_onions is no key of an onion service', {
      where: given.source,
      hint: 'It is the file hs_ed25519_secret_key of a version 3 service, 96 bytes: base64 -w0 hs_ed25519_secret_key',
    });
  }, given.source);
}

/** A key for a throwaway host, in base64. */
export function throwawayKey(): string {
  const { d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const expanded = createHash('sha512').update(Buffer.from(d, 'base64url')).digest();
  expanded[0] = (expanded[0] ?? 0) & 248;
  expanded[31] = ((expanded[31] ?? 0) & 63) | 64;
  return Buffer.concat([head, expanded]).toString('base64');
}
