import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { basename, dirname, resolve } from 'node:path/posix';
import * as v from 'valibot';
import type { Found, Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { wordRegexp } from '../../formats/regexp.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, contentLimit, largeContent, realPath, stat } from '../../probes/index.ts';
import { listing } from '../../probes/listing.ts';
import { fileDefaults } from '../kit/defaults.ts';
import { fileQuestions, folderOf, planFile, type WantedFile } from '../kit/file-content.ts';
import { roleFile } from '../kit/role-file.ts';
import { backup, filePath, flag, follow, group, mode, owner, text, validate } from '../kit/schemas.ts';
import { allThatIsThere, below, type Here } from '../kit/tree/here.ts';

interface Fragment {
  readonly name: string;
  readonly bytes: Buffer;
}

interface Assembly {
  readonly file: Omit<WantedFile, 'content'>;
  /** Where the fragments are: read at the desk already, or a folder of the host. */
  readonly from: readonly Fragment[] | string;
  readonly delimiter: string | undefined;
  isWanted(name: string): boolean;
}

/** One file out of the fragments in a folder. */
export const assemble = defineResource({
  name: 'assemble',
  summary: 'Assembles a file from the fragments in a folder, in the order of their names.',
  options: {
    src: text(
      "The folder with the fragments: relative to the role's `files/`, or an absolute path; on the host with `remoteSrc`. `dest`, links to it and its backups do not count as fragments, wherever they are.",
    ),
    dest: filePath('The file to make.'),
    follow,
    remoteSrc: flag('`src` is a folder on the host.', false),
    regexp: v.optional(wordRegexp('Use only fragments whose names match.')),
    ignoreHidden: flag('Ignore fragments whose names begin with a dot.', false),
    delimiter: v.optional(text('A separator between fragments, on lines of its own; `\\n` and `\\t` are understood.')),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `assemble({ src: '/etc/haproxy/conf.d', remoteSrc: true, dest: '/etc/haproxy/haproxy.cfg', regexp: /\\.cfg$/, validate: 'haproxy -c -f %s' }, { notify: reload })
assemble({ src: 'sshd_config.d', dest: '/etc/ssh/sshd_config', validate: 'sshd -t -f %s' })`,
  validateOptions: ({ src, remoteSrc }) =>
    remoteSrc && !src.startsWith('/') ? '`src` on the host must be an absolute path' : undefined,
  defaults: fileDefaults,
  title: (options) => options.dest ?? '',
  prepare({ src, dest, remoteSrc, regexp: pattern, ignoreHidden, delimiter, ...rest }, scope): Assembly {
    const isWanted = (name: string): boolean =>
      (pattern?.test(name) ?? true) && !(ignoreHidden && name.startsWith('.'));
    const folder = roleFile(scope, 'files', src);
    return {
      file: { ...rest, path: dest },
      from: remoteSrc ? src.replace(/\/+$/, '') || '/' : readFragments(folder, isWanted),
      delimiter,
      isWanted,
    };
  },
  probes: ({ file, from }) => [
    ...fileQuestions(file.path),
    ...(typeof from === 'string' ? [stat(from), listing(from, 1), realPath(from), realPath(folderOf(file.path))] : []),
  ],
  plan,
  owns: ({ file }) => [{ on: 'path', path: file.path }],
});

function readFragments(folder: string, isWanted: (name: string) => boolean): Fragment[] {
  try {
    return readdirSync(folder)
      .filter((name) => isWanted(name) && statSync(join(folder, name)).isFile())
      .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  } catch (error) {
    throw new PlayError(`The fragments in ${folder} cannot be read`, {
      where: folder,
      cause: error,
      hint: 'For a folder on the host write remoteSrc: true',
    });
  }
}

interface AssembleResult {
  /** The assembled file. */
  readonly dest: string;
}

function plan({ file, from, delimiter, isWanted }: Assembly, found: Found): Plan<AssembleResult> {
  const fragments = typeof from === 'string' ? fragmentsOn(from, file.path, isWanted, found) : from;
  return planFile({ ...file, content: joined(fragments, delimiter) }, found, { dest: file.path });
}

function fragmentsOn(
  folder: string,
  dest: string,
  isWanted: (name: string) => boolean,
  found: Found,
): readonly Fragment[] {
  found.need(stat(folder), listing(folder, 1));
  const isThere = found.get(stat(folder)).type !== 'absent';
  const here = allThatIsThere(folder, folder, found, 1);
  found.require(isThere || here.size > 0, { failure: `there is no folder ${folder}` });
  found.trust(`no fragments are added to ${folder} by then`);
  const isOwn = ownMaker(folder, dest, found);
  const paths = [...here]
    .filter(([name, one]) => isWanted(name) && !isOwn(name, one))
    .map(([name]) => ({ name, path: below(folder, name) }));
  found.need(...paths.map((one) => content(one.path)));
  const fragments: Fragment[] = [];
  for (const { name, path: fragment } of paths) {
    const now = found.get(content(fragment));
    if ('tooLarge' in now && now.tooLarge <= contentLimit) found.get(largeContent(fragment));
    if ('tooLarge' in now) throw new PlayError(`${fragment} has ${now.tooLarge} bytes: too large for a fragment`);
    if ('bytes' in now) fragments.push({ name, bytes: now.bytes });
  }
  return fragments;
}

/** Tells what of a folder is the assembled file itself: as a fragment it would grow with every run. */
function ownMaker(folder: string, dest: string, found: Found): (name: string, one: Here) => boolean {
  const [from, to] = [found.get(realPath(folder)) ?? folder, found.get(realPath(folderOf(dest))) ?? folderOf(dest)];
  const own = basename(dest);
  const backups = new RegExp(`^${own.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}\\.\\d{4}-\\d\\d-\\d\\dT[0-9.-]+Z~$`, 'u');
  return (name, { type, target }) => {
    if (name.startsWith('.play-')) return true;
    if (from === to && (name === own || backups.test(name))) return true;
    return type === 'link' && leadsTo(resolve(from, target ?? ''), below(to, own), found);
  };
}

function leadsTo(path: string, dest: string, found: Found): boolean {
  return path === dest || (basename(path) === basename(dest) && found.get(realPath(dirname(path))) === dirname(dest));
}

/**
 * As ansible-core joins them: a fragment without a last line end gets one, delimiters stand between, never at the end.
 */
function joined(fragments: readonly Fragment[], delimiter: string | undefined): Buffer {
  const parts: Buffer[] = [];
  const newline = Buffer.from('\n');
  const between =
    delimiter === undefined || delimiter === ''
      ? undefined
      : Buffer.from(
          delimiter.replace(/\\([ntr\\])/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? '\\'),
        );
  const sorted = [...fragments].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  for (const [i, { bytes }] of sorted.entries()) {
    const before = sorted[i - 1]?.bytes;
    if (before && before.at(-1) !== 0x0a) parts.push(newline);
    if (i > 0 && between) parts.push(between, ...(between.at(-1) === 0x0a ? [] : [newline]));
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
