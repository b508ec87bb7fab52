import { predict, type Found, type Plan } from '../../contract/index.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import { arrayAfter } from './array-after.ts';
import { blockDevice } from './block-device.probe.ts';
import { realDevice, requireFree } from './free-device.ts';
import { wordsIn } from './lvm-words.ts';
import type { MdadmResult, WantedArray } from './mdadm.ts';
import { raidArray, raidMark, raidMember, raidSubject, type RaidMark } from './raid.probe.ts';
import { clearStep, toolStep } from './tool-step.ts';

// mdadm asks whether it may go on at every array that has its marks at the beginning of the devices, so it has to be told not to ask (--run); then it
// would write over anything. $1 how many devices, then these, then the words of mdadm.
const create = `n=$1; shift
i=0
for d do
  [ $((i += 1)) -le "$n" ] || break
  blkid -p "$d" >/dev/null 2>&1
  [ $? -eq 2 ] || { echo "$d is not empty any more" >&2; exit 1; }
done
shift "$n"
LC_ALL=C "$@" >&2`;

const uuidScript = `LC_ALL=C mdadm --detail --export "$1" | sed -n 's/^MD_UUID=//p'`;

/** An array that does not run: of devices that are marked as its own already it is started, else it is made. */
export function planNewArray(wanted: WantedArray, found: Found): Plan<MdadmResult> {
  const { name, devices, spares, level = '' } = wanted;
  const paths = [...devices, ...spares].map((device) => realDevice(device, found));
  found.need(...paths.map((path) => filesystemOn(path)));
  const marks = paths.map((path) =>
    found.get(filesystemOn(path)).type === raidMember ? found.get(raidMark(path)) : null,
  );
  const sizes = paths
    .slice(0, devices.length)
    .map((path) => (found.get(filesystemOn(path)).is === 'device' ? found.get(blockDevice(path)).bytes : 0));
  const stopped = stoppedArray(wanted, marks);
  const base: Plan<MdadmResult> = {
    changes: [],
    steps: [],
    after: [
      predict(raidArray(name), {
        level: `raid${level}`,
        size: devices.length,
        uuid: stopped?.uuid ?? '',
        members: paths.map((path, i) => ({ path, role: i < devices.length ? `${i}` : 'spare' })),
      }),
      ...paths.map((path) => predict(filesystemOn(path), { is: 'device', type: raidMember, isInUse: true })),
      ...arrayAfter(name, bytesFor(level, sizes)),
    ],
    touches: [raidSubject, { on: 'path', path: name }, ...paths.map((path) => ({ on: 'path' as const, path }))],
    result: { name, uuid: stopped?.uuid ?? '' },
  };
  if (stopped !== undefined)
    return {
      ...base,
      changes: [{ what: 'array', from: 'stopped', to: 'running' }],
      steps: [toolStep('mdadm', '--assemble', name, ...paths)],
    };
  const free = [...devices, ...spares].map((device) => requireFree(device, '', wanted.force, found));
  const words = [
    'mdadm',
    '--create',
    name,
    '--run',
    `--level=${level}`,
    `--metadata=${wanted.metadata}`,
    `--raid-devices=${devices.length}`,
    ...(spares.length > 0 ? [`--spare-devices=${spares.length}`] : []),
    ...(wanted.chunk === undefined ? [] : [`--chunk=${wanted.chunk}`]),
    // One device alone is no array, for mdadm, unless it is told so.
    ...(devices.length === 1 ? ['--force'] : []),
    ...(wordsIn(wanted.opts) ?? []),
    ...paths,
  ];
  return {
    ...base,
    changes: [{ what: 'array', from: 'absent', to: `raid${level} on ${[...devices, ...spares].join(', ')}` }],
    steps: [
      ...free.filter(({ type }) => type !== '').map(({ path }) => clearStep(path)),
      { script: create, args: [`${paths.length}`, ...paths, ...words], timeout: 3600, label: words.join(' ') },
      { script: uuidScript, args: [name], label: `the id of ${name}` },
    ],
    // Its id is given by mdadm.
    unforeseen: true,
    bringsNothing: true,
    conclude: (outputs) => ({ name, uuid: outputs.at(-1)?.stdout.trim() ?? '' }),
  };
}

/** Where all devices are marked as parts of one array, which is what is wanted. */
function stoppedArray({ devices, level }: WantedArray, marks: readonly (RaidMark | null)[]): RaidMark | undefined {
  const [first] = marks;
  const isOne = marks.every((mark) => mark !== null && mark.uuid === first?.uuid);
  return first && isOne && first.level === `raid${level}` && first.size === devices.length ? first : undefined;
}

function bytesFor(level: string, sizes: readonly number[]): number {
  const least = Math.min(...sizes);
  const devices = {
    '0': sizes.length,
    '1': 1,
    '4': sizes.length - 1,
    '5': sizes.length - 1,
    '6': sizes.length - 2,
    '10': sizes.length / 2,
  };
  const share = Object.entries(devices).find(([name]) => name === level)?.[1] ?? 1;
  return Math.floor(least * share);
}
