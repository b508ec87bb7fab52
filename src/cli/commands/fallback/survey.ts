import type { Lane } from '../../../connection/index.ts';
import { ask } from '../on-hosts.ts';

/** A service, timer or socket that runs, or starts at boot. */
export interface SurveyedUnit {
  /** All its names, its own first. */
  readonly names: readonly string[];
  /** `active`, `inactive`, `failed` ... */
  readonly active: string;
  /** `enabled`, `static` ... */
  readonly enabled: string;
  /** Its file; empty where it has none. */
  readonly file: string;
  /** Whom it runs as; empty for root. */
  readonly user: string;
  /** When it last started or ended; empty where systemd does not know. */
  readonly since: string;
  /** Of a timer: when it runs next; empty where that is not known. */
  readonly next: string;
}

/** An installed package. */
export interface SurveyedPackage {
  readonly name: string;
  readonly priority: string;
  /** What it needs or recommends, and what else it is called. */
  readonly needs: readonly string[];
  readonly provides: readonly string[];
}

/** What a process listens on. */
export interface Listener {
  /** `tcp 0.0.0.0:80`. */
  readonly address: string;
  readonly program: string;
  /** The unit it is of; empty for none. */
  readonly unit: string;
}

/** A process whose parent is gone, that a login left behind. */
export interface LeftProcess {
  readonly pid: string;
  readonly user: string;
  readonly program: string;
}

/** A file in /etc. */
export interface EtcFile {
  readonly path: string;
  /** Where it leads; undefined for a regular file. */
  readonly target: string | undefined;
  /** When it was last written to: seconds since the epoch. */
  readonly written: number;
}

/** What a host is made of: enough to tell what nobody declared. */
export interface Survey {
  readonly os: string;
  readonly units: readonly SurveyedUnit[];
  readonly packages: readonly SurveyedPackage[];
  /** Packages that somebody asked for, and not another package. */
  readonly manual: ReadonlySet<string>;
  /** Files of /etc and units, each with its package. */
  readonly owned: ReadonlyMap<string, string>;
  /** Configuration of packages that is not as they brought it, and that is gone. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly etc: readonly EtcFile[];
  /** Lines of users' crontabs. */
  readonly crontabs: readonly { readonly user: string; readonly lines: readonly string[] }[];
  readonly listeners: readonly Listener[];
  readonly left: readonly LeftProcess[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

/** sh that prints all of this, a word in front of each line that says what it is. Arguments of processes are left out: they may hold secrets. */
const script = `export LC_ALL=C
(. /etc/os-release && echo "@os $PRETTY_NAME")
u=$({ systemctl list-units --no-legend --plain --no-pager --type=service,timer,socket --state=active,failed
  systemctl list-unit-files --no-legend --no-pager --type=service,timer,socket --state=enabled; } 2>/dev/null |
  while read -r n x; do case $n in *@.*) ;; *) echo "$n";; esac; done | sort -u)
[ -z "$u" ] || TZ=UTC systemctl show -p Id -p Names -p ActiveState -p UnitFileState -p FragmentPath -p User -p StateChangeTimestamp -p NextElapseUSecRealtime -- $u | sed 's/^/@unit /'
dpkg-query -W -f '@pkg \${Package}\\t\${db:Status-Status}\\t\${Priority}\\t\${Depends}, \${Pre-Depends}, \${Recommends}\\t\${Provides}\\n'
apt-mark showmanual | sed 's/:.*$//; s/^/@manual /'
grep -E '^(/usr)?/lib/systemd/system/.|^/etc/.' /var/lib/dpkg/info/*.list | sed 's|^/var/lib/dpkg/info/\\([^:/]*\\)\\(:[^./]*\\)\\{0,1\\}\\.list:|@own \\1 |'
[ ! -f /var/lib/ucf/registry ] || sed 's/^\\([^[:space:]]*\\)[[:space:]]*/@own \\1 /' /var/lib/ucf/registry
{ dpkg-query -W -f '\${Conffiles}\\n' | sed -n 's/^ \\(\\/etc\\/.*\\) \\([0-9a-f]\\{32\\}\\)$/\\2  \\1/p'; cat /var/lib/ucf/hashfile; } 2>/dev/null | md5sum -c --quiet 2>/dev/null |
  sed -n 's/^\\(.*\\): FAILED$/@changed \\1/p; s/^\\(.*\\): FAILED open or read$/@removed \\1/p'
find /etc -xdev \\( -type f -o -type l \\) -printf '@etc %T@ %p\\t%l\\n'
for f in /var/spool/cron/crontabs/*; do [ -f "$f" ] && sed "s|^|@cron \${f##*/} |" "$f"; done
ss -Hltnup 2>/dev/null | sed 's/^/@listen /'
ps -eo pid=,ppid=,user:32=,unit:128=,comm= | sed 's/^/@proc /'
for d in docker podman; do command -v $d >/dev/null && $d ps --format '@container {{.Names}}\\t{{.Image}}' 2>/dev/null; done
exit 0`;

/** Looks at a host. As root it sees all. */
export async function surveyHost(lane: Lane, host: string): Promise<Survey> {
  const { stdout } = await ask(lane, host, { script, timeout: 300 });
  return decodeSurvey(stdout.toString('utf8'));
}

function decodeSurvey(text: string): Survey {
  const by = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, kind = '', rest = ''] = /^@(\w+) ?(.*)$/.exec(line) ?? [];
    const list = by.get(kind) ?? [];
    list.push(rest);
    by.set(kind, list);
  }
  const of = (kind: string): readonly string[] => by.get(kind) ?? [];
  const processes = of('proc').flatMap(readProcess);
  const unitOf = new Map(processes.map(({ pid, unit }) => [pid, unit]));
  const users = [...new Set(of('cron').map((line) => line.slice(0, line.indexOf(' '))))];
  return {
    os: of('os')[0] ?? '',
    units: of('unit').join('\n').split('\n\n').flatMap(readUnit),
    packages: of('pkg').flatMap(readPackage),
    manual: new Set(of('manual')),
    owned: new Map(of('own').map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))])),
    changed: of('changed'),
    removed: of('removed'),
    etc: of('etc').flatMap(readFile),
    crontabs: users.map((user) => ({
      user,
      lines: of('cron').flatMap((line) => (line.startsWith(`${user} `) ? [line.slice(user.length + 1)] : [])),
    })),
    listeners: of('listen').flatMap((line) => readListener(line, unitOf)),
    left: processes.flatMap(({ pid, parent, user, unit, program }) =>
      parent === '1' && /^session-.*\.scope$/.test(unit) ? [{ pid, user, program }] : [],
    ),
    containers: of('container').map((line) => {
      const [name = '', image = ''] = line.split('\t');
      return { name, image };
    }),
  };
}

