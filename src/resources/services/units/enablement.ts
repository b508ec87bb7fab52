import { dirname } from 'node:path/posix';
import { predict, type Found, type Prediction, type PathState } from '../../../contract/index.ts';
import { linkTarget, noUnit, stat, templateOf, tree, type Unit } from '../../../probes/index.ts';
import { foldersMade } from '../../kit/made-folders.ts';
import { gone } from '../../kit/predictions.ts';
import { foreseenUnit, unitText } from './foreseen-unit.ts';
import { foldersEmptied, linksTo } from './link-folders.ts';
import { hostManager, type Manager } from './manager.ts';
import { canBeEnabled, installationOf, type Installation, type UnitText } from './unit-text.ts';

/** Whether a unit is to be enabled or disabled, or why it cannot be. */
export interface Enablement {
  /** True: enable. False: disable. Undefined: it is as wanted. */
  readonly due?: boolean;
  readonly failure?: string;
}

/**
 * As `systemctl is-enabled` tells the states (systemctl(1)). A unit that names only others in `Also=` (`indirect`) is
 * as enabled as these are; of what systemd itself puts together (`static`, `generated`) nothing is asked.
 */
export function decideEnablement(
  name: string,
  now: Unit,
  wanted: boolean,
  found: Found,
  manager: Manager = hostManager,
): Enablement {
  switch (now.enabled) {
    case 'enabled':
      return wanted ? {} : { due: false };
    case 'enabled-runtime':
      return { due: wanted };
    case 'disabled':
      return wanted && !hasOnlyAliases(name, now, found, manager) ? { due: true } : {};
    case 'masked':
    case 'masked-runtime':
      return wanted ? { due: true } : {};
    case 'linked':
    case 'linked-runtime': {
      if (!wanted) return {};
      const text = unitText(name, now, found, manager);
      return text !== undefined && isInstallable(installationOf(text))
        ? { due: true }
        : { failure: `${name} has no [Install] section to enable it by; give it one with WantedBy=` };
    }
    case 'indirect':
      return decideIndirect(name, now, wanted, found, manager);
    case 'static':
    case 'generated':
    case 'alias':
      return {};
    default:
      if (!wanted) return now.linked && !now.loaded ? { due: false } : {};
      return {
        failure: `${name} ${now.enabled === 'transient' ? 'is transient: it has no unit file that would be there after a reboot' : 'has no unit file that could be enabled'}`,
      };
  }
}

const isInstallable = (installation: Installation): boolean =>
  canBeEnabled(installation) || installation.also.length > 0;

/** An instance that is enabled by nothing but other names is told to be disabled; its links show that it is not. */
function hasOnlyAliases(name: string, now: Unit, found: Found, manager: Manager): boolean {
  if (templateOf(name) === undefined) return false;
  const text = unitText(name, now, found, manager);
  const { links, aliases } = text === undefined ? { links: [], aliases: [] } : installationOf(text);
  return (
    links.length === 0 &&
    aliases.length > 0 &&
    aliases.every((alias) => found.get(stat(`${manager.configured}/${alias}`)).type !== 'absent')
  );
}

function decideIndirect(name: string, now: Unit, wanted: boolean, found: Found, manager: Manager): Enablement {
  // Of a template whose instances are enabled, but not that of DefaultInstance=.
  if (name.includes('@.')) return wanted ? { due: true } : { due: false };
  const others = reachable(name, now, found, manager).filter((one) =>
    ['enabled', 'enabled-runtime', 'disabled'].includes(one.enabled),
  );
  const isOn = (one: Unit): boolean => one.enabled === 'enabled';
  if (wanted) return others.every(isOn) ? {} : { due: true };
  return others.some(isOn) ? { due: false } : {};
}

