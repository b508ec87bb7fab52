import * as v from 'valibot';
import { predict, settled, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { realPath, stat } from '../../probes/index.ts';
import { choice, filePath, flag, list, text } from '../kit/schemas.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import { realDevice, requireFree } from './free-device.ts';
import { wordsIn } from './lvm-words.ts';
import { planNewArray } from './mdadm-create.ts';
import { raidArray, raidMark, raidMember, raidSubject, type RaidArray } from './raid.probe.ts';
import { clearStep, presumeTools, toolStep } from './tool-step.ts';

const options = {
  name: filePath('The array: `/dev/md0`, `/dev/md/data`.'),
  level: v.optional(choice('Its level; needed unless it is `absent`.', ['0', '1', '4', '5', '6', '10'])),
  devices: list('All its devices: `/dev/vdb`, `/dev/disk/by-id/...`.', filePath('A device.')),
  spares: list('Devices that take over when one fails.', filePath('A device.'), []),
  chunk: v.optional(
    v.pipe(
      text("Chunk size: `512K`. It counts only when it is created. Default: mdadm's own."),
      v.regex(/^\d+[KMG]?$/, 'must be a size such as 512K'),
    ),
  ),
  metadata: v.optional(choice('Format of the marks on its devices.', ['0.90', '1.0', '1.1', '1.2']), '1.2'),
  opts: v.optional(
    text(
      'Additional options for `mdadm --create`: `--bitmap=internal`. They count only when it is created. Default: none.',
    ),
    '',
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('`absent` stops it and removes the marks from its devices; this needs `force`. Default `present`.'),
    ),
    'present',
  ),
  force: flag(
    'Use devices that hold something else, or remove the array: what is on them is lost. Never what is in use.',
    false,
  ),
};
export type WantedArray = Options<typeof options>;

export interface MdadmResult {
  /** The array. */
  readonly name: string;
  /** Its UUID, for a line in mdadm.conf; empty if there is none. */
  readonly uuid: string;
}

/** An array of disks. */
export const mdadm = defineResource({
  name: 'mdadm',
  summary:
    'A software RAID array of Linux: creates it, starts one that is stopped, replaces devices it has lost. Its level and number of devices stay as they are.',
  options,
  example: `const array = mdadm({ name: '/dev/md0', level: '1', devices: ['/dev/vdb', '/dev/vdc'] });
lineinfile({
  path: '/etc/mdadm/mdadm.conf',
  line: ({ results }) => \`ARRAY /dev/md0 metadata=1.2 UUID=\${results(array).uuid}\`,
})
lvg({ vg: 'data', pvs: ['/dev/md0'] })`,
  validateOptions({ devices, spares, level, state, opts }) {
    const all = [...devices, ...spares];
    if (new Set(all).size < all.length) return 'a device is named twice';
    if (wordsIn(opts) === undefined) return '`opts` cannot be split into words: a quote is left open';
    if (state === 'absent') return undefined;
    if (level === undefined) return 'give the `level`';
    const least = { '0': 1, '1': 1, '4': 3, '5': 3, '6': 4, '10': 2 }[level];
    return devices.length < least ? `level ${level} needs ${least} devices` : undefined;
  },
  title: ({ name }) => name ?? '',
  prepare: (given): WantedArray => given,
  probes: ({ name, devices, spares }) => [
    raidArray(name),
    ...[...devices, ...spares].flatMap((device) => [realPath(device), filesystemOn(device)]),
  ],
  plan(wanted, found: Found): Plan<MdadmResult> {
    presumeTools(['mdadm'], 'mdadm', found);
    const array = found.get(raidArray(wanted.name));
    if (wanted.state === 'absent') return planRemoval(wanted, array, found);
    return array === null ? planNewArray(wanted, found) : planPresent(wanted, array, found);
  },
});

