import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type Need,
  type PathState,
  type Plan,
} from '../../contract/index.ts';
import { editTable, isNoPlace } from '../../formats/mount-table.ts';
import { defineResource } from '../../playbook/index.ts';
import { mountsSubject, realPath, self, stat, tree } from '../../probes/index.ts';
import { inOrder } from '../kit/in-order.ts';
import { foldersMade } from '../kit/made-folders.ts';
import { gone } from '../kit/predictions.ts';
import { flag, follow, path as absolute, text } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { differingOptions, isBind, optionValue } from './mount-options.ts';
import { mountStep } from './mount-step.ts';
import { isSameType, noDevice } from './mount-types.ts';
import { mounted, mountSource, type Mounted, type MountSource } from './mounts.probe.ts';

export interface MountResult {
  /** The mount point; `none` or `swap` for swap. */
  readonly path: string;
  /** Whether something is mounted there afterwards. */
  readonly isMounted: boolean;
}

const states = v.picklist(['mounted', 'present', 'unmounted', 'absent', 'remounted', 'ephemeral']);
const word = (description: string) =>
  v.pipe(text(description), v.regex(/^[^-\0\n][^\0\n]*$/, 'must be one line, and not begin with a dash'));
const options = {
  path: v.pipe(
    v.union([v.picklist(['none', 'swap']), absolute('The mount point.')]),
    v.description('The mount point; `none` for swap, which has none: its lines are identified by `src`.'),
  ),
  follow,
  src: v.optional(word('What is mounted: a device, `UUID=...`, `host:/path`, a directory for `bind`.')),
  fstype: v.optional(
    v.pipe(
      text('Type of the file system: `ext4`, `nfs`, `tmpfs`, `none` for `bind`.'),
      v.regex(/^[^\s#]+$/, 'must be one word'),
    ),
  ),
  opts: v.optional(
    v.pipe(text('Mount options, separated by commas. Default `defaults`.'), v.regex(/^[^\s]+$/, 'must hold no blanks')),
  ),
  dump: v.optional(
    v.pipe(v.union([v.literal('0'), v.literal('1')]), v.description('Fifth field of fstab(5). Default `0`.')),
    '0',
  ),
  passno: v.optional(
    v.pipe(
      v.picklist(['0', '1', '2']),
      v.description('Sixth field of fstab(5): when fsck(8) looks at it. Default `0`.'),
    ),
    '0',
  ),
  boot: flag('Mount it at boot; otherwise `noauto` is added.', true),
  state: v.pipe(
    states,
    v.description(
      '`mounted`: in fstab and mounted, with this source and these options: a different source is unmounted first, different options are set by remounting. `present`: in fstab. `unmounted`: not mounted, fstab untouched. `absent`: neither, and the mount point is removed if it is empty. `remounted`: every time. `ephemeral`: mounted, fstab untouched.',
    ),
  ),
  fstab: v.optional(absolute('The fstab file. Default `/etc/fstab`.'), '/etc/fstab'),
};
type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** A file system, in fstab and mounted. */
export const mount = defineResource({
  name: 'mount',
  summary: 'A line of /etc/fstab, and whether it is mounted now. Other lines and comments stay as they are.',
  options,
  example: "mount({ path: '/srv/data', src: 'UUID=0b4f...', fstype: 'ext4', opts: 'noatime', state: 'mounted' })",
  validateOptions({ state, src, fstype, path }) {
    const needs = state === 'mounted' || state === 'present' || state === 'ephemeral';
    if (needs && (src === undefined || fstype === undefined)) return `state '${state}' needs \`src\` and \`fstype\``;
    if (isNoPlace(path) && state !== 'present' && state !== 'absent')
      return `nothing can be ${state} at ${path}; swap knows the states 'present' and 'absent'`;
    if (isNoPlace(path) && src === undefined) return 'give the `src` of the swap';
    return path === '/' && (state === 'absent' || state === 'unmounted') ? '/ cannot be unmounted' : undefined;
  },
  title: ({ path, src }) => (path !== undefined && isNoPlace(path) ? (src ?? path) : (path ?? '')),
  prepare: (given): Wanted => given,
  probes: (wanted) => [
    ...(isNoPlace(wanted.path)
      ? []
      : [
          mounted(wanted.path),
          stat(wanted.path),
          ...(isToBeMounted(wanted) ? [mountSource(wanted.src ?? '', wanted.path)] : []),
        ]),
    ...editQuestions(wanted.fstab),
    self,
  ],
  plan: planMount,
});

function isToBeMounted({ state }: Wanted): boolean {
  return state === 'mounted' || state === 'ephemeral';
}

function planMount(wanted: Wanted, found: Found): Plan<MountResult> {
  const { path, state } = wanted;
  const now = isNoPlace(path) ? null : found.get(mounted(path));
  const result = {
    path,
    isMounted: isToBeMounted(wanted) || (now !== null && (state === 'present' || state === 'remounted')),
  };
  if (state === 'remounted') return planRemount(wanted, now, result, found);
  const table = planTable(wanted, found);
  const plan = inOrder(
    found,
    result,
    () => table,
    (then) => planLive(wanted, now, table.changes.length > 0, then),
  );
  if (state !== 'absent' || plan.changes.length === 0 || isNoPlace(path)) return plan;
  return {
    ...plan,
    steps: [...plan.steps, mountStep('tidy', wanted)],
    after: [...plan.after, ...tidied(path, now, found)],
    touches: [...plan.touches, { on: 'path', path }],
  };
}

const nothing: Plan<undefined> = settled(undefined);

function planRemount(wanted: Wanted, now: Mounted | null, result: MountResult, found: Found): Plan<MountResult> {
  found.require(now !== null, { failure: `nothing is mounted at ${wanted.path}`, by: null });
  return {
    result,
    changes: [{ what: 'state', to: 'remounted' }],
    steps: [mountStep('remount', wanted)],
    after: [remountedWith(wanted, now)],
    touches: [mountsSubject],
    again: true,
  };
}

function planTable(
  { path, src = '', fstype = '', opts = 'defaults', dump, passno, boot, state, fstab }: Wanted,
  found: Found,
): Plan<unknown> {
  if (state === 'unmounted' || state === 'ephemeral') return nothing;
  const given = boot || opts.split(',').includes('noauto') ? opts : opts === 'defaults' ? 'noauto' : `${opts},noauto`;
  const edit = { src, path, fstype, opts: given, dump, passno, isWanted: state !== 'absent' };
  return planEdit({ path: fstab, create: true, onlyIfThere: state === 'absent' }, found, edit, editTable);
}

function planLive(wanted: Wanted, now: Mounted | null, isTableNew: boolean, found: Found): Plan<unknown> {
  switch (wanted.state) {
    case 'mounted':
    case 'ephemeral':
      return now === null ? planMountAnew(wanted, found) : planMounted(wanted, now, isTableNew, found);
    case 'unmounted':
    case 'absent':
      return now === null ? nothing : planUnmount(wanted, now);
    case 'present':
    case 'remounted':
      return nothing;
  }
}

const mountsChange = (path: string): Plan<unknown>['touches'] => [{ on: 'path', path }, mountsSubject];

/** Something is mounted there: the right thing, with the right options, or not. */
function planMounted(wanted: Wanted, now: Mounted, isTableNew: boolean, found: Found): Plan<unknown> {
  const { path, state, src = '', opts } = wanted;
  const source = found.get(mountSource(src, path));
  if (!isSource(wanted, now, source)) {
    const told = now.root === '/' ? now.source : `${now.root} of ${now.source}`;
    found.require(state !== 'ephemeral', {
      failure: `${told} is mounted at ${path} already, not ${src}`,
      hint: 'Unmount it first.',
      by: null,
    });
    presumeMountable(wanted, source, found);
    return {
      ...nothing,
      changes: [{ what: 'source', from: `${told} (${now.fstype})`, to: src }],
      steps: [mountStep('replace', wanted)],
      after: shown(wanted, found),
      touches: mountsChange(path),
    };
  }
  // For the moment, and without a word about options, it may have whatever it has.
  const differ = opts === undefined && state === 'ephemeral' ? [] : differingOptions(opts ?? 'defaults', now);
  if (differ.length === 0 && !(isTableNew && state === 'mounted')) return nothing;
  const change: Change =
    differ.length > 0
      ? { what: 'options', from: now.options.join(','), to: differ.join(',') }
      : { what: 'state', from: 'mounted', to: 'mounted with the new options' };
  return {
    ...nothing,
    changes: [change],
    steps: [mountStep('again', wanted, differ)],
    after: [remountedWith(wanted, now)],
    touches: mountsChange(path),
  };
}

function remountedWith({ path, opts = '' }: Wanted, now: Mounted): Prediction {
  const differ = differingOptions(opts, now);
  const keys = new Set(differ.map((one) => one.replace(/=.*$/, '')));
  const opposites: Readonly<Record<string, string>> = {
    ro: 'rw',
    rw: 'ro',
    suid: 'nosuid',
    dev: 'nodev',
    exec: 'noexec',
    async: 'sync',
    atime: 'noatime',
    diratime: 'nodiratime',
  };
  const gone = new Set(differ.map((one) => opposites[one] ?? one));
  const options = (from: readonly string[]): string[] => [
    ...from.filter((one) => !keys.has(one.replace(/=.*$/, '')) && !gone.has(one)),
    ...differ,
  ];
  return predict(mounted(path), { ...now, options: options(now.options), own: options(now.own) });
}

/** Whether what is mounted is what `src` means. */
function isSource({ path, fstype = '', opts = '', src = '' }: Wanted, now: Mounted, source: MountSource): boolean {
  if (isBind(opts)) return source.isShown || src === path;
  if (!isSameType(fstype, now.fstype)) return false;
  // Of file systems that are in memory alone the source is no more than a word.
  if (noDevice.has(now.fstype)) return true;
  const isPart =
    now.root !== '/' &&
    now.fstype !== 'btrfs' &&
    (source.device !== '' || source.names.some((one) => one.startsWith('/dev/')));
  if (isPart) return false;
  if (source.device !== '' && source.device === now.device) return true;
  const plain = (name: string): string => name.replace(/(.)\/+$/, '$1');
  return [src, ...source.names].some((one) => plain(one) === plain(now.source));
}

function presumeMountable(wanted: Wanted, source: MountSource, found: Found): void {
  const why = whyNotMountable(wanted, source, found);
  if (why !== undefined) found.presume(false, { ...why, assume: `${wanted.src} can be mounted` });
}

/** Why it cannot be mounted, as far as that can be seen. */
function whyNotMountable(
  { src = '', fstype = '', opts = '', path }: Wanted,
  source: MountSource,
  found: Found,
): Pick<Need, 'failure' | 'hint'> | undefined {
  const helper = /^(?:nfs4?|cifs|smb3|glusterfs)$/.test(fstype) ? `/sbin/mount.${fstype}` : undefined;
  if (helper !== undefined && found.get(stat(helper)).type === 'absent')
    return {
      failure: `there is no ${helper}`,
      hint: `Install the package that brings it: ${fstype.startsWith('nfs') ? 'nfs-common' : fstype === 'glusterfs' ? 'glusterfs-client' : 'cifs-utils'}.`,
    };
  if (noDevice.has(fstype)) return undefined;
  if (/^[A-Z]+=/.test(src)) return source.isMissing ? { failure: `this host has no device ${src}` } : undefined;
  if (!src.startsWith('/') || src.startsWith('//')) return undefined;
  const from = through(src, found);
  if (from === undefined) return { failure: `there is no ${src} to mount` };
  if (!isBind(opts))
    return from.type === 'directory'
      ? { failure: `${src} is a directory; to mount it elsewhere takes \`opts: 'bind'\`` }
      : undefined;
  const at = through(path, found);
  if (at !== undefined && (at.type === 'directory') !== (from.type === 'directory'))
    return { failure: `${src} and ${path} must both be directories, or neither` };
  return undefined;
}

/** What is at a path, a link at its end followed. */
function through(path: string, found: Found): PathState | undefined {
  const now = found.get(stat(path));
  if (now.type !== 'link') return now.type === 'absent' ? undefined : now;
  const real = found.get(realPath(path));
  const there = real === null ? undefined : found.get(stat(real));
  return there === undefined || there.type === 'absent' ? undefined : there;
}

/** Nothing is mounted there yet. */
function planMountAnew(wanted: Wanted, found: Found): Plan<unknown> {
  const { path, src = '' } = wanted;
  const point = found.get(stat(path));
  found.require(point.type !== 'other', { failure: `${path} is not a directory to mount on`, by: null });
  presumeMountable(wanted, found.get(mountSource(src, path)), found);
  const changes: Change[] = [];
  if (point.type === 'absent')
    changes.push({ what: 'mount point', from: 'absent', to: isFile(wanted, found) ? 'file' : 'directory' });
  changes.push({ what: 'state', from: 'unmounted', to: 'mounted' });
  return {
    ...nothing,
    changes,
    steps: [mountStep('mount', wanted)],
    after: shown(wanted, found),
    foreseen: () => (point.type === 'absent' ? [...foldersMade([path], found), ...shown(wanted, found)] : []),
    touches: mountsChange(path),
  };
}

function isFile({ src = '', opts = '' }: Wanted, found: Found): boolean {
  return isBind(opts) && through(src, found)?.type === 'file';
}

/** What will be seen at the mount point, and below it. */
function shown(wanted: Wanted, found: Found): Prediction[] {
  const { path, src = '', fstype = '', opts = '' } = wanted;
  const words = opts.split(',').filter((one) => one !== '');
  const source = found.get(mountSource(src, path));
  const part = (isBind(opts) ? source.part : null) ?? { source: src, fstype, root: '/', device: '' };
  const now = [
    predict(mounted(path), { ...part, options: words, own: words, depth: 1 }),
    predict(mountSource(src, path), { ...source, isMissing: false, isShown: isBind(opts) }),
  ];
  if (fstype === 'tmpfs' || fstype === 'ramfs') {
    const isRoots = ['uid', 'gid'].every((key) => /^0*$|^root$/.test(optionValue(opts, key) ?? ''));
    const mode = (optionValue(opts, 'mode') ?? '1777').padStart(4, '0');
    const root: PathState = { type: 'directory', mode, uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };
    const point: Prediction = isRoots
      ? predict(stat(path), root)
      : { question: stat(path), answer: null, unknown: `mount decides who owns ${path}` };
    // A new file system in memory is empty, whatever lies below the mount point; into one that is read-only nothing can
    // be put.
    const below = words.includes('ro') ? { below: { unknown: `${path} is read-only by then` } } : {};
    return [...gone(path), { ...point, ...below }, predict(tree(path), { entries: [], mounts: [path] }), ...now];
  }
  const from = isBind(opts) ? through(src, found) : undefined;
  const why = `${src} is mounted at ${path} by then`;
  return [
    {
      ...(from === undefined ? { question: stat(path), answer: null, unknown: why } : predict(stat(path), from)),
      below: { unknown: why },
    },
    ...now,
  ];
}

function planUnmount(wanted: Wanted, now: Mounted): Plan<unknown> {
  const { path } = wanted;
  const why = `what is below the mount at ${path} is seen only once it is unmounted`;
  return {
    ...nothing,
    changes: [{ what: 'state', from: 'mounted', to: 'unmounted' }],
    steps: [mountStep('unmount', wanted, [], now.depth)],
    after: [
      { question: stat(path), answer: null, unknown: why, below: { unknown: why } },
      predict(mounted(path), null),
    ],
    touches: mountsChange(path),
  };
}

/** An empty mount point goes too. */
function tidied(path: string, now: Mounted | null, found: Found): Prediction[] {
  if (now !== null) return [];
  const point = found.get(stat(path));
  if (point.type !== 'directory') return [];
  const { entries, mounts } = found.get(tree(path));
  return entries.length + mounts.length === 0 ? gone(path) : [];
}
