import { isOperated, templateOf } from '../../../probes/index.ts';

/** What a unit's files say, the unit file first and its drop-ins behind it (systemd.syntax(7)). */
export interface UnitText {
  readonly name: string;
  /**
   * Every value of a setting that still counts, in order: `values('Service', 'ExecStart')`. An empty one takes back
   * those before it.
   */
  values(section: string, key: string): readonly string[];
  /** The last one, which is the one that counts of most settings. */
  last(section: string, key: string): string | undefined;
}

export function readUnitText(name: string, files: readonly string[]): UnitText {
  const settings = new Map<string, string[]>();
  for (const file of files) {
    let section = '';
    for (const line of logicalLines(file)) {
      const header = /^\[(.*)\]$/.exec(line);
      if (header) section = header[1] ?? '';
      const [, key, value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(header ? '' : line) ?? [];
      if (key === undefined) continue;
      const known = settings.get(`${section}\0${key}`) ?? [];
      settings.set(`${section}\0${key}`, value === '' ? [] : [...known, value]);
    }
  }
  const values = (section: string, key: string): readonly string[] => settings.get(`${section}\0${key}`) ?? [];
  return { name, values, last: (section, key) => values(section, key).at(-1) };
}

/** Lines without comments; a backslash at the end takes in the next one. */
function logicalLines(file: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const line of file.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const whole: string = open === undefined ? line : `${open} ${line.trimStart()}`;
    open = whole.endsWith('\\') ? whole.slice(0, -1) : undefined;
    if (open === undefined) lines.push(whole.trim());
  }
  if (open !== undefined) lines.push(open.trim());
  return lines;
}

/** systemd.syntax(7): `1`, `yes`, `true`, `on`. */
export function isYes(value: string | undefined): boolean {
  return /^(?:1|y|yes|t|true|on)$/i.test(value ?? '');
}

/** Specifiers that stand for parts of the unit's name (systemd.unit(5)); undefined where another one is used. */
export function withoutSpecifiers(value: string, name: string): string | undefined {
  const [, prefix = '', instance = ''] = /^([^@]*?)(?:@(.*))?\.[a-z]+$/.exec(name) ?? [];
  const known: Readonly<Record<string, string>> = {
    '%%': '%',
    '%n': name,
    '%N': name.replace(/\.[a-z]+$/, ''),
    '%p': prefix,
    '%i': instance,
    '%j': prefix.replace(/^.*-/, ''),
  };
  const text = value.replace(/%./g, (one) => known[one] ?? one);
  return [...value.matchAll(/%.?/g)].every(([one]) => one in known) ? text : undefined;
}

const words = (values: readonly string[], name: string): string[] =>
  values.flatMap((value) => (withoutSpecifiers(value, name) ?? '').split(/\s+/)).filter((one) => one !== '');

/** What `systemctl enable` does by the section [Install]. */
export interface Installation {
  /** The unit it is done for: of a template with `DefaultInstance=` that instance. */
  readonly name: string;
  /** Links below /etc/systemd/system that start it with other units. */
  readonly links: readonly string[];
  readonly aliases: readonly string[];
  /** Units that are enabled with it. */
  readonly also: readonly string[];
}

/** @param configured where links are made */
export function installationOf(text: UnitText, configured = '/etc/systemd/system'): Installation {
  const instance = text.last('Install', 'DefaultInstance');
  const name =
    text.name.includes('@.') && instance !== undefined ? text.name.replace('@.', `@${instance}.`) : text.name;
  const of = (key: string): string[] => words(text.values('Install', key), name);
  const [, own = ''] = templateOf(name) === undefined ? [] : (/@([^]+)\.[a-z]+$/.exec(name) ?? []);
  return {
    name,
    links: (['wants', 'requires', 'upholds'] as const).flatMap((kind) =>
      of({ wants: 'WantedBy', requires: 'RequiredBy', upholds: 'UpheldBy' }[kind]).map(
        (other) => `${configured}/${other}.${kind}/${name}`,
      ),
    ),
    aliases: of('Alias')
      .map((alias) => alias.replace('@.', `@${own}.`))
      .filter((alias) => alias !== name),
    also: of('Also'),
  };
}

/** Whether `systemctl enable` has anything to do for the unit itself. */
export function canBeEnabled({ links, aliases }: Installation): boolean {
  return links.length + aliases.length > 0;
}

/** The services that a timer, path or socket starts. */
export function triggersOf(text: UnitText): string[] {
  const sameName = text.name.replace(/\.[a-z]+$/, '.service');
  if (text.name.endsWith('.timer')) return [text.last('Timer', 'Unit') ?? sameName];
  if (text.name.endsWith('.path')) return [text.last('Path', 'Unit') ?? sameName];
  if (text.name.endsWith('.socket'))
    return isYes(text.last('Socket', 'Accept')) ? [] : [text.last('Socket', 'Service') ?? sameName];
  return [];
}

