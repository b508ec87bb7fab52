import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../contract/index.ts';
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

/** What is known of a host beyond the inventory. Each is asked for when it is read, all together. */
export interface Facts {
  /** `ID` of os-release(5): `debian`. */
  readonly distribution: string;
  /** `VERSION_ID` of os-release(5): `12`. */
  readonly distributionVersion: string;
  /** `VERSION_CODENAME` of os-release(5): `bookworm`. */
  readonly distributionRelease: string;
  /** `uname -m`: `x86_64`. */
  readonly architecture: string;
  /** dpkg's name of it: `amd64`. */
  readonly debArchitecture: string;
  /** `uname -r`. */
  readonly kernel: string;
  /** `hostname`: as the host calls itself. */
  readonly hostname: string;
  /** All memory, in MiB. */
  readonly memoryMb: number;
  /** Processors this host may use. */
  readonly processors: number;
  /** The address its default route leaves from; empty where there is none. */
  readonly defaultIpv4: string;
  /** Every IPv4 address but loopback. */
  readonly ipv4Addresses: readonly string[];
  /** `systemd`, `openrc`, `sysvinit` ...: the init system, by Ansible's names. */
  readonly serviceManager: string;
  /** `Debian`, `RedHat`, `Suse`, `Archlinux`, `Alpine` ...: the family of the distribution, by Ansible's names. */
  readonly osFamily: string;
  /** `apt`, `dnf`, `dnf5`, `yum`, `zypper`, `pacman`, `apk` ...: the package manager, by Ansible's names. */
  readonly packageManager: string;
}

interface FactSource<T> {
  readonly script: string;
  readonly read: (output: string) => T;
  readonly depends?: readonly Subject[];
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
  distributionRelease: osRelease('VERSION_CODENAME'),
  architecture: word('uname -m'),
  debArchitecture: word('dpkg --print-architecture'),
  kernel: word('uname -r'),
  hostname: word('hostname', [hostnameSubject]),
  memoryMb: { script: `awk '/^MemTotal:/{print int($2/1024)}' /proc/meminfo`, read: Number },
  processors: { script: 'nproc', read: Number },
  defaultIpv4: word(`ip -4 route get 1.0.0.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p'`),
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
};

export type FactName = keyof Facts;
export const factNames = Object.keys(sources) as FactName[];

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