function planPresent(wanted: WantedArray, array: RaidArray, found: Found): Plan<MdadmResult> {
  const { name, devices, spares, level = '', force } = wanted;
  found.require(array.level === `raid${level}`, {
    failure: `${name} is ${array.level}, not raid${level}`,
    hint: 'Change the level by hand (mdadm --grow).',
    by: null,
  });
  found.require(array.size === devices.length, {
    failure: `${name} is made of ${array.size} devices, but ${devices.length} are named`,
    hint: 'More devices are for the runbook `grow-disk`, or mdadm --grow; what only stands by is in `spares`.',
    by: null,
  });
  const here = new Set(array.members.map(({ path }) => path));
  const lacking = [...devices, ...spares].filter((device) => !here.has(realDevice(device, found)));
  const result = { name, uuid: array.uuid };
  if (lacking.length === 0) return settled(result);
  const added = lacking.map((device) => requireFree(device, raidMember, force, found));
  for (const [i, { path, type }] of added.entries()) {
    const mark = type === raidMember ? found.get(raidMark(path)) : null;
    found.require(mark === null || mark.uuid === array.uuid || force, {
      failure: `${lacking[i]} is part of another array (${mark?.name})`,
      hint: 'With `force: true` it is removed from that array, and what is on it is lost.',
      by: null,
    });
  }
  // A device that was part of this array before is taken back as it is, which is quick where it has a bitmap.
  const members = [...array.members, ...added.map(({ path }) => ({ path, role: 'spare' }))];
  return {
    ...settled(result),
    changes: lacking.map((device) => ({ what: 'device', to: device })),
    steps: added.flatMap(({ path, type }) => [
      ...(type === '' || type === raidMember ? [] : [clearStep(path)]),
      toolStep('mdadm', '--manage', name, '--add', path),
    ]),
    after: [
      predict(raidArray(name), { ...array, members }),
      ...added.map(({ path }) => predict(filesystemOn(path), { is: 'device', type: raidMember, isInUse: true })),
    ],
    touches: [raidSubject, ...added.map(({ path }) => ({ on: 'path' as const, path }))],
  };
}

function planRemoval(wanted: WantedArray, array: RaidArray | null, found: Found): Plan<MdadmResult> {
  const { name, devices, spares, force } = wanted;
  const result = { name, uuid: '' };
  const marked =
    array?.members.map(({ path }) => path) ??
    [...devices, ...spares].map((device) => realDevice(device, found)).filter((path) => isMarked(name, path, found));
  if (array === null && marked.length === 0) return settled(result);
  found.require(force, {
    failure: `${name} would be lost, with everything on it`,
    hint: 'If that is intended, write `force: true`.',
    by: null,
  });
  const real = realDevice(name, found);
  found.require(array === null || !found.get(filesystemOn(real)).isInUse, {
    failure: `${name} is in use`,
    hint: 'Unmount it first.',
    by: 'changes',
  });
  return {
    ...settled(result),
    changes: [{ what: 'array', from: array === null ? `stopped, on ${marked.join(', ')}` : 'present', to: 'absent' }],
    steps: [
      ...(array === null ? [] : [toolStep('mdadm', '--stop', name)]),
      ...marked.map((path) => toolStep('mdadm', '--zero-superblock', path)),
    ],
    after: [
      predict(raidArray(name), null),
      predict(stat(name), { type: 'absent' }),
      predict(realPath(name), null),
      predict(filesystemOn(name), { is: 'absent', type: '', isInUse: false }),
      ...marked.flatMap((path) => [
        predict(filesystemOn(path), { is: 'device' as const, type: '', isInUse: false }),
        predict(raidMark(path), null),
      ]),
    ],
    touches: [raidSubject, { on: 'path', path: name }, ...marked.map((path) => ({ on: 'path' as const, path }))],
  };
}

/** Whether a device is marked as part of the array by this name: what a removal that was cut off left. */
function isMarked(name: string, path: string, found: Found): boolean {
  if (found.get(filesystemOn(path)).type !== raidMember) return false;
  const called = name.replace(/^\/dev\/(?:md\/|md)?/, '');
  return found.get(raidMark(path))?.name.replace(/^.*:/, '') === called;
}