/** The units that `Also=` leads to, through others that have no more than that too. */
function reachable(name: string, now: Unit, found: Found, manager: Manager): Unit[] {
  const seen = new Set([name]);
  const units: Unit[] = [];
  const follow = (from: string, at: Unit): void => {
    const text = unitText(from, at, found, manager);
    for (const other of text === undefined ? [] : installationOf(text).also) {
      if (seen.has(other)) continue;
      seen.add(other);
      const there = foreseenUnit(other, found, manager);
      if (!there.loaded) continue;
      units.push(there);
      follow(other, there);
    }
  };
  follow(name, now);
  return units;
}

/**
 * Check mode: a name that `Alias=` would give the unit, or one of `Also=`, and that is another's already: systemctl
 * refuses it.
 */
export function takenName(name: string, now: Unit, found: Found, manager: Manager): string | undefined {
  const units = [{ ...now, names: [name] }, ...reachable(name, now, found, manager).filter((one) => !one.masked)];
  for (const one of units.map((each) => aliasesOf(each, found, manager))) {
    for (const alias of one.aliases) {
      const path = `${manager.configured}/${alias}`;
      const at = found.get(stat(path));
      const target = at.type === 'link' ? found.get(linkTarget(path)) : null;
      const isOther = at.type !== 'absent' && (target === null || baseName(target) !== baseName(one.file));
      if (isOther)
        return `${one.name} cannot be enabled: its Alias=${alias} is taken by ${target === null ? path : `a link to ${target}`}`;
    }
  }
  return undefined;
}

