import * as v from 'valibot';
import { defineResource, type Change, type Known, type Plan, type Step } from '../playbook/index.ts';
import { content, mounted, self, stat, type Found } from '../probes/index.ts';
import { fileQuestions, planFile } from './file-content.ts';
import { known } from './known.ts';
import { flag, path as absolute, text } from './schemas.ts';
import { utf8 } from './text-bytes.ts';

export interface MountResult {
  readonly path: string;
  readonly isMounted: boolean;
}

const states = v.picklist(['mounted', 'present', 'unmounted', 'absent', 'remounted', 'ephemeral']);
const word = (description: string) => v.pipe(text(description), v.regex(/^[^-\0\n][^\0\n]*$/, 'must be one line, and not begin with a dash'));
const options = {
  path: absolute('The mount point.'),
  src: v.optional(word('What is mounted: a device, `UUID=...`, `host:/path`, a directory for `bind`.')),
  fstype: v.optional(v.pipe(text('Type of the file system: `ext4`, `nfs`, `tmpfs`, `none` for `bind`.'), v.regex(/^[^\s#]+$/, 'must be one word'))),
  opts: v.optional(v.pipe(text('Mount options, separated by commas. Default `defaults`.'), v.regex(/^[^\s]+$/, 'must hold no blanks'))),
  dump: v.optional(v.pipe(v.union([v.literal('0'), v.literal('1')]), v.description('Fifth field of fstab(5). Default `0`.')), '0'),
  passno: v.optional(v.pipe(v.picklist(['0', '1', '2']), v.description('Sixth field of fstab(5): when fsck(8) looks at it. Default `0`.')), '0'),
  boot: flag('Mount it at boot; otherwise `noauto` is added.', true),
  state: v.pipe(states, v.description('`mounted`: in fstab and mounted. `present`: in fstab. `unmounted`: not mounted, fstab as it is. `absent`: neither, and the mount point removed if it is empty. `remounted`: every time. `ephemeral`: mounted, fstab as it is.')),
  fstab: v.optional(absolute('The table. Default `/etc/fstab`.'), '/etc/fstab'),
};
type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** A file system, in fstab and mounted. */
export const mount = defineResource({
  name: 'mount',
  summary: 'A line of /etc/fstab, and whether it is mounted now. Other lines and comments stay as they are.',
  options,
  example: "mount({ path: '/srv/data', src: 'UUID=0b4f...', fstype: 'ext4', opts: 'noatime', state: 'mounted' })",
  refuse({ state, src, fstype, path }) {
    const needs = state === 'mounted' || state === 'present' || state === 'ephemeral';
    if (needs && (src === undefined || fstype === undefined)) return `state '${state}' needs \`src\` and \`fstype\``;
    return path === '/' && (state === 'absent' || state === 'unmounted') ? '/ cannot be unmounted' : undefined;
  },
  title: ({ path }) => path ?? '',
  prepare: (given): Wanted => given,
  probes: ({ path, fstab }) => [mounted(path), content(fstab), ...fileQuestions(fstab), stat(path), self],
  plan: planMount,
});

function planMount(wanted: Wanted, found: Found): Plan<MountResult> {
  const { path, state, fstab } = wanted;
  const now = found.get(mounted(path));
  const nothing: Plan<MountResult> = { changes: [], steps: [], after: [], touches: [], result: { path, isMounted: now !== null } };
  if (state === 'remounted') {
    if (now === null) return { ...nothing, failure: `nothing is mounted at ${path}` };
    return { ...nothing, changes: [{ what: 'state', to: 'remounted' }], steps: [step('remount', wanted)], touches: [{ on: 'named', name: 'mounts' }], again: true };
  }
  const old = found.get(content(fstab));
  if ('tooLarge' in old) return { ...nothing, failure: `${fstab} is too large` };
  const before = 'bytes' in old ? utf8.decode(old.bytes) : '';
  const after = state === 'unmounted' || state === 'ephemeral' ? before : editTable(before, wanted);
  const table = after === before ? undefined : planFile({ path: fstab, content: utf8.encode(after) }, found, nothing.result);
  if (table?.failure !== undefined) return table;
  const changes: Change[] = [...(table?.changes ?? [])];
  const steps: Step[] = [...(table?.steps ?? [])];
  const states: Known[] = [...(table?.after ?? [])];
  const isWanted = state === 'mounted' || state === 'ephemeral';
  const point = found.get(stat(path));
  if (isWanted && point.type !== 'absent' && point.type !== 'directory' && point.type !== 'file') return { ...nothing, failure: `${path} is no directory to mount on` };
  if (isWanted && now === null) {
    if (point.type === 'absent') changes.push({ what: 'mount point', from: 'absent', to: 'directory' });
    changes.push({ what: 'state', from: 'unmounted', to: 'mounted' });
    steps.push(step('mount', wanted));
    states.push(known(mounted(path), { source: wanted.src ?? '', fstype: wanted.fstype ?? '', options: [], root: '/' }, `${path} is mounted by then`));
    if (point.type === 'absent') states.push(known(stat(path), { type: 'directory', mode: '0755', size: 0, ...found.get(self) }));
  } else if (state === 'mounted' && table) {
    changes.push({ what: 'state', from: 'mounted', to: 'mounted with the new options' });
    steps.push(step('again', wanted));
  }
  if ((state === 'unmounted' || state === 'absent') && now !== null) {
    changes.push({ what: 'state', from: 'mounted', to: 'unmounted' });
    steps.push(step('unmount', wanted));
    states.push(known(mounted(path), null));
  }
  if (state === 'absent' && changes.length > 0) steps.push(step('tidy', wanted));
  if (changes.length === 0) return nothing;
  const affected = now !== null || isWanted ? [{ on: 'path' as const, path }] : [];
  return { ...nothing, changes, steps, after: states, touches: [...affected, { on: 'named', name: 'mounts' }], result: { path, isMounted: isWanted || (now !== null && state === 'present') } };
}

const script = `set -e
verb=$1 path=$2 src=$3 type=$4 opts=$5 fstab=$6
case $verb in
  mount)
    [ -e "$path" ] || mkdir -p -- "$path"
    mount -t "$type" -o "$opts" -- "$src" "$path";;
  again)
    mount -o "remount,$opts" -- "$path" 2>/dev/null || { umount -- "$path"; mount -t "$type" -o "$opts" -- "$src" "$path"; };;
  remount)
    mount -o "remount\${opts:+,$opts}" -- "$path" 2>/dev/null || { umount -- "$path"; mount -T "$fstab" -- "$path"; };;
  unmount) umount -- "$path";;
  tidy) [ ! -d "$path" ] || rmdir -- "$path" 2>/dev/null || :;;
esac
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] && [ "$fstab" = /etc/fstab ]; then systemctl daemon-reload; fi`;

function step(verb: 'mount' | 'again' | 'remount' | 'unmount' | 'tidy', { path, src, fstype, opts, fstab }: Wanted): Step {
  // What only fstab(5) knows is not for mount(8).
  const plain = (opts ?? (verb === 'remount' ? '' : 'defaults')).split(',').filter((one) => !/^(?:noauto|auto|nofail|_netdev|x-.*|comment=.*)$/.test(one)).join(',');
  return { script, args: [verb, path, src ?? '', fstype ?? '', plain === '' && verb !== 'remount' ? 'defaults' : plain, fstab], label: `${verb === 'again' ? 'remount' : verb === 'tidy' ? 'remove the mount point' : verb} ${path}` };
}

/** The table with this path's line as wanted, in its place, or at the end; or without it. */
function editTable(table: string, { path, src = '', fstype = '', opts = 'defaults', dump, passno, boot, state }: Wanted): string {
  const given = boot || opts.split(',').includes('noauto') ? opts : opts === 'defaults' ? 'noauto' : `${opts},noauto`;
  const fields = [escaped(src), escaped(path), fstype, given, dump, passno];
  const lines = table.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const isOurs = (line: string): boolean => !/^\s*(?:#|$)/.test(line) && fieldsOf(line)[1] === escaped(path) && (fieldsOf(line)[2] !== 'swap' || fstype === 'swap');
  const at = lines.findLastIndex(isOurs);
  if (state === 'absent') return at < 0 ? table : joined(lines.filter((line) => !isOurs(line)));
  const line = fields.join(' ');
  if (at < 0) return joined([...lines, line]);
  const old = fieldsOf(lines[at] ?? '');
  if ([0, 1, 2, 3].every((i) => old[i] === fields[i]) && (old[4] ?? '0') === dump && (old[5] ?? '0') === passno) return table;
  return joined(lines.map((one, i) => (i === at ? line : one)));
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const fieldsOf = (line: string): string[] => line.trim().split(/\s+/);

/** fstab(5): blanks, tabs and backslashes in names are octal. */
function escaped(name: string): string {
  return name.replace(/[\\ \t]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
