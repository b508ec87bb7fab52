import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../contract/index.ts';
import { unescaped } from '../formats/mount-table.ts';
import { clockSh, readClock, type ClockFact } from './clock-fact.ts';
import { environmentSh, readEnvironment, type EnvironmentFact } from './environment-fact.ts';
import { localFactsFolder, localFactsSh, readLocalFacts } from './local-facts.ts';
import { plainMountWord } from './mountinfo.ts';
import { networkSh, readNetwork, type NetworkFact } from './network-facts.ts';
import {
  osFamilyOf,
  osFamilySh,
  packageManagerOf,
  packageManagersSh,
  serviceManagerOf,
  serviceManagerSh,
} from './os-family.ts';

/** The name the host calls itself. */
export const hostnameSubject: Subject = { on: 'named', name: 'hostname' };

/**
 * What is known about a host beyond the inventory. Facts are gathered from the host when one is first read: all
 * together, except for those marked below.
 */
export interface Facts {
  /** `ID` of os-release(5): `debian`. */
  readonly distribution: string;
  /** `VERSION_ID` of os-release(5): `12`. */
  readonly distributionVersion: string;
  /** The version with its point release, where the distribution records it (Debian, CentOS): `12.11`. */
  readonly distributionPointRelease: string;
  /** `VERSION_CODENAME` of os-release(5): `bookworm`. */
  readonly distributionRelease: string;
  /** `uname -m`: `x86_64`. */
  readonly architecture: string;
  /** dpkg's name for it: `amd64`. */
  readonly debArchitecture: string;
  /** `uname -r`. */
  readonly kernel: string;
  /** `hostname`: what the host calls itself. */
  readonly hostname: string;
  /** Total memory, in MiB. */
  readonly memoryMb: number;
  /** How many processors the host may use. */
  readonly processors: number;
  /** The source address of its default route; empty if there is none. */
  readonly defaultIpv4: string;
  /** The interface of its default route: `eth0`; empty if there is none. */
  readonly defaultInterface: string;
  /** Every IPv4 address except loopback. */
  readonly ipv4Addresses: readonly string[];
  /** `systemd`, `openrc`, `sysvinit` ...: the init system, by Ansible's names. */
  readonly serviceManager: string;
  /** `Debian`, `RedHat`, `Suse`, `Archlinux`, `Alpine` ...: the family of the distribution, by Ansible's names. */
  readonly osFamily: string;
  /** `apt`, `dnf`, `dnf5`, `yum`, `zypper`, `pacman`, `apk` ...: the package manager, by Ansible's names. */
  readonly packageManager: string;
  /** Version of `python3`: `3.11.2`; empty if there is none. */
  readonly pythonVersion: string;
  /** What the host runs in, as reported by systemd-detect-virt(1): `kvm`, `lxc`, `docker`; `none` on bare metal. */
  readonly virtualization: string;
  /** SELinux's mode: `enforcing`, `permissive`; `disabled` also if there is none. */
  readonly selinux: string;
  /** `hostname -f`: the name with its domain, if it has one. */
  readonly fqdn: string;
  /** Total swap space, in MiB. */
  readonly swapMb: number;
  /** Mounted disks and network file systems. */
  readonly mounts: readonly MountFact[];
  /** Network interfaces with their addresses, and the default routes. Gathered separately. */
  readonly network: NetworkFact;
  /** The host's clock, as of the first time this run asked for it. Gathered separately. */
  readonly clock: ClockFact;
  /** Environment variables that the task's commands see: `HOME`, `PATH`, `USER`, `LOGNAME`. Gathered separately. */
  readonly environment: EnvironmentFact;
  /** Installed packages, from dpkg or rpm, by name. Gathered separately. */
  readonly packages: Readonly<Record<string, readonly PackageFact[]>>;
  /**
   * The contents of `/etc/ansible/facts.d/NAME.fact`, by name: JSON or INI. An executable file is run instead, and its
   * output used. Gathered separately.
   */
  readonly local: Readonly<Record<string, unknown>>;
}

