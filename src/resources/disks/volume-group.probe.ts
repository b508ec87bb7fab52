import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** What LVM holds: its metadata lies on all devices of a group. */
export const lvmSubject: Subject = { on: 'named', name: 'lvm', ofRoot: 'volume groups' };

/** A device of a volume group; sizes in extents. */
export interface GroupDevice {
  /** Its path, with all links followed; empty for one that is missing. */
  readonly path: string;
  readonly extents: number;
  readonly used: number;
}

/** A logical volume, sizes in extents. */
export interface LogicalVolume {
  readonly name: string;
  readonly extents: number;
  readonly isActive: boolean;
  /** It is mounted, used as swap, or part of another device. */
  readonly isOpen: boolean;
  /** Of a snapshot: of what; else empty. */
  readonly origin: string;
  /** Its pool, where it is thin; else empty. */
  readonly pool: string;
  /** It is a pool of thin volumes, a cache or the like: what cannot be sized as plain volumes are. */
  readonly isPool: boolean;
  /** Over how many devices each extent is spread: sizes are multiples of it. */
  readonly stripes: number;
}

export interface VolumeGroup {
  /** Bytes. */
  readonly extentSize: number;
  readonly devices: readonly GroupDevice[];
  readonly volumes: readonly LogicalVolume[];
}

/** Null: there is no such group, or no LVM that could tell. */
export type GroupAnswer = VolumeGroup | null;

// Each of LVM's tools reads all devices: they are asked once for all groups. Names hold no blanks (lvm(8)), those of devices stand last.
const kind: ProbeKind<GroupAnswer> = {
  kind: 'volume-group',
  arity: 1,
  timeout: 120,
  sh: `command -v vgs >/dev/null 2>&1 || exit 0
t=$(printf '\\t')
ask() { tool=$1; shift; LC_ALL=C "$tool" --noheadings --nosuffix --units b --separator "$t" -o "$@" 2>/dev/null || echo "failed $tool $?"; }
ask vgs vg_name,vg_extent_size | sed 's/^ */vg /'
ask lvs vg_name,lv_name,lv_size,lv_attr,stripes,pool_lv,origin | sed 's/^ */lv /'
ask pvs vg_name,pv_pe_count,pv_pe_alloc_count,pv_name | while IFS= read -r line; do
  printf 'pv %s\\t%s\\n' "\${line#"\${line%%[! ]*}"}" "$(readlink -e -- "\${line##*"$t"}")"
done`,
  decode(stdout, questions) {
    const rows = stdout
      .toString('utf8')
      .split('\n')
      .map((line) => ({ of: line.slice(0, 2), fields: line.slice(3).split('\t') }));
    const failed = rows.find(({ fields: [first = ''] }) => first.startsWith('failed '));
    return questions.map(([name = '']) => {
      if (failed !== undefined)
        return new ProbeFailure(`${failed.fields[0]?.slice('failed '.length)}: LVM gave no answer`);
      const own = (of: string): string[][] =>
        rows.filter((row) => row.of === of && row.fields[0] === name).map((row) => row.fields.slice(1));
      const [extent] = own('vg')[0] ?? [];
      return extent === undefined ? null : groupOf(Number(extent), own('lv'), own('pv'));
    });
  },
  depends: () => [lvmSubject, { on: 'packages' }],
};

function groupOf(extentSize: number, volumes: readonly string[][], devices: readonly string[][]): VolumeGroup {
  const byName = new Map<string, LogicalVolume>();
  // A line for each segment, which may be spread over devices in other ways.
  for (const [name = '', size, attributes = '', stripes, pool = '', origin = ''] of volumes)
    byName.set(name, {
      name,
      extents: Math.round(Number(size) / extentSize),
      isActive: attributes[4] === 'a',
      isOpen: attributes[5] === 'o',
      origin,
      pool,
      isPool: /^[tCcd]/.test(attributes),
      stripes: Math.max(Number(stripes), byName.get(name)?.stripes ?? 1),
    });
  return {
    extentSize,
    volumes: [...byName.values()],
    devices: devices.map(([extents, used, , path = '']) => ({ path, extents: Number(extents), used: Number(used) })),
  };
}

/** A volume group with its devices and volumes. */
export function volumeGroup(name: string): Question<GroupAnswer> {
  return { kind, args: [name] };
}
