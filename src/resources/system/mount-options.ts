import type { Mounted } from './mounts.probe.ts';

/** Each option and what takes it back (mount(8)); the second is how it is where nothing is said. */
const flags: readonly (readonly [on: string, off: string])[] = [
  ['ro', 'rw'],
  ['nosuid', 'suid'],
  ['nodev', 'dev'],
  ['noexec', 'exec'],
  ['sync', 'async'],
  ['dirsync', ''],
  ['noatime', 'atime'],
  ['nodiratime', 'diratime'],
  ['nosymfollow', ''],
];

/** What ordinary users may mount gets these too. */
const forUsers = new Set(['user', 'users']);
const forOwners = new Set(['owner', 'group']);

/** What only fstab(5) and mount(8) know: the kernel never hears of it. */
const onlyForTable =
  /^(?:noauto|auto|nofail|_netdev|defaults|x-.*|X-.*|comment=.*|user|nouser|users|owner|group|r?bind|loop(?:=.*)?|offset=.*|sizelimit=.*|remount|(?:r?(?:shared|private|slave|unbindable)))$/;

export function isBind(opts: string): boolean {
  return opts.split(',').some((one) => one === 'bind' || one === 'rbind');
}

/**
 * Those of the wanted options that what is mounted does not have, and those it has beyond them. Only what the kernel
 * tells of can be compared: its flags, and values it prints.
 */
export function differingOptions(opts: string, now: Mounted): string[] {
  const wanted = opts.split(',').filter((one) => one !== '');
  // A bind mount has flags of its own and takes over those of its source; FUSE sets some by itself.
  const isPlain = !isBind(opts) && !now.fstype.startsWith('fuse');
  const has = new Set(isBind(opts) ? now.own : now.options);
  return [...differingFlags(wanted, has, isPlain), ...differingValues(wanted, now)];
}

function differingFlags(wanted: readonly string[], has: ReadonlySet<string>, isPlain: boolean): string[] {
  const implied = wanted.some((one) => forUsers.has(one))
    ? ['nosuid', 'nodev', 'noexec']
    : wanted.some((one) => forOwners.has(one))
      ? ['nosuid', 'nodev']
      : [];
  return flags.flatMap(([on, off]) => {
    // The last one counts.
    const said = wanted.findLast((one) => one === on || one === off);
    if (said === on || (said === undefined && implied.includes(on))) return has.has(on) ? [] : [on];
    if (said !== undefined || isPlain) return has.has(on) ? [off === '' ? `without ${on}` : off] : [];
    return [];
  });
}

function differingValues(wanted: readonly string[], now: Mounted): string[] {
  const has = new Map(
    now.options.flatMap((one) =>
      one.includes('=') ? [[one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const] : [],
    ),
  );
  return wanted.filter((one) => {
    const at = one.indexOf('=');
    if (at < 0 || onlyForTable.test(one)) return false;
    const [key, value] = [one.slice(0, at), one.slice(at + 1)];
    const there = has.get(key);
    if (now.fstype === 'tmpfs') {
      // Mode and owner of its root are the mount point's own from then on: file() keeps them.
      if (key === 'nr_inodes') return there !== undefined && inUnits(value) !== inUnits(there);
      const bytes = key === 'size' ? inUnits(value) : undefined;
      return (
        bytes !== undefined && inPages(bytes) !== inPages((there === undefined ? undefined : inUnits(there)) ?? -1)
      );
    }
    return there !== undefined && /^\d+$/.test(value) && /^\d+$/.test(there) && Number(there) !== Number(value);
  });
}

/** tmpfs(5): the kernel prints kibibytes. A share of memory has no size of its own. */
function inUnits(value: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(value) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}

/** The kernel rounds a size up. */
const inPages = (bytes: number): number => Math.ceil(bytes / 4096);

/** The options for mount(8), without those of the table alone. */
export function optionsToMount(opts: string): string {
  return opts
    .split(',')
    .filter((one) => one !== '' && !/^(?:noauto|auto|nofail|_netdev|x-.*|comment=.*)$/.test(one))
    .join(',');
}

/** The value of an option: `mode=0700`. */
export function optionValue(opts: string, key: string): string | undefined {
  return opts
    .split(',')
    .findLast((one) => one.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}
