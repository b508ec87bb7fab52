import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { lookedAt } from './sh-texts.ts';

/** What systemd says of a unit (systemctl(1), `show`). */
export interface Unit {
  /** False: systemd does not know it, or its file is gone. It may still run then. */
  readonly loaded: boolean;
  /** Whether what its files say can be started at all: false for those systemd refuses (`bad-setting`). */
  readonly valid: boolean;
  /** Its own name first, then its aliases. */
  readonly names: readonly string[];
  /** Its file and its drop-ins, as they were read; empty where there is none. */
  readonly file: string;
  readonly dropIns: readonly string[];
  /** `active`, `inactive`, `failed`, `activating` ... */
  readonly active: string;
  /** The finer state: `running`, `exited`, `auto-restart` ... */
  readonly sub: string;
  /**
   * `enabled`, `disabled`, `static`, `masked`, `generated` ...; empty where there is no unit file. Of a SysV script
   * whether it is started at boot.
   */
  readonly enabled: string;
  readonly masked: boolean;
  /** The unit file on disk is newer than what systemd has read. */
  readonly needsReload: boolean;
  /** A service that runs to its end and is inactive afterwards (`Type=oneshot` without `RemainAfterExit`). */
  readonly runsToEnd: boolean;
  /** Whether it knows how to reload. */
  readonly canReload: boolean;
  /** Whether people may start it (`RefuseManualStart`), and stop it. */
  readonly canStart: boolean;
  readonly canStop: boolean;
  /** What it starts when its time has come: the service of a timer, a path or a socket. */
  readonly triggers: readonly string[];
  /** Units that are started with it, and those that stop with it. */
  readonly pulls: readonly string[];
  readonly stopsWith: readonly string[];
  /** Something else that systemd has in memory refers to it, so that its file is not read anew by itself. */
  readonly held: boolean;
  /** A link that starts it at boot, or with another unit, is there, also where its file is not. */
  readonly linked: boolean;
  /** Microseconds since boot when it last became active: what tells whether it has restarted since. */
  readonly activeSince: number;
}

/** A unit that is not. */
export const noUnit: Unit = {
  loaded: false,
  valid: true,
  names: [],
  file: '',
  dropIns: [],
  active: 'inactive',
  sub: 'dead',
  enabled: '',
  masked: false,
  needsReload: false,
  runsToEnd: false,
  canReload: false,
  canStart: true,
  canStop: true,
  triggers: [],
  pulls: [],
  stopsWith: [],
  held: false,
  linked: false,
  activeSince: 0,
};

/**
 * Where systemd reads unit files of the system manager (systemd.unit(5)), first wins. /lib is another name of /usr/lib.
 */
export const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

// systemd notices a folder of drop-ins that is new only when it has to look for a unit it does not know;
// NeedDaemonReload of others is "no" until then.
export const unknownUnit = 'play-looks-for-new-folders.service';

/** What is asked of a unit; `toUnit` reads it. */
export const unitProperties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'Type',
  'RemainAfterExit',
  'ActiveEnterTimestampMonotonic',
  'FragmentPath',
  'DropInPaths',
  'SourcePath',
  'CanReload',
  'CanStart',
  'CanStop',
  'RefuseManualStart',
  'RefuseManualStop',
  'Triggers',
  'TriggeredBy',
  'Requires',
  'Wants',
  'BindsTo',
  'RequiredBy',
  'WantedBy',
  'BoundBy',
  'ConsistsOf',
];

