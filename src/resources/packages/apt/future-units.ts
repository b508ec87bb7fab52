import type { Found, Prediction, Question, Stat } from '../../../contract/index.ts';
import { content, noUnit, stat, unit, type Unit } from '../../../probes/index.ts';
import { unitOfText } from '../../services/units/foreseen-unit.ts';
import { readUnitText } from '../../services/units/unit-text.ts';
import type { PackageContents, PackagedPath, RemovedPackage, UnitHold } from '../apt-contents.probe.ts';
import type { AptSimulation } from '../apt-simulate.probe.ts';
import { byHand } from './by-hand.ts';
import type { UnitEffects } from './scripts/index.ts';

const unitFile =
  /^(?:\/usr)?\/lib\/systemd\/system\/([^/]+\.(?:service|socket|target|path|timer|mount|automount|slice))$/;

type Paths = ReadonlyMap<string, Stat>;

/**
 * Units of new packages. Debian enables and starts them, mostly by what debhelper puts into a postinst: that is sure
 * where the script is sure to get there, as long as nothing on the host or in the unit speaks against it
 * (deb-systemd-helper(1p), deb-systemd-invoke(1p)).
 *
 * @param packages newly installed ones
 * @param paths all that the packages bring
 * @param effects what the scripts of each do to units
 */
export function unitsOf(
  packages: readonly PackageContents[],
  paths: Paths,
  effects: ReadonlyMap<string, UnitEffects>,
  simulation: AptSimulation,
  found: Found,
): Prediction[] {
  return packages.flatMap((one) =>
    new PackagedUnits(one, packages, paths, effects.get(one.name) ?? none, simulation, found).knowns(),
  );
}

const none: UnitEffects = { enabled: new Map(), started: new Map() };

/** What decides it, to be asked with all else. */
export function unitQuestions(packages: readonly PackageContents[], { startsNothing }: AptSimulation): Question[] {
  const files = packages.flatMap(unitFilesOf);
  const brought = new Set(packages.flatMap(({ paths }) => paths.map(({ path }) => withUsr(path))));
  const paths = files
    .flatMap(({ text }) => [...startNeeds(text), ...conditionsOf(text).flatMap(({ path }) => path ?? [])])
    .filter((path) => !brought.has(withUsr(path)));
  const asksCapabilities = files.some(({ text }) => conditionsOf(text).some(({ capability }) => capability));
  return [
    ...paths.map((path) => stat(path)),
    ...(asksCapabilities ? [content(ofSystemd)] : []),
    // Without systemd there is nobody to ask for a unit.
    ...(startsNothing ? [] : files.map(({ name }) => unit(name))),
  ];
}

interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** A template is no unit; its instances are looked up by its file. */
function unitFilesOf(one: PackageContents): UnitFile[] {
  return one.paths.flatMap(({ path, type }) => {
    const name = unitFile.exec(path)?.[1];
    return name === undefined || type !== 'file' || name.includes('@.')
      ? []
      : [{ name, text: one.files.get(path)?.toString('utf8') ?? '' }];
  });
}

class PackagedUnits {
  readonly #one: PackageContents;
  readonly #all: readonly PackageContents[];
  readonly #paths: Paths;
  readonly #simulation: AptSimulation;
  readonly #found: Found;
  readonly #enabled: ReadonlyMap<string, boolean>;
  readonly #started: ReadonlyMap<string, boolean>;
  readonly #knowns = new Map<string, Prediction>();

  constructor(
    one: PackageContents,
    all: readonly PackageContents[],
    paths: Paths,
    effects: UnitEffects,
    simulation: AptSimulation,
    found: Found,
  ) {
    this.#one = one;
    this.#all = all;
    this.#paths = paths;
    this.#simulation = simulation;
    this.#found = found;
    this.#enabled = effects.enabled;
    this.#started = simulation.startsNothing ? none.started : effects.started;
  }

