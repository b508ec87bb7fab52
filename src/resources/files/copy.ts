import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { PlayError } from '../../errors/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content as contentOf, stat } from '../../probes/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { fileDefaults } from '../kit/defaults.ts';
import { placedQuestions, placeFor, planPlaced, type PlacedFile, type PlacedLarge } from '../kit/destination.ts';
import { attributes } from '../kit/file-flags.ts';
import { digestOfFile, FileHere } from '../kit/file-here.ts';
import { modeOf, openRoleFile, roleFile } from '../kit/role-file.ts';
import {
  backup,
  decrypt,
  destination,
  directoryMode,
  flag,
  followDest,
  force,
  group,
  modeOrPreserve,
  owner,
  secretText,
  text,
  validate,
} from '../kit/schemas.ts';
import { parseChecksum } from './checksum.ts';
import type { Digest } from './digest.probe.ts';
import { planRemoteCopy, type RemoteCopy } from './remote-copy.ts';

/** A file with given bytes: from the role's `files/`, or written in the playbook. */
export const copy = defineResource({
  name: 'copy',
  summary: "Puts a file on the host: one of the role's `files/`, or content written in the playbook.",
  options: {
    dest: destination(
      'Where to put the file. With `src`, if this is a directory or ends in a slash: in that directory, under the name of the source; with a slash the directory is created if it is missing. If several tasks of a play put files into one directory, all of them need the slash.',
    ),
    follow: followDest,
    force,
    src: v.optional(
      text(
        "The file to copy: a path relative to the role's `files/`, or an absolute one. With `remoteSrc`, an absolute path on the host.",
      ),
    ),
    remoteSrc: flag('`src` is a file on the host itself. A link there is followed. Files only, no directories.', false),
    decrypt,
    content: v.optional(secretText('The content itself, instead of `src`. May be a Secret.')),
    encoding: v.optional(
      v.pipe(
        v.picklist(['utf-8', 'base64']),
        v.description('How `content` is written: as the text itself, or as base64.'),
      ),
      'utf-8',
    ),
    mode: modeOrPreserve,
    directoryMode,
    owner,
    group,
    attributes,
    validate,
    backup,
    checksum: v.optional(
      v.pipe(
        v.string(),
        v.check(
          (value) => typeof digestOfText(value) === 'object',
          'must be a SHA-1 of 40 hexadecimal digits, or `ALGORITHM:DIGEST`, such as `sha256:e3b0...`',
        ),
        v.description(
          'The checksum the content must have; otherwise nothing is written. A SHA-1 as in Ansible, or `ALGORITHM:DIGEST` (md5, sha1, sha224, sha256, sha384, sha512).',
        ),
      ),
    ),
  },
  example: `copy({ src: 'motd', dest: '/etc/motd', mode: '0644' })
copy({ content: secret\`token=\${token}\\n\`, dest: '/etc/app/token', owner: 'app', mode: '0400' })
copy({ src: '/etc/app/app.conf.dist', remoteSrc: true, dest: '/etc/app/app.conf', force: false })
copy({ content: keyInBase64, encoding: 'base64', dest: '/etc/app/key', owner: 'app', mode: '0400' })`,
  validateOptions: ({ src, content, encoding, dest, remoteSrc, mode }) => {
    if (content !== undefined && dest.endsWith('/'))
      return '`content` has no name of its own: `dest` must be the path of the file itself, without a slash at its end';
    if ((src === undefined) === (content === undefined)) return 'give either `src` or `content`';
    if (remoteSrc && !src?.startsWith('/')) return '`remoteSrc` needs `src`: an absolute path on the host';
    if (mode === 'preserve' && src === undefined) return "mode 'preserve' is that of `src`; `content` has none";
    return src !== undefined && encoding === 'base64'
      ? '`encoding` is that of `content`; a file of `files/` is copied as it is'
      : undefined;
  },
  defaults: fileDefaults,
  title: (options) => options.dest ?? '',
  prepare(options, scope): PlacedFile | PlacedLarge | RemoteCopy {
    const { src, content, encoding, dest, decrypt: isDecrypted, remoteSrc, checksum: sum, mode, ...rest } = options;
    const checksum = sum === undefined ? undefined : digestOfText(sum);
    const place = { ...rest, ...placeFor(dest, src), mode };
    if (remoteSrc) return { ...place, from: src ?? '', checksum };
    const { bytes, isSecret } =
      src === undefined
        ? { bytes: bytesOf(reveal(content ?? ''), encoding, dest), isSecret: content instanceof Secret }
        : openRoleFile(scope, 'files', src, isDecrypted);
    requireDigest(bytes, checksum, src ?? `the content of ${dest}`);
    const own = {
      ...place,
      ...(src !== undefined && mode === 'preserve' ? { mode: modeOf(roleFile(scope, 'files', src)) } : {}),
    };
    if (bytes instanceof FileHere) return { ...own, large: bytes };
    return { ...own, content: bytes, ...(isSecret ? { secrets: true as const } : {}) };
  },
  probes: (file) => [...placedQuestions(file), ...('from' in file ? [stat(file.from), contentOf(file.from)] : [])],
  plan: (file, found) => ('from' in file ? planRemoteCopy(file, found) : planPlaced(file, found)),
  owns: (file) => [{ on: 'path', path: file.path }],
});

/** Node takes anything for base64 and leaves out what is none: a key that lost a letter would be put in place. */
function bytesOf(content: string, encoding: 'utf-8' | 'base64', dest: string): Buffer {
  if (encoding === 'utf-8') return utf8.encode(content);
  const letters = content.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(letters))
    throw new PlayError(`copy: the content of ${dest} is not valid base64`, { hint: 'Make it with: base64 FILE' });
  return Buffer.from(letters, 'base64');
}

/** A digest; Ansible's are SHA-1 and do not say so. */
function digestOfText(sum: string): Digest | undefined {
  const parsed = parseChecksum(sum.includes(':') ? sum : `sha1:${sum}`);
  return typeof parsed === 'object' && 'hex' in parsed ? parsed : undefined;
}

function requireDigest(bytes: Buffer | FileHere, checksum: Digest | undefined, what: string): void {
  if (checksum === undefined) return;
  const hex =
    bytes instanceof FileHere
      ? digestOfFile(bytes.file, checksum.algorithm)
      : createHash(checksum.algorithm).update(bytes).digest('hex');
  if (hex !== checksum.hex)
    throw new PlayError(`copy: ${what} has the ${checksum.algorithm} ${hex}, not ${checksum.hex} (\`checksum\`)`, {
      hint: 'Either this is the wrong file, or `checksum` is out of date.',
    });
}
