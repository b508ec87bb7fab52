import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { defineResource, type Plan } from '../playbook/index.ts';
import { archiveMembers, sha256, stat, type ArchiveAnswer, type Found } from '../probes/index.ts';
import { readArchive } from './archive/read.ts';
import { readRoleFile, roleFile } from './copy.ts';
import { resolveMode } from './mode.ts';
import { flag, group, mode, owner, path, text } from './schemas.ts';
import { planTree, treeQuestions, type TreeResult } from './tree/plan.ts';
import { excluder, fileEntry, withParents, type WantedEntry, type WantedTree } from './tree/wanted.ts';

export interface UnarchiveResult extends TreeResult {
  /** What is in the archive, with `listFiles`. */
  readonly files: readonly string[];
}

interface Wanted {
  readonly tree: Omit<WantedTree, 'entries'>;
  /** From an archive of this machine; undefined: the host has it. */
  readonly entries: readonly WantedEntry[] | undefined;
  readonly src: string;
  readonly isZip: boolean;
  readonly strip: number;
  readonly mode: string | undefined;
  readonly creates: string | undefined;
  readonly listFiles: boolean;
  readonly isIncluded: (name: string) => boolean;
}

const patterns = (description: string) => v.optional(v.pipe(v.array(v.string()), v.description(description)), []);

/** An archive, unpacked. */
export const unarchive = defineResource({
  name: 'unarchive',
  summary: 'Unpacks an archive on the host: tar (also with gzip, xz, bzip2 or zstd) or zip. What is there already stays as it is; of an archive from here only what differs travels.',
  options: {
    src: text("The archive: a path below the role's `files/` or an absolute one; with `remoteSrc` a path on the host."),
    dest: path('The directory to unpack in, which must exist.'),
    remoteSrc: flag('The archive is on the host.', false),
    creates: v.optional(path('If this is there, nothing is done.')),
    include: patterns('Only what fits one of these patterns (as in `sync`), named as in the archive.'),
    exclude: patterns('Not what fits one of these patterns.'),
    extraOpts: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^--strip-components=\d+$/, 'must be `--strip-components=N`; for `--exclude` there is the option `exclude`'))), v.description("`['--strip-components=1']` takes leading folders off. No other options of tar.")), []),
    listFiles: flag('Leave the names of all that is in the archive in the result.', false),
    mode,
    owner,
    group,
  },
  example: `unarchive({ src: 'tool-1.2.tar.gz', dest: '/opt/tool', extraOpts: ['--strip-components=1'], owner: 'root', group: 'root' })
unarchive({ src: '/opt/tool.tar.gz', remoteSrc: true, dest: '/opt', creates: '/opt/tool/bin/tool' })`,
  refuse: ({ src, remoteSrc, extraOpts }) =>
    remoteSrc && !src.startsWith('/') ? 'with `remoteSrc` give the absolute path of the archive on the host' : remoteSrc && /\.zip$/i.test(src) && extraOpts.length > 0 ? 'unzip knows no --strip-components' : undefined,
  title: ({ src, dest }) => `${src ?? ''} to ${dest ?? ''}`,
  prepare({ src, dest, remoteSrc, creates, include, exclude, extraOpts, listFiles, mode: wantedMode, ...ownership }, scope): Wanted {
    const strip = Number(/\d+$/.exec(extraOpts.at(-1) ?? '')?.[0] ?? 0);
    const isZip = /\.zip$/i.test(src);
    const entries = remoteSrc ? undefined : membersHere(readRoleFile(scope, 'files', src), roleFile(scope, 'files', src), strip, wantedMode);
    const isExcluded = excluder(exclude);
    const isOnly = include.length === 0 ? () => true : excluder(include);
    const tree = { ...ownership, dest, delete: false, isExcluded, keepsFolderLinks: true, makesDest: false, ...(remoteSrc ? { archive: { path: src, isZip, strip } } : {}) };
    return { tree, entries, src, isZip, strip, mode: wantedMode, creates, listFiles, isIncluded: (name) => isOnly(name) };
  },
  probes: ({ tree, entries, creates, src }) => [...(creates === undefined ? [] : [stat(creates)]), stat(tree.dest), ...(entries === undefined ? [sha256(src)] : creates === undefined ? treeQuestions({ ...tree, entries }) : [])],
  plan(wanted, found): Plan<UnarchiveResult> {
    const nothing: Plan<UnarchiveResult> = { changes: [], steps: [], after: [], touches: [], result: { dest: wanted.tree.dest, written: [], deleted: [], files: [] } };
    if (wanted.creates !== undefined && found.get(stat(wanted.creates)).type !== 'absent') return nothing;
    const all = wanted.entries ?? membersThere(wanted, found);
    if (typeof all === 'string') return found.changedBefore === undefined ? { ...nothing, failure: all } : { ...nothing, may: `${wanted.src} is not there as it will be (${found.changedBefore})`, unforeseen: true };
    const kept = all.filter(({ name, type }) => wanted.isIncluded(name) || (type === 'directory' && all.some((one) => one.name.startsWith(`${name}/`) && wanted.isIncluded(one.name))));
    const { conclude: _conclude, carryOut: _carryOut, ...plan } = planTree({ ...wanted.tree, entries: kept }, found);
    const lacks = wanted.creates !== undefined && plan.changes.length > 0;
    return { ...plan, ...(lacks ? { again: true } : {}), result: { ...plan.result, files: wanted.listFiles ? all.map(({ name }) => name) : [] } };
  },
});

function membersHere(bytes: Buffer, where: string, strip: number, wantedMode: string | undefined): WantedEntry[] {
  const entries = readArchive(bytes, where).flatMap((member): WantedEntry[] => {
    const name = member.name.split('/').slice(strip).join('/');
    if (name === '') return [];
    if (member.type === 'link') return [{ type: 'link', name, target: member.target }];
    const bits = resolveMode(wantedMode, member.mode, member.type === 'directory');
    return [member.type === 'directory' ? { type: 'directory', name, mode: bits } : fileEntry(name, member.content, bits)];
  });
  if (entries.length === 0) throw new PlayError('There is nothing in this archive', { where });
  return withParents(entries, resolveMode(wantedMode, '0755', true));
}

/** @returns why they are not known, as a sentence */
function membersThere({ src, isZip, strip, mode: wantedMode, tree }: Wanted, found: Found): WantedEntry[] | string {
  const hash = found.get(sha256(src));
  if (hash === null) return `${src} is not a file on the host`;
  const answer: ArchiveAnswer = found.get(archiveMembers(src, isZip, strip));
  if ('error' in answer) return `${src} cannot be unpacked: ${answer.error}`;
  if (answer.sha256 !== hash) return `${src} changed meanwhile; run again`;
  const entries = answer.members.flatMap(({ name, type, mode: bits, target, size, sha256: sum }): WantedEntry[] => {
    if (type === 'link') return [{ type, name, target }];
    if (type === 'directory') return [{ type, name, mode: resolveMode(wantedMode, bits, true) }];
    return type === 'file' ? [{ type, name, mode: resolveMode(wantedMode, bits, false), sha256: sum, size, content: undefined }] : [];
  });
  found.need(...treeQuestions({ ...tree, entries }));
  return withParents(entries, '0755');
}