  knowns(): Prediction[] {
    for (const { name, text } of unitFilesOf(this.#one)) this.#tell(name, text);
    for (const known of this.#one.paths) {
      const name = unitFile.exec(known.path)?.[1];
      const target = known.type === 'link' ? this.#knowns.get(known.target.replace(/^.*\//, '')) : undefined;
      if (name !== undefined && target) this.#knowns.set(name, { ...target, question: unit(name) });
    }
    // Init scripts without a unit file become units by systemd-sysv-generator(8).
    for (const { path } of this.#one.paths) {
      const script = /^\/etc\/init\.d\/([^/]+)$/.exec(path)?.[1];
      const name = `${script}.service`;
      if (script !== undefined && !this.#knowns.has(name))
        this.#say(name, { ...packagedUnit(name, '', false, this.#started.has(name)), enabled: 'generated' }, false);
    }
    return [...this.#knowns.values()];
  }

  #tell(name: string, text: string): void {
    const held = this.#simulation.held.get(name) ?? nothing;
    const mask = this.#simulation.startsNothing
      ? { answer: { masked: held.has('mask') }, assumed: undefined }
      : this.#found.peek(unit(name));
    // A mask that is taken away by an earlier task still leaves its traces.
    const isSure = mask.assumed === undefined && !this.#isDoubtful(name, text, mask.answer.masked);
    if (mask.answer.masked)
      return this.#say(name, { ...packagedUnit(name, text, false, false), enabled: 'masked', masked: true }, isSure);
    const enables = this.#enabled.has(name) && !held.has('preset');
    const isMet = this.#meetsConditions(text);
    const starts = this.#started.has(name) && !held.has('preset') && !held.has('policy') && isMet !== false;
    const answer = packagedUnit(name, text, enables, starts);
    // A unit that cannot be enabled is not started by newer helpers and is by older ones.
    const isByScript =
      this.#enabled.get(name) === true && answer.enabled !== 'static' && this.#started.get(name) !== false;
    const isLeftAlone =
      !this.#enabled.has(name) &&
      !this.#started.has(name) &&
      !this.#all.some((one) => touchesByHand(one, name, verbs) || mayPullIn(one, name));
    this.#say(name, answer, isSure && (isByScript || isLeftAlone));
    if (!enables) return;
    for (const alias of text.matchAll(/^Alias=(.*)$/gm))
      for (const other of (alias[1] ?? '').split(/\s+/))
        if (other !== '') this.#say(other, answer, isSure && isByScript);
  }

  #say(name: string, answer: Unit, isSure: boolean): void {
    const question = unit(name);
    if (isSure) {
      this.#knowns.set(name, { question, answer });
      return;
    }
    const doing = [this.#enabled.has(name) ? 'enable' : '', answer.active === 'active' ? 'start' : ''].filter(
      (verb) => verb !== '',
    );
    const assumed =
      doing.length > 0
        ? `the installation scripts of ${this.#one.name} ${doing.join(' and ')} ${name}`
        : `${this.#one.name} brings ${name} and leaves it ${answer.active}`;
    this.#knowns.set(name, { question, answer, assumed });
  }

  /** What makes it doubtful that the unit will be as its package says, or as the host holds it. */
  #isDoubtful(name: string, text: string, isMasked: boolean): boolean {
    const held = this.#simulation.held.get(name) ?? nothing;
    if (held.has('doubt') || (held.has('mask') && !isMasked)) return true;
    if (isMasked) return false;
    const isReplaced = this.#found
      .plannedBelow('/etc/systemd/system')
      .some(({ path }) => path === `/etc/systemd/system/${name}` || path.startsWith(`/etc/systemd/system/${name}.d/`));
    const hasDropIn = this.#one.paths.some(({ path }) => path.includes(`/systemd/system/${name}.d/`));
    const bringsPresets = this.#all.some(({ paths }) =>
      paths.some(({ path }) => path.includes('/systemd/system-preset/')),
    );
    // What the host keeps from starting may be started by hand all the same.
    const isTouched = this.#all.some((one) => touchesByHand(one, name, held.size > 0 ? verbs : verbsAgainst));
    return (
      isReplaced ||
      hasDropIn ||
      this.#meetsConditions(text) === undefined ||
      bringsPresets ||
      isTouched ||
      !startNeeds(text).every((path) => this.#isThere(path))
    );
  }

  /** systemd may be told to start it and find that it need not (systemd.unit(5)); undefined: not known. */
  #meetsConditions(text: string): boolean | undefined {
    const all = conditionsOf(text).map((one) => this.#isMet(one));
    return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
  }

  #isMet({ path, capability }: Condition): boolean | undefined {
    if (path !== undefined) return this.#isThere(path) || undefined;
    const number = capabilities.indexOf(capability?.replace('!', '') ?? '');
    if (capability === undefined || number < 0) return undefined;
    const status = this.#found.peek(content(ofSystemd)).answer;
    const bounding =
      'bytes' in status ? /^CapBnd:\s*([0-9a-f]+)$/m.exec(status.bytes.toString('latin1'))?.[1] : undefined;
    if (bounding === undefined) return undefined;
    return ((BigInt(`0x${bounding}`) >> BigInt(number)) & 1n) === (capability.startsWith('!') ? 0n : 1n);
  }

