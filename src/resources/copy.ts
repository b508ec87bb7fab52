import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { defineResource, type Scope } from '../playbook/index.ts';
import { reveal, Secret } from '../secrets/index.ts';
import { fileQuestions, planFile } from './file-content.ts';
import { backup, group, mode, owner, path, secretText, text, validate } from './schemas.ts';

/** A file with given bytes: from the role's `files/`, or written in the playbook. */
export const copy = defineResource({
  name: 'copy',
  summary: 'Puts a file on the host: one of the role\'s `files/`, or content written in the playbook.',
  options: {
    dest: path('Where the file shall be.'),
    src: v.optional(text('The file to copy: a path below the role\'s `files/`, or an absolute one.')),
    content: v.optional(secretText('The content itself, instead of `src`. May be a Secret.')),
    mode,
    owner,
    group,
    validate,
    backup,
  },
  example: `copy({ src: 'motd', dest: '/etc/motd', mode: '0644' })
copy({ content: secret\`token=\${token}\\n\`, dest: '/etc/app/token', owner: 'app', mode: '0400' })`,
  refuse: (options) => ((options.src === undefined) === (options.content === undefined) ? 'give either `src` or `content`' : undefined),
  title: (options) => options.dest ?? '',
  prepare(options, scope) {
    const { src, content, dest, ...rest } = options;
    const bytes = src === undefined ? Buffer.from(reveal(content ?? '')) : readRoleFile(scope, 'files', src);
    return { ...rest, path: dest, content: bytes, ...(content instanceof Secret ? { secrets: true as const } : {}) };
  },
  probes: (file) => fileQuestions(file.path),
  plan: (file, found) => planFile(file, found, { dest: file.path }),
  owns: (file) => [file.path],
});

/** Reads a file of the role. @throws PlayError naming where it was looked for */
export function readRoleFile(scope: Scope, folder: 'files' | 'templates', src: string): Buffer {
  const file = roleFile(scope, folder, src);
  try {
    return readFileSync(file);
  } catch (error) {
    throw new PlayError(`The file ${src} cannot be read`, { where: file, cause: error, hint: `${folder}/ of ${scope.role === null ? 'the playbook' : `the role "${scope.role}"`} is ${join(scope.dir, folder)}` });
  }
}

export function roleFile(scope: Scope, folder: 'files' | 'templates', src: string): string {
  return isAbsolute(src) ? src : join(scope.dir, folder, src);
}