// `show` knows no templates and gives up at the first: an instance stands in for them, and `is-enabled` is asked as
// well. Of a SysV script systemd says no more than that its unit is generated; whether it starts at boot is told by the
// links of update-rc.d(8), looked at as systemd-sysv-install does. A mask that was put there as a file is not known to
// systemd before it reads its files again, though it refuses to enable the unit from then on.
const kind: ProbeKind<Unit> = {
  kind: 'unit',
  arity: 1,
  ...lookedAt(`
for u do shift; case $u in *@.*) set -- "$@" "\${u%%@.*}@play-looks.\${u##*@.}";; *) set -- "$@" "$u";; esac; done
systemctl show -p ${unitProperties.join(',')} -- ${unknownUnit} "$@"
echo; echo =
for u do
  case $u in *@play-looks.*) t=$(systemctl is-enabled -- "\${u%%@*}@.\${u##*.}" 2>/dev/null);; *) t=;; esac
  n=\${u%.service} s= l= m=
  if [ "$n" != "$u" ] && [ -f "/etc/init.d/$n" ]; then
    s=disabled
    for f in /etc/rc[S5].d/S??"$n"; do [ ! -e "$f" ] || s=enabled; done
  fi
  for f in /etc/systemd/system/*.wants/"$u" /etc/systemd/system/*.requires/"$u"; do [ ! -L "$f" ] || l=y; done
  [ ! /run/systemd/system/"$u" -ef /dev/null ] || m=masked-runtime
  [ ! /etc/systemd/system/"$u" -ef /dev/null ] || m=masked
  echo "$t $s $l $m"
done`),
  decode(stdout, questions, stderr) {
    const { blocks, extras } = readRuns(stdout.toString('utf8'));
    return questions.map(([name = ''], i) => toUnit(name, blocks[i], extras[i]) ?? new ProbeFailure(whyMute(stderr)));
  },
  depends: ([unit = '']) => [
    { on: 'units' },
    { on: 'unit', unit },
    ...unitFiles(unit).map((path) => ({ on: 'below' as const, path })),
  ],
  ofContent: true,
};

function whyMute(stderr: string): string {
  const isElse = /systemctl: (?:command )?not found|not been booted with systemd/.test(stderr);
  return isElse
    ? 'systemd does not run this host; where OpenRC does: openrc()'
    : stderr.trim() || 'systemctl show gave no answer';
}

/**
 * One block a unit, in the order asked, blank lines between, and behind them a line each. xargs may have called several
 * times.
 */
export function readRuns(text: string): { readonly blocks: string[]; readonly extras: string[] } {
  const blocks: string[] = [];
  const extras: string[] = [];
  for (const run of text.split(/\n(?==\n)/)) {
    const lines = run.split('\n');
    const next = lines[0] === '=' ? lines.findIndex((line) => line.includes('=') && line !== '=') : 0;
    if (lines[0] === '=') extras.push(...lines.slice(1, next < 0 ? lines.length - 1 : next));
    if (next < 0) continue;
    const found = lines.slice(next).join('\n').trim().split(/\n\n+/);
    blocks.push(...found.filter((block) => !block.split('\n').includes(`Id=${unknownUnit}`)));
  }
  return { blocks, extras };
}

