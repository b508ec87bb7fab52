import { createHash } from 'node:crypto';

/**
 * The fingerprints of the primary keys in an OpenPGP keyring, in upper-case hex. @throws Error in words for who gave
 * the key
 */
export function fingerprintsOf(keyring: Buffer): string[] {
  const bytes = isArmored(keyring) ? dearmored(keyring.toString('latin1')) : keyring;
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { tag, start, end } = packetAt(bytes, at);
    // 6 is a primary key; subkeys (14) are signed by one.
    if (tag === 6) found.push(fingerprint(bytes.subarray(start, end)));
    at = end;
  }
  if (found.length === 0) throw new Error('it holds no public key');
  return found;
}

export function isArmored(bytes: Buffer): boolean {
  return bytes.subarray(0, 4096).toString('latin1').includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');
}

/** RFC 9580, 6.2: headers, an empty line, base64, and maybe a checksum. */
function dearmored(text: string): Buffer {
  const blocks = [...text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----([^]*?)-----END PGP PUBLIC KEY BLOCK-----/g)];
  if (blocks.length === 0) throw new Error('its END line is missing');
  return Buffer.concat(
    blocks.map(([, inside = '']) =>
      Buffer.from(inside.replace(/^[^]*?\n[ \t\r]*\n/, '').replace(/\n=[A-Za-z0-9+/]{4}\s*$/, ''), 'base64'),
    ),
  );
}

/** RFC 9580, 4.2: headers of the new and of the old form. */
function packetAt(bytes: Buffer, at: number): { readonly tag: number; readonly start: number; readonly end: number } {
  const head = byte(bytes, at);
  if ((head & 0x80) === 0) throw new Error('it is no OpenPGP key');
  const [length, start] = (head & 0x40) !== 0 ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, head & 3);
  if (start + length > bytes.length) throw new Error('it is cut off');
  return { tag: (head & 0x40) !== 0 ? head & 0x3f : (head >> 2) & 0x0f, start, end: start + length };
}

function newLength(bytes: Buffer, at: number): readonly [number, number] {
  const first = byte(bytes, at);
  if (first < 192) return [first, at + 1];
  if (first < 224) return [((first - 192) << 8) + byte(bytes, at + 1) + 192, at + 2];
  if (first !== 255 || at + 5 > bytes.length) throw new Error('it is no OpenPGP key');
  return [bytes.readUInt32BE(at + 1), at + 5];
}

function oldLength(bytes: Buffer, at: number, type: number): readonly [number, number] {
  const size = [1, 2, 4][type];
  if (size === undefined || at + size > bytes.length) throw new Error('it is no OpenPGP key');
  return [bytes.readUIntBE(at, size), at + size];
}

function byte(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw new Error('it is cut off');
  return value;
}

/** RFC 9580, 5.5.4. */
function fingerprint(body: Buffer): string {
  const version = byte(body, 0);
  const prefix = Buffer.alloc(version === 4 ? 3 : 5);
  prefix[0] = version === 4 ? 0x99 : version === 5 ? 0x9a : 0x9b;
  if (version === 4) prefix.writeUInt16BE(body.length, 1);
  else if (version === 5 || version === 6) prefix.writeUInt32BE(body.length, 1);
  else throw new Error(`its key is of version ${version}, whose fingerprint cannot be trusted`);
  return createHash(version === 4 ? 'sha1' : 'sha256')
    .update(prefix)
    .update(body)
    .digest('hex')
    .toUpperCase();
}

/** Every primary key apt would trust must be one that was asked for. */
export function keyProblem(bytes: Buffer, wanted: readonly string[] | undefined): string | undefined {
  try {
    const found = fingerprintsOf(bytes);
    const strange = wanted && found.filter((one) => !wanted.includes(one));
    return strange && strange.length > 0
      ? `it holds ${strange.join(', ')}, which \`fingerprint\` does not name`
      : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