function aliasesOf(
  now: Unit,
  found: Found,
  manager: Manager,
): { readonly name: string; readonly file: string; readonly aliases: readonly string[] } {
  const [name = ''] = now.names;
  const text = unitText(name, now, found, manager);
  return { name, file: now.file, aliases: text === undefined ? [] : installationOf(text).aliases };
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function link(path: string, target: string, { account }: Manager): Prediction[] {
  const made: PathState = { type: 'link', mode: '0777', ...account, size: target.length };
  return [predict(stat(path), made), predict(linkTarget(path), target)];
}

/**
 * Check mode: what enabling or disabling makes of the host beside the unit itself: links, other names, units of
 * `Also=`.
 */
export function enablementAfter(
  name: string,
  now: Unit,
  after: Unit,
  enable: boolean,
  found: Found,
  manager: Manager = hostManager,
): Prediction[] {
  const text = unitText(name, now, found, manager);
  if (text === undefined) return enable ? [] : withoutLinksOf(name, now, manager);
  const others = alsoLinked(text, enable, found, manager, new Set([name]));
  const texts = [text, ...others.map((one) => one.text)];
  const named = texts.flatMap((one) => (enable ? linksOf(one, manager) : lostBy(one, manager)));
  const stray = enable ? [] : texts.flatMap((one) => linksTo(one.name, found, manager));
  const paths = [...new Set([...named, ...stray])];
  return [
    ...(enable ? foldersMade(paths, found) : stray.flatMap(gone)),
    ...linksAfter(text, after, enable, manager),
    ...others.flatMap((one) => [
      ...linksAfter(one.text, one.after, enable, manager),
      predict(manager.unit(one.name), one.after),
    ]),
    ...(enable ? [] : foldersEmptied(paths, found, manager)),
  ];
}

/** What is disabled without a file loses the links of its name, wherever they are: none but the host knows them. */
function withoutLinksOf(name: string, now: Unit, { configured }: Manager): Prediction[] {
  if (!now.linked && now.enabled !== 'enabled') return [];
  const unknown = `${name} is disabled by an earlier task, and has no file that lists its links`;
  const mayHold = (path: string): boolean => /\.(?:wants|requires)$/.test(path);
  const spares = (path: string, isWhole: boolean): boolean =>
    !(isWhole && mayHold(path)) && !(baseName(path) === name && mayHold(dirname(path)));
  return [{ question: tree(configured), answer: null, unknown, below: { unknown, spares } }];
}

function linksAfter(text: UnitText, after: Unit, enable: boolean, manager: Manager): Prediction[] {
  const { aliases } = installationOf(text);
  return [
    ...(enable ? linksOf(text, manager) : lostBy(text, manager)).flatMap((path) =>
      enable ? link(path, after.file, manager) : gone(path),
    ),
    ...aliases.map((alias) => predict(manager.unit(alias), enable ? after : { ...noUnit, names: [alias] })),
  ];
}

/** The links by which a unit is enabled. */
function linksOf(text: UnitText, { configured }: Manager): string[] {
  const { links, aliases } = installationOf(text, configured);
  return [...links, ...aliases.map((alias) => `${configured}/${alias}`)];
}

/** The links that go with it: systemd leaves an instance the other names that it gave it. */
function lostBy(text: UnitText, manager: Manager): readonly string[] {
  return templateOf(text.name) === undefined ? linksOf(text, manager) : installationOf(text, manager.configured).links;
}

/** A unit that is enabled or disabled along with another. */
interface AlsoLinked {
  readonly name: string;
  readonly text: UnitText;
  readonly after: Unit;
}

function alsoLinked(
  text: UnitText,
  enable: boolean,
  found: Found,
  manager: Manager,
  seen: Set<string>,
): readonly AlsoLinked[] {
  return installationOf(text).also.flatMap((name) => {
    if (seen.has(name)) return [];
    seen.add(name);
    const now = foreseenUnit(name, found, manager);
    const theirs = now.loaded && !now.masked ? unitText(name, now, found, manager) : undefined;
    if (theirs === undefined) return [];
    const after = stateAfter(now, enable, theirs);
    return [{ name, text: theirs, after }, ...alsoLinked(theirs, enable, found, manager, seen)];
  });
}

/** The unit once it was enabled or disabled. */
export function stateAfter(now: Unit, enable: boolean, text?: UnitText): Unit {
  const isOnlyOthers =
    now.enabled === 'indirect' ||
    now.enabled === 'static' ||
    (text !== undefined && !canBeEnabled(installationOf(text)));
  return {
    ...now,
    enabled: isOnlyOthers && now.loaded ? now.enabled : !now.loaded ? '' : enable ? 'enabled' : 'disabled',
    linked: enable,
  };
}

/** Whether a mask can be put, or taken away, and what speaks against it. */
export function decideMask(
  name: string,
  now: Unit,
  wanted: boolean,
  found: Found,
  manager: Manager = hostManager,
): { readonly due: boolean; readonly failure?: string } {
  if (!wanted) {
    if (!now.masked) return { due: false };
    // Only the mask of that very name is taken away, not that of its template.
    const isOurs =
      ['', maskPath(name, manager), `${manager.runtime}/${name}`].includes(now.file) || name.includes('@.');
    return isOurs
      ? { due: true }
      : {
          due: true,
          failure: `${name} is masked by ${now.file}, which is not its own mask; ${otherMask(name, now.file, manager)}`,
        };
  }
  // A mask below /run is gone with the next boot.
  if (now.masked && now.enabled !== 'masked-runtime') return { due: false };
  const path = maskPath(name, manager);
  const there = found.get(stat(path));
  if (there.type === 'absent') return { due: true };
  const what = there.type === 'link' ? 'a link that names the unit' : "the unit's own file";
  return {
    due: true,
    failure: `${name} cannot be masked: a mask takes the place of ${path}, which is ${what}; remove that first, or stop and disable the unit instead`,
  };
}

function otherMask(name: string, file: string, { configured }: Manager): string {
  const isOfTemplate = templateOf(name) !== undefined && file.includes('@.');
  return isOfTemplate
    ? `unmask its template: ${baseName(file)}`
    : `write a unit file of that name below ${configured} instead`;
}

/** Where the mask of a unit lies. */
export const maskPath = (name: string, { configured }: Manager): string => `${configured}/${name}`;

/** Check mode: the link that a mask is. */
export function maskAfter(name: string, masked: boolean, found: Found, manager: Manager = hostManager): Prediction[] {
  const path = maskPath(name, manager);
  return masked
    ? [...foldersMade([path], found), ...link(path, '/dev/null', manager)]
    : [...gone(path), ...gone(`${manager.runtime}/${name}`)];
}
