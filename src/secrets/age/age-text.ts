import { PlayError, type Location } from '../../errors/index.ts';

const binaryStart = 'age-encryption.org/v1\n';
const armourStart = '-----BEGIN AGE ENCRYPTED FILE-----';
const armourEnd = '-----END AGE ENCRYPTED FILE-----';

/** Whether this is an age file with armour, or what `ageText` makes of one without. */
export function isAgeText(text: string): boolean {
  return text.trimStart().startsWith(armourStart);
}

/** Whether these are the first bytes of an age file without armour. */
export function isBinaryAge(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, binaryStart.length)).equals(
    Buffer.from(binaryStart),
  );
}

/** An age file as text: what reads files of variables need not know that there are two forms. */
export function ageText(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `${[armourStart, ...lines, armourEnd].join('\n')}\n`;
}

/** The bytes within the armour, wherever the text is indented or its lines end in CR LF. @throws PlayError for a damaged one */
export function ageBytes(text: string, where: Location): Buffer {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const packed = lines.slice(1, -1).join('');
  if (lines[0] !== armourStart || lines.at(-1) !== armourEnd || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed))
    throw damagedAge('its armour is incomplete', where);
  return Buffer.from(packed, 'base64');
}

export function damagedAge(why: string, where: Location): PlayError {
  return new PlayError(`The age file is damaged: ${why}`, {
    where,
    hint: 'Restore it from version control, or encrypt the value again.',
  });
}

/** For whom an age file is encrypted, as far as its header tells: `X25519`, `ssh-ed25519 AbCdEf`, `scrypt`. */
export function recipientsOf(bytes: Buffer): string[] {
  const end = bytes.indexOf('\n---');
  return bytes
    .toString('latin1', 0, end < 0 ? 0 : end)
    .split('\n')
    .filter((line) => line.startsWith('-> ') && !/^-> \S*-grease/.test(line))
    .map((line) => {
      const [, type = '', first = ''] = line.split(' ');
      return type.startsWith('ssh-') ? `${type} ${first}` : type;
    });
}
