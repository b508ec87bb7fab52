import { assert, command, debug, defineRunbook, option, v, type RunbookStep, type Task } from 'play';
import { addToArray, growArray, hasDevices, mayGetDevices, spread } from './disk/array.ts';
import { fills, growFileSystem } from './disk/file-system.ts';
import { growVolume, inGroup, mayBeAdded } from './disk/volume.ts';

/** Grows a file system. */
export default defineRunbook({
  title: 'Grow a disk',
  description:
    'Grows a file system that is mounted, while it is used. Either its disk has grown by itself (in a cloud), or new disks or partitions are added to the array (mdadm) or to the volume (LVM) it lies on. They must be empty; a partition is made before, by fdisk(8), of the type Linux RAID or Linux LVM. Nothing of it can be undone: have a backup.',
  vars: {
    grow_host: option.text('The host.'),
    grow_mount: v.optional(option.path('Where the file system is mounted. Default `/`.'), '/'),
    grow_devices: option.list(
      'New disks or partitions, such as `/dev/nvme3n1p1`. Without any the disk has grown itself.',
      v.pipe(v.string(), v.regex(/^\/dev\/[\w!-]+$/, 'must be the name the kernel has for it: /dev/nvme3n1p1')),
      [],
    ),
    grow_array: v.optional(option.path('The array of mdadm that gets them: `/dev/md3`.')),
    grow_volume: v.optional(option.path('The volume of LVM that gets them: `/dev/vg0/data`.')),
    grow_hours: option.integer(
      'Hours that an array may take to spread its data over the new disks.',
      240,
      v.minValue(1),
    ),
    grow_interval: option.integer('Seconds between two looks at it.', 60, v.minValue(1)),
  },
  steps: ({ vars }) => {
    const { grow_host: hosts, grow_devices: devices, grow_array: array, grow_volume: volume } = vars;
    const isRoot = { hosts, become: true };
    const confirm = {
      question: `${devices.join(', ')} of ${hosts}: what is on it is lost, and it is part of ${array ?? volume} from then on.`,
      type: [hosts, ...devices].join(' '),
    };
    const ofArray: RunbookStep[] =
      array === undefined
        ? []
        : [
            {
              ...isRoot,
              name: 'add to the array',
              confirm,
              irreversible: true,
              before: () => mayGetDevices(array, devices),
              tasks: () => addToArray(array, devices),
              after: () => hasDevices(array, devices),
            },
            {
              ...isRoot,
              name: 'grow the array',
              description:
                'Its data is spread over the new disks: hours to days, in which it may be used, and is slow.',
              irreversible: true,
              tasks: () => growArray(array, devices),
              after: () => spread(array, devices, { hours: vars.grow_hours, interval: vars.grow_interval }),
            },
          ];
    const ofVolume: RunbookStep[] =
      volume === undefined
        ? []
        : [
            {
              ...isRoot,
              name: 'add to the volume',
              confirm,
              irreversible: true,
              before: () => mayBeAdded(volume, devices),
              tasks: () => growVolume(volume, devices),
              after: () => inGroup(volume, devices),
            },
          ];
    const added = [...ofArray, ...ofVolume];
    return [
      { ...isRoot, name: 'look', before: () => fits(vars), tasks: () => shown(vars) },
      ...added,
      {
        ...isRoot,
        name: 'grow the file system',
        ...(added.length > 0
          ? {}
          : { confirm: { question: `${vars.grow_mount} grows to the size of its disk.`, type: hosts } }),
        irreversible: true,
        tasks: () => growFileSystem(vars.grow_mount),
        after: () => fills(vars.grow_mount),
      },
      { ...isRoot, name: 'look again', tasks: () => shown(vars) },
    ];
  },
});

interface Growth {
  readonly grow_mount: string;
  readonly grow_devices: readonly string[];
  readonly grow_array?: string | undefined;
  readonly grow_volume?: string | undefined;
}

const look = (name: string, ...argv: readonly string[]) => command({ argv: [...argv], changes: 'never' }, { name });

function fits({ grow_mount: mount, grow_devices: devices, grow_array: array, grow_volume: volume }: Growth): Task[] {
  return [
    assert(
      {
        that: [
          { that: array === undefined || volume === undefined, msg: 'give an array or a volume, not both' },
          {
            that: devices.length > 0 === (array !== undefined || volume !== undefined),
            msg: 'new devices go with what gets them: grow_devices with grow_array or grow_volume',
          },
        ],
      },
      { name: 'what is given fits' },
    ),
    look(`${mount} is a mount point`, 'mountpoint', '--', mount),
    ...devices.map((device) => look(`there is the device ${device}`, 'test', '-b', device)),
  ];
}

function shown({ grow_mount: mount, grow_devices: devices, grow_array: array }: Growth): Task[] {
  return [
    look(`how full ${mount} is`, 'df', '-hT', '--', mount),
    ...(devices.length === 0
      ? []
      : [look('the devices', 'lsblk', '--output', 'NAME,SIZE,TYPE,FSTYPE,MOUNTPOINTS,MODEL', ...devices)]),
    ...(array === undefined ? [] : [look('the array', 'mdadm', '--detail', array)]),
  ].flatMap((task) => [task, debug({ msg: ({ results }) => results(task).stdout })]);
}
