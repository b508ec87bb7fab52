import type { ProbeKind, Question } from '../contract/index.ts';

/** A service of a package, as it runs. */
export interface ServiceState {
  readonly unit: string;
  /** systemd's word: `active`, `inactive`, `failed` ... */
  readonly active: string;
  /** It runs, and began to before the installed version was unpacked: what runs is the version before. */
  readonly isOutdated: boolean;
}

/** What a host has of a package. */
export interface Installed {
  /** Undefined: not installed. What was removed and left its configuration counts as that. */
  readonly version: string | undefined;
  /** Left half installed by an interrupted run. */
  readonly broken: boolean;
  /** apt-mark hold: it is not to be changed. */
  readonly held: boolean;
  readonly services: readonly ServiceState[];
}

const missing: Installed = { version: undefined, broken: false, held: false, services: [] };

// dpkg writes PACKAGE.list when it unpacks, before maintainer scripts restart anything. Names of units may stand below
// /lib and /usr/lib.
const sh = String.raw`
units() {
  dpkg-query -L "$1" | sed -n 's#^\(/usr\)\{0,1\}/lib/systemd/system/\([^/]*\)\.service$#\2#p; s#^/etc/systemd/system/\([^/]*\)\.service$#\1#p' | sort -u |
    while IFS= read -r u; do case $u in *@) echo "$u*.service";; *) echo "$u.service";; esac; done
}
# What follows "--" are units.
show() { TZ=UTC0 systemctl show -p Id -p ActiveState -p MainPID -p ExecMainStartTimestamp "$@"; }
set -f
tr '\000' '\n' | while IFS= read -r p; do
  echo "@@$p"
  dpkg-query -W -f '${'$'}{Architecture} ${'$'}{db:Status-Abbrev}${'$'}{Version}\n' -- "$p" 2>/dev/null || continue
  for list in "/var/lib/dpkg/info/$p.list" "/var/lib/dpkg/info/$p:$(dpkg --print-architecture).list"; do
    [ ! -e "$list" ] || { echo "unpacked $(date -r "$list" +%s.%N)"; break; }
  done
  command -v systemctl >/dev/null || continue
  for u in $(units "$p"); do
    echo unit
    show --timestamp=us+utc -- "$u" 2>/dev/null || show -- "$u" 2>/dev/null
  done
done
exit 0`;

const kind: ProbeKind<Installed> = {
  kind: 'deployed-package',
  arity: 1,
  sh,
  decode(stdout, questions) {
    const blocks = new Map(
      stdout
        .toString('utf8')
        .split(/^@@/m)
        .map((block) => [block.slice(0, block.indexOf('\n')), block.slice(block.indexOf('\n') + 1)]),
    );
    return questions.map(([name = '']) => decodeInstalled(blocks.get(name) ?? ''));
  },
  depends: () => [{ on: 'packages' }, { on: 'units' }],
};

/** Which version of a package a host has, and what of it runs. Asks nothing that only root may know. */
export function installed(name: string): Question<Installed> {
  return { kind, args: [name] };
}

function decodeInstalled(block: string): Installed {
  const [head = '', ...units] = block.split(/^(?:unit)?\n/m);
  const lines = head.split('\n');
  // Of several architectures the installed one: `ii ` is wanted, status, error (dpkg-query(1)).
  const states = lines.map((line) => /^\S+ (.)(.).(\S*)$/.exec(line)).filter((match) => match !== null);
  const [, want = '', status = '', version = ''] =
    states.find((match) => 'iWt'.includes(match[2] ?? '-')) ?? states[0] ?? [];
  const isInstalled = status !== '' && 'iWt'.includes(status);
  const broken = status !== '' && 'HUF'.includes(status);
  if (!isInstalled && !broken) return { ...missing, held: want === 'h' };
  const unpacked = Number(lines.flatMap((line) => /^unpacked ([\d.]+)$/.exec(line)?.[1] ?? [])[0] ?? 0);
  return { version, broken, held: want === 'h', services: units.flatMap((text) => serviceState(text, unpacked)) };
}

function serviceState(text: string, unpacked: number): ServiceState[] {
  const property = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const unit = property.get('Id');
  if (unit === undefined) return [];
  const active = property.get('ActiveState') ?? '';
  const runs = active === 'active' && (property.get('MainPID') ?? '0') !== '0';
  const started = secondsOf(property.get('ExecMainStartTimestamp') ?? '');
  return [{ unit, active, isOutdated: runs && started !== undefined && started < unpacked }];
}

/**
 * Seconds since the epoch of systemd's `Sun 2026-11-22 10:44:39.123456 UTC`; an older systemd tells no fraction: the
 * end of that second then.
 */
function secondsOf(stamp: string): number | undefined {
  const [, date, time, fraction = '.999999'] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?/.exec(stamp) ?? [];
  return date === undefined || time === undefined
    ? undefined
    : Date.parse(`${date}T${time}Z`) / 1000 + Number(fraction);
}
