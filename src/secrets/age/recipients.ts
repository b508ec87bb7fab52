import { readFileSync } from 'node:fs';
import { PlayError, type Location } from '../../errors/index.ts';
import { reason } from '../sources.ts';
import type { AgeRecipient } from './age.ts';

/**
 * A recipient as `age -r` takes it: `age1...`, `ssh-ed25519 AAAA...` or `ssh-rsa AAAA...`, with a comment or without.
 *
 * @throws PlayError for anything else
 */
export function parseRecipient(given: string, where: Location): AgeRecipient {
  const text = given.trim();
  if (/^age1[0-9a-z]+$/.test(text)) return text;
  const [, ssh] = /^ssh-(?:ed25519|rsa)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(text) ?? [];
  if (ssh !== undefined) return Buffer.from(ssh, 'base64');
  throw new PlayError(
    text.startsWith('AGE-SECRET-KEY-')
      ? 'This is a secret key, not a recipient'
      : `"${shortened(text)}" is not a recipient`,
    {
      where,
      hint: 'A recipient is age1..., ssh-ed25519 AAAA... or ssh-rsa AAAA...; age-keygen -y FILE shows that of an identity.',
    },
  );
}

/** The recipients of a file as `age -R` reads it: one a line, comments with `#`. @throws PlayError naming the line */
export function readRecipients(file: string): AgeRecipient[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlayError(`The recipients cannot be read: ${reason(cause)}`, {
      where: { file },
      hint: 'Check the path.',
      cause,
    });
  }
  const found = text.split(/\r?\n/).flatMap((line, at) => {
    const isOne = line.trim() !== '' && !line.trimStart().startsWith('#');
    return isOne ? [parseRecipient(line, { file, line: at + 1 })] : [];
  });
  if (found.length === 0)
    throw new PlayError('There is no recipient in this file', { where: { file }, hint: 'Write one per line.' });
  return found;
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}...` : text);