/** A mounted file system. */
export interface MountFact {
  /** Where it is mounted. */
  readonly path: string;
  /** The device, or `HOST:/PATH`. */
  readonly src: string;
  /** `ext4`, `nfs4` ... */
  readonly fstype: string;
  /** As mount(8) shows them: `rw,relatime`. */
  readonly options: string;
  /** In bytes. */
  readonly size: number;
  /** Free for users other than root, in bytes. */
  readonly available: number;
}

/** An installed package. */
export interface PackageFact {
  /** Its version, as the package manager writes it. */
  readonly version: string;
  /** `amd64`, `x86_64`, `all` ... */
  readonly architecture: string;
}

interface FactSource<T> {
  readonly script: string;
  readonly read: (output: string) => T;
  readonly depends?: readonly Subject[];
  /** It costs more than others, or is large: it is asked for when it is read itself, and not with the others. */
  readonly isApart?: true;
}

const osRelease = (field: string): FactSource<string> => ({
  script: `. /etc/os-release; printf %s "$${field}"`,
  read: (output) => output,
  depends: [{ on: 'packages' }],
});
const word = (script: string, depends: readonly Subject[] = []): FactSource<string> => ({
  script,
  read: (output) => output.trim(),
  depends,
});

const familyIn = (output: string): string => {
  const [id = '', like = ''] = output.split('\n');
  return osFamilyOf(id, like);
};

const sources: { readonly [K in keyof Facts]: FactSource<Facts[K]> } = {
  distribution: osRelease('ID'),
  distributionVersion: osRelease('VERSION_ID'),
  distributionPointRelease: {
    script: `. /etc/os-release
case $ID in
  debian) v=$(sed -n '1s/^\\([0-9]*\\.[0-9.]*\\).*/\\1/p' /etc/debian_version 2>/dev/null) ;;
  centos) v=$(sed -n '1s/.*release \\([0-9]*\\.[0-9]*\\).*/\\1/p' /etc/centos-release 2>/dev/null) ;;
esac
printf %s "\${v:-$VERSION_ID}"`,
    read: (output) => output,
    depends: [{ on: 'packages' }, { on: 'path', path: '/etc/debian_version' }],
  },
  distributionRelease: osRelease('VERSION_CODENAME'),
  architecture: word('uname -m'),
  debArchitecture: word('dpkg --print-architecture'),
  kernel: word('uname -r'),
  hostname: word('hostname', [hostnameSubject]),
  memoryMb: { script: `awk '/^MemTotal:/{print int($2/1024)}' /proc/meminfo`, read: Number },
  processors: { script: 'nproc', read: Number },
  defaultIpv4: word(`ip -4 route get 1.0.0.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p'`),
  defaultInterface: word(`ip -4 route get 1.0.0.1 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p'`),
  ipv4Addresses: {
    script: `ip -4 -o addr show 2>/dev/null | awk '$2!="lo"{sub("/.*","",$4); print $4}'`,
    read: (output) => output.split('\n').filter((line) => line !== ''),
  },
  serviceManager: { script: serviceManagerSh, read: serviceManagerOf },
  osFamily: { script: osFamilySh, read: familyIn, depends: [{ on: 'packages' }] },
  packageManager: {
    script: `${osFamilySh}; ${packageManagersSh}`,
    read: (output) => packageManagerOf(familyIn(output), output.trim().split('\n').slice(2)),
    depends: [{ on: 'packages' }],
  },
  pythonVersion: {
    script: 'python3 --version 2>&1 || :',
    read: (output) => /^Python (\S+)/.exec(output)?.[1] ?? '',
    depends: [{ on: 'packages' }],
  },
  virtualization: word(
    'systemd-detect-virt 2>/dev/null || { [ -f /.dockerenv ] && echo docker; } || { [ -f /run/.containerenv ] && echo podman; } || echo none',
  ),
  selinux: word(
    'case "$(cat /sys/fs/selinux/enforce 2>/dev/null)" in 1) echo enforcing ;; 0) echo permissive ;; *) echo disabled ;; esac',
  ),
  fqdn: word('hostname -f 2>/dev/null || hostname', [hostnameSubject, { on: 'path', path: '/etc/hosts' }]),
  swapMb: { script: `awk '/^SwapTotal:/{print int($2/1024)}' /proc/meminfo`, read: Number },
  mounts: {
    script: `${plainMountWord}
while read -r src path type options rest; do case $src in /*|*:/*) plain "$path"; printf '%s %s %s %s %s\\n' "$src" "$path" "$type" "$options" "$(timeout 2 stat -f -c '%S %b %a' "$m")" ;; esac; done </proc/mounts`,
    read: readMounts,
  },
  network: { script: networkSh, read: readNetwork, isApart: true },
  clock: { script: clockSh, read: readClock, isApart: true },
  environment: { script: environmentSh, read: readEnvironment, isApart: true },
  packages: {
    script: `dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version} \${Architecture}\\n' 2>/dev/null || rpm -qa --qf 'installed %{NAME} %{VERSION}-%{RELEASE} %{ARCH}\\n'`,
    read: readPackages,
    depends: [{ on: 'packages' }],
    isApart: true,
  },
  local: {
    script: localFactsSh,
    read: readLocalFacts,
    depends: [{ on: 'below', path: localFactsFolder }],
    isApart: true,
  },
};

