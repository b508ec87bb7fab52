/** What Ansible calls the families of distributions (`ansible_os_family`), by `ID` of os-release(5). */
const families: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Debian',
  fedora: 'RedHat',
  rhel: 'RedHat',
  centos: 'RedHat',
  suse: 'Suse',
  opensuse: 'Suse',
  sles: 'Suse',
  arch: 'Archlinux',
  alpine: 'Alpine',
  gentoo: 'Gentoo',
};

/**
 * The family a distribution is of, by its `ID` or what it says it is like; one that is like none of them is a family of
 * its own.
 *
 * @example osFamilyOf('rocky', 'rhel centos fedora') // 'RedHat'
 */
export function osFamilyOf(id: string, like: string): string {
  for (const one of [id, ...like.split(/\s+/)]) {
    const family = families[one] ?? families[one.replace(/-.*/, '')];
    if (family !== undefined) return family;
  }
  return id === '' ? 'unknown' : id.charAt(0).toUpperCase() + id.slice(1);
}

/** By family, since a host may have the package manager of another as a tool: Debian has dnf, too. */
const managers: Readonly<Record<string, readonly string[]>> = {
  Debian: ['apt'],
  RedHat: ['dnf5', 'dnf', 'yum'],
  Suse: ['zypper'],
  Archlinux: ['pacman'],
  Alpine: ['apk'],
  Gentoo: ['portage'],
};

/** The package manager of a host of this family, by Ansible's names. @param present those it has programs of */
export function packageManagerOf(family: string, present: readonly string[]): string {
  return managers[family]?.find((one) => present.includes(one)) ?? present[0] ?? 'unknown';
}

/** Prints `ID` and `ID_LIKE` of os-release(5), a line each. */
export const osFamilySh = `. /etc/os-release; printf '%s\\n%s\\n' "$ID" "$ID_LIKE"`;

/** Prints the package managers there are, a line each. dnf 5 goes by the name of dnf, too. */
export const packageManagersSh = `for p in apt-get:apt dnf5:dnf5 dnf:dnf yum:yum zypper:zypper pacman:pacman apk:apk emerge:portage; do command -v "\${p%:*}" >/dev/null && echo "\${p#*:}"; done`;

/** Prints the name of process 1, and what is there where that is but `init`. */
export const serviceManagerSh = `cat /proc/1/comm
if [ -d /run/systemd/system ]; then echo systemd
elif [ -e /run/openrc/softlevel ] || [ -x /sbin/openrc ] || [ -x /usr/sbin/openrc ]; then echo openrc
elif [ -d /etc/init.d ]; then echo sysvinit; fi`;

const inits: Readonly<Record<string, string>> = {
  'openrc-init': 'openrc',
  'runit-init': 'runit',
  'runit': 'runit',
  'procd': 'openwrt_init',
  'svscan': 'svc',
};

/** The init system by Ansible's names (`ansible_service_mgr`), of what `serviceManagerSh` prints. */
export function serviceManagerOf(output: string): string {
  const [first = '', second = ''] = output.trim().split('\n');
  if (first !== 'init' && first !== 'sh' && first !== '') return inits[first] ?? first;
  return second === '' ? 'service' : second;
}