export function pullsOf(text: UnitText): string[] {
  return ['Requires', 'Wants', 'BindsTo']
    .flatMap((key) => words(text.values('Unit', key), text.name))
    .filter(isOperated);
}

/** What systemd refuses to start for what its files say: "has a bad unit file setting". Undefined: it takes it. */
export function whyBad(text: UnitText): string | undefined {
  const { name } = text;
  if (name.endsWith('.service')) return whyBadService(text);
  const section = name.replace(/^.*\./, '');
  const needs: Readonly<Record<string, { readonly section: string; readonly keys: RegExp; readonly words: string }>> = {
    timer: {
      section: 'Timer',
      keys: /^On/,
      words: 'a timer needs a time: OnCalendar= or another setting of systemd.timer(5)',
    },
    path: {
      section: 'Path',
      keys: /^(?:PathExists|PathExistsGlob|PathChanged|PathModified|DirectoryNotEmpty)$/,
      words: 'it names no path to watch',
    },
    socket: { section: 'Socket', keys: /^Listen/, words: 'it names nothing to listen on' },
  };
  const need = needs[section];
  if (need === undefined) return undefined;
  const all = [
    'OnActiveSec',
    'OnBootSec',
    'OnStartupSec',
    'OnUnitActiveSec',
    'OnUnitInactiveSec',
    'OnCalendar',
    'OnClockChange',
    'OnTimezoneChange',
    'PathExists',
    'PathExistsGlob',
    'PathChanged',
    'PathModified',
    'DirectoryNotEmpty',
    'ListenStream',
    'ListenDatagram',
    'ListenSequentialPacket',
    'ListenFIFO',
    'ListenSpecial',
    'ListenNetlink',
    'ListenMessageQueue',
    'ListenUSBFunction',
  ];
  return all.some((key) => need.keys.test(key) && text.values(need.section, key).length > 0) ? undefined : need.words;
}

/** The type of a service, also where it is left to systemd (systemd.service(5)). */
export function typeOf(text: UnitText): string {
  const given = text.last('Service', 'Type');
  if (given !== undefined) return given;
  if (text.last('Service', 'BusName') !== undefined) return 'dbus';
  return text.values('Service', 'ExecStart').length > 0 ? 'simple' : 'oneshot';
}

/**
 * A command line of systemd.service(5): its special letters, its program, its arguments. Quotes round words are taken
 * off.
 */
export interface UnitCommand {
  /** `-`: its failure does not matter. `+`: it runs as root. `@`: its second word is what it is called. */
  readonly marks: string;
  readonly program: string;
  readonly args: readonly string[];
}

export function readCommand(line: string): UnitCommand {
  const [, marks = '', rest = ''] = /^([@:+!|-]*)([^]*)$/.exec(line) ?? [];
  const [program = '', ...args] = [...rest.matchAll(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\S+/g)].map(
    ([all, double, single]) => double ?? single ?? all,
  );
  return { marks, program, args: marks.includes('@') ? args.slice(1) : args };
}

/** As systemd's own `service_verify`. */
function whyBadService(text: UnitText): string | undefined {
  const of = (key: string): readonly string[] => text.values('Service', key);
  const last = (key: string): string | undefined => text.last('Service', key);
  const type = typeOf(text);
  const starts = of('ExecStart').length;
  const relative = of('ExecStart')
    .map(readCommand)
    .find(({ program }) => program.includes('/') && !program.startsWith('/'));
  if (relative !== undefined) return `the program ${relative.program} in ExecStart= is not an absolute path`;
  const acts = ['FailureAction', 'SuccessAction'].some((key) => !['', 'none'].includes(text.last('Unit', key) ?? ''));
  if (starts === 0 && of('ExecStop').length === 0 && !acts) return 'it has neither ExecStart= nor ExecStop=';
  if (type !== 'oneshot' && starts === 0 && !acts)
    return 'it has no ExecStart=, which only Type=oneshot can do without';
  if (starts === 0 && !isYes(last('RemainAfterExit')) && !acts)
    return 'it has no ExecStart=, so it needs RemainAfterExit=yes';
  if (type !== 'oneshot' && starts > 1) return 'it has more than one ExecStart=, which only Type=oneshot may have';
  if (type === 'oneshot' && ['always', 'on-success'].includes(last('Restart') ?? ''))
    return `Restart=${last('Restart')} does not go with Type=oneshot`;
  if (type === 'dbus' && last('BusName') === undefined) return 'Type=dbus needs BusName=';
  return undefined;
}
