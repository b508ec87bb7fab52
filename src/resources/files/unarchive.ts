import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { predict, settled, Unknowable, type Found, type Prediction, type Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import type { Member } from '../../formats/archive/member.ts';
import { readArchive } from '../../formats/archive/read.ts';
import { defineResource } from '../../playbook/index.ts';
import { archiveMembers } from '../../probes/archive.ts';
import { content, realPath, sha256, stat } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { resolveMode } from '../kit/mode.ts';
import { readRoleFile, roleFile } from '../kit/role-file.ts';
import { decrypt, flag, follow, group, mode, owner, path, text } from '../kit/schemas.ts';
import { planTree, rootOf, treeQuestions, type TreeResult } from '../kit/tree/plan.ts';
import { select, type Packed, type Selection } from '../kit/tree/select.ts';
import { fileEntry, type WantedEntry, type WantedTree } from '../kit/tree/wanted.ts';

export interface UnarchiveResult extends TreeResult {
  /** What is in the archive, with `listFiles`. */
  readonly files: readonly string[];
}

interface Wanted {
  readonly tree: Omit<WantedTree, 'entries' | 'archive'>;
  readonly selection: Selection;
  /** Of an archive of this machine; undefined: the host has it. */
  readonly here: Contents | undefined;
  readonly src: string;
  readonly mode: string | undefined;
  readonly creates: string | undefined;
  readonly listFiles: boolean;
}

interface Contents {
  readonly entries: readonly WantedEntry[];
  /** All that is in the archive. */
  readonly names: readonly string[];
  /** Where the host has the bytes. */
  readonly archive?: WantedTree['archive'];
}

const patterns = (description: string) => v.optional(v.pipe(v.array(v.string()), v.description(description)), []);

/** An archive, unpacked. */
export const unarchive = defineResource({
  name: 'unarchive',
  summary:
    'Unpacks an archive on the host: tar (also with gzip, xz, bzip2 or zstd) or zip, recognised by content and not by name. Existing files with the right content stay as they are, and only what differs is sent. Files that are written get their times from the archive, or the current time if the old file has the same time. Devices and pipes are skipped.',
  options: {
    src: text(
      "The archive: a path relative to the role's `files/`, or an absolute one; with `remoteSrc`, a path on the host.",
    ),
    dest: path('The directory to unpack in, which must exist.'),
    follow,
    remoteSrc: flag('The archive is on the host.', false),
    decrypt,
    creates: v.optional(path('If this path exists, nothing is done.')),
    include: patterns(
      'Only what matches one of these patterns (as in `sync`), with names as in the archive, before leading folders are stripped. A pattern that matches nothing is an error.',
    ),
    exclude: patterns('Skip what matches one of these patterns, with names as in the archive.'),
    extraOpts: v.optional(
      v.pipe(
        v.array(
          v.pipe(
            v.string(),
            v.regex(
              /^--strip-components=\d+$/,
              'must be `--strip-components=N`; for `--exclude` there is the option `exclude`',
            ),
          ),
        ),
        v.description("`['--strip-components=1']` strips leading folders. No other tar options."),
      ),
      [],
    ),
    listFiles: flag('List the names of everything in the archive in the result.', false),
    mode,
    owner,
    group,
  },
  example: `unarchive({ src: 'tool-1.2.tar.gz', dest: '/opt/tool', extraOpts: ['--strip-components=1'], owner: 'root', group: 'root' })
unarchive({ src: '/opt/tool.tar.gz', remoteSrc: true, dest: '/opt', creates: '/opt/tool/bin/tool' })`,
  validateOptions: ({ src, remoteSrc }) =>
    remoteSrc && !src.startsWith('/')
      ? 'with `remoteSrc` give the absolute path of the archive on the host'
      : undefined,
  title: ({ src, dest }) => `${src ?? ''} to ${dest ?? ''}`,
  prepare(
    {
      src,
      dest,
      remoteSrc,
      decrypt: isDecrypted,
      creates,
      include,
      exclude,
      extraOpts,
      listFiles,
      mode: wantedMode,
      ...ownership
    },
    scope,
  ): Wanted {
    const strip = Number(/\d+$/.exec(extraOpts.at(-1) ?? '')?.[0] ?? 0);
    const selection = { include, exclude, strip };
    const tree = {
      ...ownership,
      dest,
      delete: false,
      isExcluded: () => false,
      keepsFolderLinks: true,
      makesDest: false,
    };
    const here = remoteSrc
      ? undefined
      : contentsHere(
          readRoleFile(scope, 'files', src, isDecrypted).bytes,
          roleFile(scope, 'files', src),
          selection,
          wantedMode,
        );
    return { tree, selection, here, src, mode: wantedMode, creates, listFiles };
  },
  probes: ({ tree, here, creates, src }) => [
    ...(creates === undefined ? [] : [stat(creates)]),
    stat(tree.dest),
    ...(here === undefined
      ? [sha256(src), stat(src), realPath(src)]
      : creates === undefined
        ? treeQuestions({ ...tree, ...here })
        : []),
  ],
  plan(wanted, found: Found): Plan<UnarchiveResult> {
    const { tree, creates, listFiles } = wanted;
    if (creates !== undefined && found.get(stat(creates)).type !== 'absent')
      return settled({ dest: tree.dest, written: [], deleted: [], files: [] });
    // An archive that is only planned is no reason not to see that nothing can be unpacked there.
    if (wanted.here === undefined) needMembers(wanted.src, found);
    rootOf(tree, found);
    const contents = wanted.here ?? contentsThere(wanted, found);
    if ('unknown' in contents) return planUnknown(wanted, contents.unknown, found);
    const { changes, steps, after, touches, result } = planTree({ ...tree, ...contents }, found);
    const lacks = creates !== undefined && changes.length > 0;
    return {
      changes,
      steps,
      after,
      touches,
      ...(lacks ? { again: true } : {}),
      result: { ...result, files: listFiles ? contents.names : [] },
    };
  },
});

/** Check mode: the archive is not on the host yet, or another, so that what is in it cannot be asked. */
function planUnknown({ tree, src }: Wanted, why: string, found: Found): Plan<UnarchiveResult> {
  const { result } = planTree({ ...tree, entries: [] }, found);
  const { root: at } = rootOf(tree, found);
  const below: Prediction = { ...predict(stat(at), found.get(stat(at))), below: { unknown: why } };
  return {
    ...settled({ ...result, files: [] }),
    changes: [{ what: 'content', to: `what is in ${src}` }],
    after: [below],
    may: why,
    unforeseen: true,
  };
}

/** @throws PlayError where it cannot be unpacked */
function contentsHere(bytes: Buffer, where: string, selection: Selection, mode: string | undefined): Contents {
  const members = readArchive(bytes, where);
  const entries = select(
    members.map((one) => ({ ...one, as: (name: string) => asEntry(one, name, mode) })),
    selection,
    folderMode(mode),
  );
  if (typeof entries === 'string') throw new PlayError(`The archive cannot be unpacked: ${entries}`, { where });
  if (members.length === 0) throw new PlayError('There is nothing in this archive', { where });
  return { entries, names: members.map(({ name }) => name) };
}

function asEntry(
  { type, mode, content, target, modified }: Member,
  name: string,
  wantedMode: string | undefined,
): WantedEntry {
  if (type === 'link') return { type, name, target };
  const bits = resolveMode(wantedMode, mode, type === 'directory');
  return type === 'directory' ? { type, name, mode: bits } : fileEntry(name, content, bits, { modified });
}

function folderMode(mode: string | undefined): string {
  return resolveMode(mode, '0755', true);
}

/** What is in an archive on the host, or why that cannot be known yet. */
function contentsThere(wanted: Wanted, found: Found): Contents | { readonly unknown: string } {
  try {
    return readThere(wanted, found);
  } catch (error) {
    if (error instanceof Unknowable) return { unknown: error.message };
    throw error;
  }
}

/** What is in the archive, asked along with what comes before it. */
function needMembers(src: string, found: Found): void {
  try {
    if (found.get(sha256(src)) !== null) found.need(archiveMembers(src));
  } catch (error) {
    if (!(error instanceof Unknowable)) throw error;
  }
}

function readThere(wanted: Wanted, found: Found): Contents {
  const { src, selection, mode, tree } = wanted;
  const hash = found.get(sha256(src));
  found.require(hash !== null, { failure: `${src} is not a file on the host` });
  const answer = found.get(archiveMembers(src));
  if ('error' in answer || answer.sha256 !== hash) {
    const planned = plannedContents(wanted, hash, found);
    if (planned !== undefined) return planned;
    // What it lacks may be a program that is planned; and what is planned is not what was looked into.
    const isPlanned = found.plannedBelow(folderOf(src)).some(({ path: at }) => at === src);
    found.require(false, {
      failure: `${src} cannot be unpacked`,
      hint: 'error' in answer ? answer.error : 'It changed in the meantime: run again.',
      by: 'error' in answer && !isPlanned ? 'programs' : 'changes',
    });
  }
  const members = answer.members.flatMap((one): Packed[] => {
    const { name: from, type, mode: now, target, size, sha256: sum } = one;
    if (type === 'other') return [];
    const bits = resolveMode(mode, now, type === 'directory');
    const as = (name: string): WantedEntry =>
      type === 'link'
        ? { type, name, target }
        : type === 'directory'
          ? { type, name, mode: bits }
          : { type, name, from, mode: bits, sha256: sum, size, content: undefined };
    return [{ name: from, type, as }];
  });
  const entries = select(members, selection, folderMode(mode));
  if (typeof entries === 'string')
    found.require(false, { failure: `${src} cannot be unpacked`, hint: entries, by: 'changes' });
  found.need(...treeQuestions({ ...tree, entries }));
  return {
    entries,
    names: answer.members.map(({ name }) => name),
    archive: { path: placeOf(src, found), isZip: answer.isZip },
  };
}

/** Where the archive itself is: it is opened there, and not through a link that may be another by then. */
function placeOf(src: string, found: Found): string {
  return found.get(stat(src)).type === 'link' ? (found.get(realPath(src)) ?? src) : src;
}

/** Check mode: what is in an archive that an earlier task puts on the host is known where its bytes are. */
function plannedContents({ src, selection, mode }: Wanted, hash: string, found: Found): Contents | undefined {
  if (!found.mayDiffer('changes')) return undefined;
  const now = found.get(content(src));
  if (!('bytes' in now) || createHash('sha256').update(now.bytes).digest('hex') !== hash) return undefined;
  try {
    return { ...contentsHere(now.bytes, src, selection, mode), archive: { path: src, isZip: false } };
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    throw new PlayError(`${src} cannot be unpacked`, { hint: error.message });
  }
}
