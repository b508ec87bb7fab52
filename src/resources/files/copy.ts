import * as v from 'valibot';
import { PlayError } from '../../errors/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { fileDefaults } from '../kit/defaults.ts';
import { placedQuestions, placeFor, planPlaced, type PlacedFile } from '../kit/destination.ts';
import { readRoleFile } from '../kit/role-file.ts';
import {
  backup,
  decrypt,
  destination,
  follow,
  group,
  mode,
  owner,
  secretText,
  text,
  validate,
} from '../kit/schemas.ts';

/** A file with given bytes: from the role's `files/`, or written in the playbook. */
export const copy = defineResource({
  name: 'copy',
  summary: "Puts a file on the host: one of the role's `files/`, or content written in the playbook.",
  options: {
    dest: destination(
      'Where the file shall be. With `src`, where a directory is there or a slash ends it: in that directory, by the name of the source; with a slash the directory is made where it is missing. Where several tasks of a play put a file into one directory, each says so with a slash.',
    ),
    follow,
    src: v.optional(text("The file to copy: a path below the role's `files/`, or an absolute one.")),
    decrypt,
    content: v.optional(secretText('The content itself, instead of `src`. May be a Secret.')),
    encoding: v.optional(
      v.pipe(
        v.picklist(['utf-8', 'base64']),
        v.description('What `content` is: the text itself, or bytes written in base64.'),
      ),
      'utf-8',
    ),
    mode,
    owner,
    group,
    validate,
    backup,
  },
  example: `copy({ src: 'motd', dest: '/etc/motd', mode: '0644' })
copy({ content: secret\`token=\${token}\\n\`, dest: '/etc/app/token', owner: 'app', mode: '0400' })
copy({ content: keyInBase64, encoding: 'base64', dest: '/etc/app/key', owner: 'app', mode: '0400' })`,
  validateOptions: ({ src, content, encoding, dest }) => {
    if (content !== undefined && dest.endsWith('/'))
      return '`content` has no name of its own: `dest` must be the path of the file itself, without a slash at its end';
    if ((src === undefined) === (content === undefined)) return 'give either `src` or `content`';
    return src !== undefined && encoding === 'base64'
      ? '`encoding` is that of `content`; a file of `files/` is copied as it is'
      : undefined;
  },
  defaults: fileDefaults,
  title: (options) => options.dest ?? '',
  prepare(options, scope): PlacedFile {
    const { src, content, encoding, dest, decrypt: isDecrypted, ...rest } = options;
    const { bytes, isSecret } =
      src === undefined
        ? { bytes: bytesOf(reveal(content ?? ''), encoding, dest), isSecret: content instanceof Secret }
        : readRoleFile(scope, 'files', src, isDecrypted);
    return { ...rest, ...placeFor(dest, src), content: bytes, ...(isSecret ? { secrets: true as const } : {}) };
  },
  probes: placedQuestions,
  plan: planPlaced,
  owns: (file) => [{ on: 'path', path: file.path }],
});

/** Node takes anything for base64 and leaves out what is none: a key that lost a letter would be put in place. */
function bytesOf(content: string, encoding: 'utf-8' | 'base64', dest: string): Buffer {
  if (encoding === 'utf-8') return utf8.encode(content);
  const letters = content.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(letters))
    throw new PlayError(`copy: the content of ${dest} is no base64`, { hint: 'Make it with: base64 FILE' });
  return Buffer.from(letters, 'base64');
}
