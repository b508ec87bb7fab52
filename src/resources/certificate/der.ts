/** DER (ITU-T X.690), as much of it as a certificate needs. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(
    content.length.toString(16).padStart(content.length > 0xffff ? 6 : content.length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const bitString = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
export const yes = Buffer.from([0x01, 0x01, 0xff]);
export const nothing = Buffer.from([0x05, 0x00]);

/** An object identifier: `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from(bytes));
}

/** A time in UTC: two digits for the year up to 2049, then four (RFC 5280, 4.1.2.5). */
export function time(when: Date): Buffer {
  const digits = when.toISOString().replace(/[-:T]|\.\d+/g, '');
  return when.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

/** The elements inside of a constructed value, each with its tag and length. */
export function elements(value: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const { start, end } = bounds(value, 0);
  for (let at = start; at < end;) {
    const next = bounds(value, at).end;
    found.push(value.subarray(at, next));
    at = next;
  }
  return found;
}

/** What is inside of a value. */
export function contentOf(value: Buffer): Buffer {
  const { start, end } = bounds(value, 0);
  return value.subarray(start, end);
}

function bounds(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  const start = at + 2 + count;
  return { start, end: start + bytes.readUIntBE(at + 2, count) };
}
