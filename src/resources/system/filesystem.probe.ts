import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** What a block device, or a file in the place of one, holds. */
export interface HeldFilesystem {
  readonly is: 'device' | 'file' | 'other' | 'absent';
  /** As blkid(8) names it: `ext4`, `swap`, `LVM2_member`; `partitions` for a table of such; empty for nothing. */
  readonly type: string;
  /** It is mounted, or swapped to, or another device is made of it. */
  readonly isInUse: boolean;
}

const words = ['device', 'file', 'other', 'absent'] as const;

// blkid -p reads what is there, not what it remembers. A file is in use by way of a loop device. What device mapper makes
// is mounted under the name it has there.
const kind: ProbeKind<HeldFilesystem> = {
  kind: 'filesystem',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do
  if [ -b "$p" ]; then is=device; elif [ -f "$p" ]; then is=file; elif [ -e "$p" ]; then is=other; else is=absent; fi
  t= u=
  case $is in device|file)
    t=$(blkid -p -o value -s TYPE -- "$p" 2>/dev/null); c=$?
    case $c in 0|2) ;; *) [ -r "$p" ] || c=unreadable; printf "%s\\0\\0\\0" "$c"; continue;; esac
    if [ -z "$t" ] && [ -n "$(blkid -p -o value -s PTTYPE -- "$p" 2>/dev/null)" ]; then t=partitions; fi
    for d in $([ $is = device ] && readlink -f -- "$p" || losetup -n -O NAME -j "$p" 2>/dev/null); do
      m=$(cat "/sys/class/block/\${d##*/}/dm/name" 2>/dev/null)
      ! cut -d " " -f 1 /proc/self/mounts /proc/swaps | grep -qxF -e "$d" -e "/dev/mapper/\${m:--}" || u=y
      ! ls "/sys/class/block/\${d##*/}/holders" 2>/dev/null | grep -q . || u=y
    done
    ! cut -d " " -f 1 /proc/swaps | grep -qxF -- "$p" || u=y
  esac
  printf "%s\\0%s\\0%s\\0" "$is" "$t" "$u"
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([path = ''], i) => {
      const [said = '', type = '', use] = parts.slice(i * 3, i * 3 + 3);
      const is = words.find((word) => word === said);
      if (is !== undefined && use !== undefined) return { is, type, isInUse: use === 'y' };
      return new ProbeFailure(
        said === '127'
          ? 'blkid is not installed (util-linux)'
          : said === 'unreadable'
            ? `${path} cannot be read by this account`
            : said === '8'
              ? `${path} holds traces of several file systems: clear it first (wipefs)`
              : `blkid cannot tell what ${path} holds`,
      );
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
};

/** What a device or file holds; links are followed. */
export function filesystemOn(path: string): Question<HeldFilesystem> {
  return { kind, args: [path] };
}