export function toUnit(name: string, block = '', extra: string | undefined): Unit | undefined {
  const fields = new Map(
    block
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const load = fields.get('LoadState');
  if (load === undefined || extra === undefined) return undefined;
  const [template = '', sysv = '', link = '', mask = ''] = extra.split(' ');
  const names = (...keys: readonly string[]): string[] =>
    keys.flatMap((key) => (fields.get(key) ?? '').split(' ')).filter((one) => one !== '');
  const is = (key: string): boolean => fields.get(key) === 'yes';
  const state = fields.get('UnitFileState') ?? '';
  // systemd-sysv-generator(8) makes units of scripts, and only of those it has seen when it last looked.
  const isScript = sysv !== '' && (state === 'generated' || load === 'not-found');
  // The file of a unit that is in memory is gone.
  const isGone = state === 'bad' && is('NeedDaemonReload');
  const isLoaded = (load !== 'not-found' && !isGone) || isScript;
  const id = fields.get('Id') ?? name;
  return {
    loaded: isLoaded,
    valid: load === 'loaded' || load === 'masked' || !isLoaded || isScript,
    names: template === '' ? [...new Set([id, ...names('Names')])] : [name],
    file:
      isScript && load === 'not-found'
        ? `/etc/init.d/${name.replace(/\.service$/, '')}`
        : (fields.get('FragmentPath') ?? ''),
    dropIns: names('DropInPaths'),
    active: fields.get('ActiveState') ?? '',
    sub: fields.get('SubState') ?? '',
    enabled: !isLoaded ? '' : template !== '' ? template : isScript ? sysv : mask !== '' ? mask : state,
    masked: mask !== '' || load === 'masked' || state === 'masked' || template.startsWith('masked'),
    needsReload: is('NeedDaemonReload') || (isScript && load === 'not-found'),
    runsToEnd: fields.get('Type') === 'oneshot' && fields.get('RemainAfterExit') === 'no',
    canReload: is('CanReload'),
    canStart: !is('RefuseManualStart'),
    canStop: !is('RefuseManualStop'),
    triggers: names('Triggers'),
    pulls: names('Requires', 'Wants', 'BindsTo').filter(isOperated),
    stopsWith: names('RequiredBy', 'BoundBy', 'ConsistsOf').filter(isOperated),
    held: names('TriggeredBy', 'WantedBy', 'RequiredBy', 'BoundBy').length > 0,
    linked: link !== '',
    activeSince: Number(fields.get('ActiveEnterTimestampMonotonic') ?? 0),
  };
}

/** Units that tasks are about, unlike those that every unit is with: targets, slices, mounts. */
export function isOperated(name: string): boolean {
  return /\.(?:service|socket|timer|path)$/.test(name);
}

/** The template of an instance; undefined where it is none. */
export function templateOf(name: string): string | undefined {
  return /^[^@]+@[^]+\.[a-z]+$/.test(name) ? name.replace(/@[^]+(\.[a-z]+)$/, '@$1') : undefined;
}

/**
 * The unit's own file and drop-ins, those of its template too, and its SysV script: writing one of them is what
 * daemon-reload is for.
 */
export function unitFiles(name: string, folders: readonly string[] = unitFolders): string[] {
  const template = templateOf(name);
  const names = template === undefined ? [name] : [name, template];
  const files = folders.flatMap((folder) => names.flatMap((one) => [`${folder}/${one}`, `${folder}/${one}.d`]));
  return folders === unitFolders && name.endsWith('.service')
    ? [...files, `/etc/init.d/${name.replace(/\.service$/, '')}`]
    : files;
}
/**
 * What holds call a program of supervisord: `supervisor:gunicorn`. It is none of systemd's units, but is held, and left
 * alone, as these are.
 */
export const programUnit = (program: string): string => `supervisor:${program}`;

/** The program, where that is what the name of a unit stands for. */
export function programOf(unit: string): string | undefined {
  return /^supervisor:([^:]+)$/.exec(unit)?.[1];
}

/** The full name of a unit: one without a suffix is a service. */
export function unitName(name: string): string {
  if (programOf(name) !== undefined) return name;
  return /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}

/** The state of a systemd unit; a name without a suffix is a service. */
export function unit(name: string): Question<Unit> {
  return { kind, args: [unitName(name)] };
}

const managerKind: ProbeKind<boolean> = {
  kind: 'systemd-manager',
  arity: 1,
  // UnitsLoadTimestamp (systemd 250) is the last daemon-reload, UnitsLoadFinishTimestamp the boot. A changed, new or
  // removed unit file, drop-in or folder is newer than what was read; that the whole folder went shows in the one above.
  sh: `u=$(systemctl show -p UnitsLoadTimestamp,UnitsLoadFinishTimestamp --timestamp=us+utc --value | sed '/^$/d' | sort -k2 | tail -n 1)
w=; for f in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do [ ! -d "$f" ] || w="$w $f"; done
if systemctl show '*' -p NeedDaemonReload --value | grep -q yes; then echo yes
elif [ -n "$u" ] && [ -n "$(find $w -newermt "$u" -print 2>/dev/null | head -n 1)" ]; then echo yes
elif [ -n "$u" ] && [ ! -d /etc/systemd/system ] && [ -n "$(find /etc/systemd -maxdepth 0 -newermt "$u" 2>/dev/null)" ]; then echo yes
else echo no; fi`,
  decode: (stdout, questions) => questions.map(() => stdout.toString('utf8').trim() === 'yes'),
  depends: () => [{ on: 'units' }, ...unitFolders.map((path) => ({ on: 'below' as const, path }))],
  ofContent: true,
};

/** Whether any unit file was changed, added or removed since systemd has last read them. */
export const unitsChanged: Question<boolean> = { kind: managerKind, args: [''] };