function readMounts(output: string): MountFact[] {
  return output.split('\n').flatMap((line) => {
    const [src, path, fstype, options, block, blocks, free] = line.split(' ');
    if (src === undefined || path === undefined || fstype === undefined || options === undefined) return [];
    const bytes = (count: string | undefined): number => (Number(block) || 0) * (Number(count) || 0);
    return [
      { path: unescaped(path), src: unescaped(src), fstype, options, size: bytes(blocks), available: bytes(free) },
    ];
  });
}

function readPackages(output: string): Record<string, PackageFact[]> {
  const packages = new Map<string, PackageFact[]>();
  for (const line of output.split('\n')) {
    const [state, name, version, architecture] = line.split(' ');
    if (state !== 'installed' || name === undefined || version === undefined || architecture === undefined) continue;
    packages.set(name, [...(packages.get(name) ?? []), { version, architecture }]);
  }
  return Object.fromEntries(packages);
}

export type { ClockFact } from './clock-fact.ts';
export { environmentNames, type EnvironmentFact } from './environment-fact.ts';
export type { AddressFact, InterfaceFact, NetworkFact, RouteFact } from './network-facts.ts';

export type FactName = keyof Facts;
export const factNames = Object.keys(sources) as FactName[];
/** Facts that are asked for together, as soon as one of them is. */
export const commonFacts = factNames.filter((name) => sources[name].isApart !== true);

const kind: ProbeKind<unknown> = {
  kind: 'fact',
  arity: 1,
  sh: `xargs -0 sh -c 'for f do o=$(timeout 10 sh -c "$f" 2>/dev/null); printf "%s %s\\0" $? "$o"; done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([script], i) => {
      const match = /^(\d+) ([\s\S]*)$/.exec(parts[i] ?? '');
      const source = Object.values(sources).find((one) => one.script === script);
      if (!match || !source) return new ProbeFailure('no answer');
      if (match[1] === '124') return new ProbeFailure(`took over 10 s: ${script ?? ''}`);
      return source.read(match[2] ?? '');
    });
  },
  depends: ([script]) => Object.values(sources).find((one) => one.script === script)?.depends ?? [],
};

/** The question for a fact. */
export function fact<K extends FactName>(name: K): Question<Facts[K]> {
  return { kind: kind as ProbeKind<Facts[K]>, args: [sources[name].script] };
}