  /** Whether a program is in place when the package's scripts start it. */
  #isThere(path: string): boolean {
    if (path === '') return false;
    if (this.#one.paths.some((known) => isSame(known, path))) return true;
    if (isBrought(path, this.#paths)) return !this.#simulation.early.has(this.#one.name);
    const { answer, assumed } = this.#found.peek(stat(path));
    return answer.type !== 'absent' && assumed === undefined;
  }
}

const nothing: ReadonlySet<UnitHold> = new Set();
const verbsAgainst = 'stop|disable|mask|remove';
const verbs = `${verbsAgainst}|start|restart|enable|defaults|upgrade`;

/**
 * Whether what people wrote into the scripts of a package does one of these things to the unit, as far as one can tell.
 */
function touchesByHand({ preinst, postinst }: PackageContents, name: string, verbs: string): boolean {
  const stem = name.replace(/\.\w+$/, '');
  const does = new RegExp(
    `\\b(?:systemctl|deb-systemd-\\w+|invoke-rc\\.d|update-rc\\.d|service)\\b.*\\s(?:${verbs})\\b`,
  );
  const lines = `${byHand(preinst)}\n${byHand(postinst)}`.split('\n').filter((line) => does.test(line));
  return lines.some((line) => line.includes(stem) || line.includes('$'));
}

/** Whether a unit that a package brings could start another one by being started itself: tor.service does, by a generator. */
function mayPullIn({ paths, files }: PackageContents, name: string): boolean {
  const stem = name.replace(/\.\w+$/, '');
  return paths.some(({ path }) => {
    if (/\/systemd\/system-generators\/|\.(?:wants|requires|upholds)\/./.test(path)) return true;
    const other = unitFile.exec(path)?.[1];
    if (other === undefined || other === name) return false;
    return other.replace(/\.\w+$/, '') === stem || (files.get(path)?.toString('utf8').includes(stem) ?? false);
  });
}

/**
 * The programs without which a service does not come up; those that may fail have a "-" before them
 * (systemd.service(5)).
 */
function programsOf(text: string): string[] {
  return [...text.matchAll(/^\s*Exec(?:Start|StartPre)\s*=\s*[@:+!|]*(\/[^\s%]+)(?=\s|$)/gm)].map(
    (match) => match[1] ?? '',
  );
}

/**
 * Files without which it does not come up: its programs, and what is to be read from /etc before or by these. What may
 * be missing has a "-" before it.
 */
function startNeeds(text: string): string[] {
  const environment = [...text.matchAll(/^\s*EnvironmentFile\s*=\s*(\/[^\s%*?[]+)\s*$/gm)].map(([, path = '']) => path);
  const named = [...text.matchAll(/^\s*Exec(?:Start|StartPre)\s*=\s*[@:+!|]*\/(.*)$/gm)].flatMap(([, line = '']) =>
    [...line.matchAll(/(?<=[\s=])\/etc\/[^\s%*?'"${}]+(?=\s|$)/g)].map(([path]) => path),
  );
  return [...programsOf(text), ...environment, ...named];
}

/** What a unit makes its start depend on: a path that must exist, a capability; neither for all else. */
interface Condition {
  readonly path?: string;
  readonly capability?: string;
}

function conditionsOf(text: string): Condition[] {
  return [...text.matchAll(/^\s*(?:Condition|Assert|ExecCondition)(\w*)\s*=\s*(.*)$/gm)].map(
    ([, kind = '', value = '']): Condition => {
      if (kind === 'PathExists' && /^\/[^\s%]+$/.test(value)) return { path: value };
      return kind === 'Capability' && /^!?CAP_\w+$/.test(value) ? { capability: value } : {};
    },
  );
}

/** systemd's own process: what it may do at most is what ConditionCapability= asks for. */
const ofSystemd = '/proc/1/status';

/** By their numbers (capabilities(7), linux/capability.h). */
const capabilities =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
    .split(' ')
    .map((name) => `CAP_${name}`);

/** /bin, /sbin and /lib are links into /usr. */
const withUsr = (path: string): string => (/^\/(?:bin|sbin|lib)\//.test(path) ? `/usr${path}` : path);
const isSame = (known: PackagedPath, path: string): boolean => withUsr(known.path) === withUsr(path);
const isBrought = (path: string, paths: Paths): boolean =>
  paths.has(path) || paths.has(withUsr(path)) || paths.has(path.replace(/^\/usr/, ''));

function packagedUnit(name: string, text: string, enabled: boolean, started: boolean): Unit {
  const one = unitOfText(readUnitText(name, [text]), '', {});
  const canBeEnabled = one.enabled === 'disabled' || one.enabled === 'indirect';
  const active = started && !one.runsToEnd;
  return {
    ...one,
    valid: true,
    active: active ? 'active' : 'inactive',
    sub: active ? (name.endsWith('.service') ? 'running' : 'waiting') : 'dead',
    enabled: canBeEnabled ? (enabled ? 'enabled' : 'disabled') : 'static',
    linked: enabled,
  };
}

/** Units that go with their package. */
export function unitsGone(one: RemovedPackage): Prediction[] {
  return one.paths.flatMap((path) => {
    const name = unitFile.exec(path)?.[1];
    return name === undefined || name.includes('@.')
      ? []
      : [{ question: unit(name), answer: noUnit, assumed: `${name} stops when ${one.name} goes` }];
  });
}