function readUnit(block: string): SurveyedUnit[] {
  const property = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const of = (name: string): string => property.get(name) ?? '';
  const id = of('Id');
  if (id === '') return [];
  const names = [
    id,
    ...of('Names')
      .split(' ')
      .filter((name) => name !== '' && name !== id),
  ];
  return [
    {
      names,
      active: of('ActiveState'),
      enabled: of('UnitFileState'),
      file: of('FragmentPath'),
      user: of('User'),
      since: of('StateChangeTimestamp'),
      next: of('NextElapseUSecRealtime'),
    },
  ];
}

function readPackage(line: string): SurveyedPackage[] {
  const [name = '', status, priority = '', needs = '', provides = ''] = line.split('\t');
  const namesIn = (text: string): string[] =>
    text.split(/[,|]/).flatMap((one) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(one)?.[1] ?? []);
  return status === 'installed' ? [{ name, priority, needs: namesIn(needs), provides: namesIn(provides) }] : [];
}

function readFile(line: string): EtcFile[] {
  const [, written, path, target = ''] = /^([\d.]+) (\/[^\t]*)\t(.*)$/.exec(line) ?? [];
  return path === undefined ? [] : [{ path, written: Number(written), target: target === '' ? undefined : target }];
}

interface Process {
  readonly pid: string;
  readonly parent: string;
  readonly user: string;
  readonly unit: string;
  readonly program: string;
}

function readProcess(line: string): Process[] {
  const [, pid, parent = '', user = '', unit = '', program = ''] =
    /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
  return pid === undefined ? [] : [{ pid, parent, user, unit: unit === '-' ? '' : unit, program }];
}

/** A line of ss(8): protocol, state, two queues, address, peer, users. */
function readListener(line: string, unitOf: ReadonlyMap<string, string>): Listener[] {
  const [protocol, , , , address, , users = ''] = line.trim().split(/\s+/);
  if (protocol === undefined || address === undefined) return [];
  const [, program = '', pid = ''] = /"([^"]*)",pid=(\d+)/.exec(users) ?? [];
  return [{ address: `${protocol} ${address}`, program, unit: unitOf.get(pid) ?? '' }];
}
