import type { ProbeKind, Question, Subject } from '../../contract/index.ts';

/** Arrays of the kernel and what their devices are marked with. */
export const raidSubject: Subject = { on: 'named', name: 'md', ofRoot: 'arrays' };

/** How blkid(8) names what a device of an array is marked with. */
export const raidMember = 'linux_raid_member';

/** An array that runs. */
export interface RaidArray {
  /** `raid1`. */
  readonly level: string;
  /** How many devices it is made of, spares not counted. */
  readonly size: number;
  readonly uuid: string;
  readonly members: readonly RaidMember[];
}

interface RaidMember {
  /** With all links followed. */
  readonly path: string;
  /** Its place: `0`; `spare`, or `faulty` for one that failed. */
  readonly role: string;
}

// mdadm(8): --export is made to be read by programs; a code other than 0 says that it is no array, or does not run.
const arrayKind: ProbeKind<RaidArray | null> = {
  kind: 'raid-array',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do
  if [ -b "$p" ] && o=$(LC_ALL=C mdadm --detail --export "$p" 2>/dev/null); then
    printf "%s\\n" "$o" | while IFS= read -r l; do
      case $l in MD_DEVICE_*_DEV=*) printf "%s=%s\\n" "\${l%%=*}" "$(readlink -f -- "\${l#*=}")" ;; *) printf "%s\\n" "$l" ;; esac
    done
  fi
  printf "\\0"
done' sh`,
  decode(stdout, questions) {
    const answers = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => {
      const fields = fieldsOf(answers[i] ?? '');
      const level = fields.get('MD_LEVEL');
      if (level === undefined) return null;
      const members = [...fields].flatMap(([name, path]) => {
        const [, device] = /^MD_DEVICE_(.+)_DEV$/.exec(name) ?? [];
        return device === undefined ? [] : [{ path, role: fields.get(`MD_DEVICE_${device}_ROLE`) ?? '' }];
      });
      return { level, size: Number(fields.get('MD_DEVICES')), uuid: fields.get('MD_UUID') ?? '', members };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, raidSubject, { on: 'packages' }],
};

/** What a device is marked with, whether the array it belongs to runs or not. */
export interface RaidMark {
  readonly level: string;
  readonly size: number;
  readonly uuid: string;
  /** `host:0`. */
  readonly name: string;
}

const markKind: ProbeKind<RaidMark | null> = {
  kind: 'raid-mark',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do [ ! -b "$p" ] || LC_ALL=C mdadm --examine --export "$p" 2>/dev/null; printf "\\0"; done' sh`,
  decode(stdout, questions) {
    const answers = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => {
      const fields = fieldsOf(answers[i] ?? '');
      const [level, uuid] = [fields.get('MD_LEVEL'), fields.get('MD_UUID')];
      if (level === undefined || uuid === undefined) return null;
      return { level, size: Number(fields.get('MD_DEVICES')), uuid, name: fields.get('MD_NAME') ?? '' };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, raidSubject, { on: 'packages' }],
};

function fieldsOf(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** The array by this name; null where none runs. */
export function raidArray(name: string): Question<RaidArray | null> {
  return { kind: arrayKind, args: [name] };
}

/** What mdadm has marked a device with; null for nothing. */
export function raidMark(device: string): Question<RaidMark | null> {
  return { kind: markKind, args: [device] };
}
