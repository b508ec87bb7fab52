import type { Step } from '../../contract/index.ts';
import { walkSh } from '../../probes/index.ts';
import { optionsToMount } from './mount-options.ts';

// Remounting sets options without anybody noticing; where it cannot, the file system is unmounted and mounted, but for
// one that would lose what it holds.
const script = `set -e
${walkSh}
verb=$1 path=$2 src=$3 type=$4 opts=$5 fstab=$6 depth=$7
case $verb in
  replace) umount -- "$path"; mount -t "$type" -o "$opts" -- "$src" "$path";;
  mount)
    if [ ! -e "$path" ]; then
      case ",$opts," in
        *,bind,*|*,rbind,*) if [ -f "$src" ]; then enter_making "\${path%/*}/"; set -C; : >"./\${path##*/}"; else enter_making "$path"; fi;;
        *) enter_making "$path";;
      esac
      cd /
    fi
    mount -t "$type" -o "$opts" -- "$src" "$path";;
  again)
    case $type in
      tmpfs|ramfs) mount -o "remount,$opts" -- "$path";;
      *) mount -o "remount,$opts" -- "$path" 2>/dev/null || { umount -- "$path"; mount -t "$type" -o "$opts" -- "$src" "$path"; };;
    esac;;
  remount)
    mount -o "remount\${opts:+,$opts}" -- "$path" 2>/dev/null || { umount -- "$path"; mount -T "$fstab" -- "$path"; };;
  unmount) while [ "$depth" -gt 0 ]; do umount -- "$path"; depth=$((depth-1)); done;;
  tidy) [ ! -d "$path" ] || { enter "\${path%/*}/" && rmdir -- "./\${path##*/}" 2>/dev/null; cd /; } || :;;
esac
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] && [ "$fstab" = /etc/fstab ]; then systemctl daemon-reload; fi`;

/** What is done to a mount. */
type Verb = 'mount' | 'replace' | 'again' | 'remount' | 'unmount' | 'tidy';

/** What mount(8) needs to know. */
interface MountWords {
  readonly path: string;
  readonly src?: string | undefined;
  readonly fstype?: string | undefined;
  readonly opts?: string | undefined;
  readonly fstab: string;
}

/**
 * @param extra options of a mount that are to be taken back
 * @param depth for `unmount`: how many file systems lie over one another there
 */
export function mountStep(
  verb: Verb,
  { path, src, fstype, opts, fstab }: MountWords,
  extra: readonly string[] = [],
  depth = 0,
): Step {
  const given = optionsToMount(opts ?? (verb === 'remount' ? '' : 'defaults'));
  // What is to be taken back must be said: rw, exec.
  const plain = [given, ...extra.filter((one) => /^[a-z]+$/.test(one) && !given.split(',').includes(one))]
    .filter((one) => one !== '')
    .join(',');
  const words: Partial<Record<Verb, string>> = { again: 'remount', replace: 'mount', tidy: 'remove the mount point' };
  return {
    script,
    args: [
      verb,
      path,
      src ?? '',
      fstype ?? '',
      plain === '' && verb !== 'remount' ? 'defaults' : plain,
      fstab,
      String(depth),
    ],
    label: `${words[verb] ?? verb} ${path}`,
  };
}
