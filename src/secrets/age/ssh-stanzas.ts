import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { Stanza, type Identity, type Recipient } from 'age-encryption';
import ssh2 from 'ssh2';
import { sealed, unpadded, unsealed } from './file-key.ts';

/*
 * SSH keys as recipients of age files, which the library leaves to others: the stanzas of `filippo.io/age/agessh`
 * (age(1), "SSH keys"). A tag, the first four bytes of the key's SHA-256, says which key a stanza is for.
 */
const labels = {
  'ssh-ed25519': 'age-encryption.org/v1/ssh-ed25519',
  'ssh-rsa': 'age-encryption.org/v1/ssh-rsa',
} as const;

/** @param wire the public key as ssh writes it: what stands behind `ssh-ed25519` in a `.pub` file, decoded */
export function sshRecipient(wire: Uint8Array): Recipient {
  const [type = Buffer.alloc(0), ...numbers] = wireParts(wire);
  const wrap = type.toString('latin1') === 'ssh-ed25519' ? wrapForEd25519 : wrapForRsa;
  return { wrapFileKey: (fileKey) => [wrap(fileKey, wire, numbers)] };
}

/**
 * @param text a private key as ssh-keygen writes it
 * @throws Error for one that cannot be read, also for want of its passphrase, or of another type
 */
export function sshIdentity(text: string, passphrase?: string): Identity {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) throw parsed;
  const { type } = parsed;
  if (!Object.hasOwn(labels, type)) throw new Error(`age does not support keys of the type ${type}`);
  const wire = parsed.getPublicSSH();
  const key = createPrivateKey(parsed.getPrivatePEM());
  const open = type === 'ssh-ed25519' ? openWithEd25519 : openWithRsa;
  return {
    unwrapFileKey: (stanzas) => {
      for (const stanza of stanzas) {
        if (stanza.args[0] === type && stanza.args[1] === tagOf(wire)) return open(stanza, wire, key);
      }
      return null;
    },
  };
}

function wrapForEd25519(fileKey: Uint8Array, wire: Uint8Array, [point = Buffer.alloc(0)]: readonly Buffer[]): Stanza {
  const theirs = ed25519.utils.toMontgomery(point);
  const ephemeral = randomBytes(32);
  const share = x25519.getPublicKey(ephemeral);
  const shared = x25519.getSharedSecret(tweakOf(wire), x25519.getSharedSecret(ephemeral, theirs));
  return new Stanza(['ssh-ed25519', tagOf(wire), unpadded(share)], sealed(fileKey, wrapKey(shared, share, theirs)));
}

function openWithEd25519({ args, body }: Stanza, wire: Uint8Array, key: KeyObject): Uint8Array {
  const share = Buffer.from(args[2] ?? '', 'base64');
  if (args.length !== 3 || share.length !== 32 || body.length !== 32) throw new Error('invalid ssh-ed25519 stanza');
  const seed = Buffer.from(String(key.export({ format: 'jwk' }).d), 'base64url');
  // RFC 8032: the scalar of an Ed25519 key is the first half of its hash; X25519 clamps it.
  const scalar = createHash('sha512').update(seed).digest().subarray(0, 32);
  const shared = x25519.getSharedSecret(tweakOf(wire), x25519.getSharedSecret(scalar, share));
  return unsealed(body, wrapKey(shared, share, x25519.getPublicKey(scalar)));
}

/** Binds the shared secret to the SSH key, so that nobody finds another one with the same X25519 key. */
function tweakOf(wire: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', new Uint8Array(), wire, labels['ssh-ed25519'], 32));
}

function wrapKey(shared: Uint8Array, share: Uint8Array, theirs: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([share, theirs]), labels['ssh-ed25519'], 32));
}

const oaep = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(labels['ssh-rsa']),
};
/** Below this, age itself refuses an RSA key. */
const fewestBytes = 256;

function wrapForRsa(
  fileKey: Uint8Array,
  wire: Uint8Array,
  [e = Buffer.alloc(0), n = Buffer.alloc(0)]: readonly Buffer[],
): Stanza {
  const modulus = n[0] === 0 ? n.subarray(1) : n;
  if (modulus.length < fewestBytes) throw new Error('the RSA key has fewer than 2048 bits');
  const key = createPublicKey({
    key: { kty: 'RSA', n: modulus.toString('base64url'), e: e.toString('base64url') },
    format: 'jwk',
  });
  return new Stanza(['ssh-rsa', tagOf(wire)], publicEncrypt({ ...oaep, key }, fileKey));
}

function openWithRsa({ args, body }: Stanza, _: Uint8Array, key: KeyObject): Uint8Array {
  if (args.length !== 2) throw new Error('invalid ssh-rsa stanza');
  return privateDecrypt({ ...oaep, key }, body);
}

function tagOf(wire: Uint8Array): string {
  return unpadded(createHash('sha256').update(wire).digest().subarray(0, 4));
}

/** RFC 4251, section 5: each part behind its length. */
function wireParts(wire: Uint8Array): Buffer[] {
  const bytes = Buffer.from(wire);
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}
