import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** What systemd says of a unit (systemctl(1), `show`). */
export interface Unit {
  /** False: systemd does not know it. */
  readonly loaded: boolean;
  /** `active`, `inactive`, `failed`, `activating` ... */
  readonly active: string;
  /** The finer state: `running`, `exited`, `auto-restart` ... */
  readonly sub: string;
  /** `enabled`, `disabled`, `static`, `masked`, `generated` ...; empty where there is no unit file. */
  readonly enabled: string;
  readonly masked: boolean;
  /** The unit file on disk is newer than what systemd has read. */
  readonly needsReload: boolean;
  /** A service that runs to its end and is inactive afterwards (`Type=oneshot` without `RemainAfterExit`). */
  readonly runsToEnd: boolean;
  /** Microseconds since boot when it last became active: what tells whether it has restarted since. */
  readonly activeSince: number;
}

/** Where systemd reads unit files of the system manager (systemd.unit(5)), first wins. /lib is another name of /usr/lib. */
export const unitFolders = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/lib/systemd/system', '/usr/lib/systemd/system'] as const;

// systemd notices a folder of drop-ins that is new only when it has to look for a unit it does not know; NeedDaemonReload of
// others is "no" until then.
const unknown = 'play-looks-for-new-folders.service';

const kind: ProbeKind<Unit> = {
  kind: 'unit',
  arity: 1,
  sh: `xargs -0 systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit,ActiveEnterTimestampMonotonic -- ${unknown}`,
  decode(stdout, questions, stderr) {
    // One block a unit, in the order asked, blank lines between. xargs may have called several times.
    const blocks = stdout.toString('utf8').trim().split(/\n\n+/).filter((block) => !block.split('\n').includes(`Id=${unknown}`));
    return questions.map((_, i) => toUnit(blocks[i] ?? '') ?? new ProbeFailure(stderr.trim() || 'systemctl show gave no answer'));
  },
  depends: ([unit = '']) => [{ on: 'units' }, { on: 'unit', unit }, ...filesOf(unit).map((path) => ({ on: 'below' as const, path }))],
};

function toUnit(block: string): Unit | undefined {
  const fields = new Map(block.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const load = fields.get('LoadState');
  if (load === undefined) return undefined;
  return {
    loaded: load !== 'not-found',
    active: fields.get('ActiveState') ?? '',
    sub: fields.get('SubState') ?? '',
    enabled: fields.get('UnitFileState') ?? '',
    masked: load === 'masked' || fields.get('UnitFileState') === 'masked',
    needsReload: fields.get('NeedDaemonReload') === 'yes',
    runsToEnd: fields.get('Type') === 'oneshot' && fields.get('RemainAfterExit') === 'no',
    activeSince: Number(fields.get('ActiveEnterTimestampMonotonic') ?? 0),
  };
}

/** The unit's own file and drop-ins, those of its template too: writing one of them is what daemon-reload is for. */
function filesOf(name: string): string[] {
  const template = name.replace(/@[^.]+\./, '@.');
  const names = template === name ? [name] : [name, template];
  return unitFolders.flatMap((folder) => names.flatMap((one) => [`${folder}/${one}`, `${folder}/${one}.d`]));
}

/** The full name of a unit: one without a suffix is a service. */
export function unitName(name: string): string {
  return /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name) ? name : `${name}.service`;
}

/** The state of a systemd unit; a name without a suffix is a service. */
export function unit(name: string): Question<Unit> {
  return { kind, args: [unitName(name)] };
}

const managerKind: ProbeKind<boolean> = {
  kind: 'systemd-manager',
  arity: 1,
  // UnitsLoadTimestamp (systemd 250) is the last daemon-reload, UnitsLoadFinishTimestamp the boot. A changed, new or removed
  // unit file, drop-in or folder is newer than what was read.
  sh: `u=$(systemctl show -p UnitsLoadTimestamp,UnitsLoadFinishTimestamp --timestamp=us+utc --value | sed '/^$/d' | sort -k2 | tail -n 1)
w=; for f in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do [ ! -d "$f" ] || w="$w $f"; done
if systemctl show '*' -p NeedDaemonReload --value | grep -q yes; then echo yes
elif [ -n "$u" ] && [ -n "$(find $w -newermt "$u" -print 2>/dev/null | head -n 1)" ]; then echo yes
else echo no; fi`,
  decode: (stdout, questions) => questions.map(() => stdout.toString('utf8').trim() === 'yes'),
  depends: () => [{ on: 'units' }, ...unitFolders.map((path) => ({ on: 'below' as const, path }))],
};

/** Whether any unit file was changed, added or removed since systemd has last read them. */
export const unitsChanged: Question<boolean> = { kind: managerKind, args: [''] };
