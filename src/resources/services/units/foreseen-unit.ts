import type { Found } from '../../../contract/index.ts';
import { utf8 } from '../../../formats/text-bytes.ts';
import { content, linkTarget, noUnit, stat, templateOf, unitEnabled, type Unit } from '../../../probes/index.ts';
import { hostManager, type Manager } from './manager.ts';
import {
  canBeEnabled,
  installationOf,
  isYes,
  pullsOf,
  readUnitText,
  triggersOf,
  typeOf,
  whyBad,
  type UnitText,
} from './unit-text.ts';

/**
 * The unit as the task will find it. In check mode earlier tasks may have written, changed or removed its files: what
 * those decide is then read from the files as they will be, while it goes on to run or not as it does.
 */
export function foreseenUnit(name: string, found: Found, manager: Manager = hostManager): Unit {
  const question = manager.unit(name);
  const known = withoutLostLinks(name, found.get(question), found, manager);
  return known.needsReload || found.outdated(question) ? asFilesSay(name, known, found, [], manager) : known;
}

/** A unit that systemd takes for enabled, though no link of its name is where such links mostly are: is it still? */
function withoutLostLinks(name: string, known: Unit, found: Found, manager: Manager): Unit {
  const isLike = manager.isOfHost && !name.includes('@.') && !known.file.startsWith('/etc/init.d/');
  const isDoubtful = isLike && known.enabled === 'enabled' && !known.linked && known.names[0] === name;
  return isDoubtful && found.planned(manager.unit(name)) === undefined
    ? { ...known, enabled: found.get(unitEnabled(name)) }
    : known;
}

/** The unit as it will be once these files, which mask it, are gone. */
export function unmaskedUnit(name: string, masked: Unit, found: Found, manager: Manager = hostManager): Unit {
  return asFilesSay(name, masked, found, [`${manager.configured}/${name}`, `${manager.runtime}/${name}`], manager);
}

/** The files that make the unit, as they will be. */
export function unitText(
  name: string,
  { file, dropIns }: Unit,
  found: Found,
  manager: Manager = hostManager,
): UnitText | undefined {
  if (file === '' || file.startsWith('/etc/init.d/')) return undefined;
  const planned = manager.folders.flatMap((folder) =>
    [name, templateOf(name) ?? name].flatMap((one) => found.plannedBelow(`${folder}/${one}.d`)),
  );
  const removed = new Set(planned.filter(({ after }) => after.type === 'absent').map(({ path }) => path));
  const added = planned
    .filter(({ path, after }) => after.type !== 'absent' && after.type !== 'directory' && path.endsWith('.conf'))
    .map(({ path }) => path);
  // Drop-ins are read in the order of their names, whichever folder they lie in.
  const paths = [...new Set([...dropIns, ...added])]
    .filter((path) => !removed.has(path))
    .sort((a, b) => (baseName(a) < baseName(b) ? -1 : 1));
  found.need(...[file, ...paths].map(content));
  return readUnitText(
    name,
    [file, ...paths].map((path) => textOf(path, found)),
  );
}

function textOf(path: string, found: Found): string {
  const answer = found.get(content(path));
  return 'bytes' in answer ? utf8.decode(answer.bytes) : '';
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function asFilesSay(name: string, known: Unit, found: Found, without: readonly string[], manager: Manager): Unit {
  const template = templateOf(name);
  const paths = [name, ...(template === undefined ? [] : [template])]
    .flatMap((one) => manager.folders.map((folder) => `${folder}/${one}`))
    .filter((path) => !without.includes(path));
  const script =
    manager.isOfHost && name.endsWith('.service') ? `/etc/init.d/${name.replace(/\.service$/, '')}` : undefined;
  found.need(...[...paths, ...(script === undefined ? [] : [script])].map(stat));
  const file = paths.find((path) => found.get(stat(path)).type !== 'absent');
  const stays = {
    active: known.active,
    sub: known.sub,
    linked: isLinkPlanned(name, found, manager) ?? (known.linked || known.enabled === 'enabled'),
    names: known.names.length > 0 ? known.names : [name],
    held: known.held,
    activeSince: known.activeSince,
  };
  const isGenerated = /^\/run\/systemd\/(?:generator|transient)/.test(known.file);
  if (file === undefined) {
    if (script !== undefined && found.get(stat(script)).type === 'file')
      return {
        ...noUnit,
        ...stays,
        loaded: true,
        file: script,
        enabled: known.enabled === 'enabled' ? 'enabled' : 'disabled',
        needsReload: !known.loaded || known.needsReload || known.masked,
      };
    return isGenerated && known.enabled === 'generated'
      ? known
      : { ...noUnit, ...stays, needsReload: known.loaded || known.needsReload };
  }
  const at = found.get(stat(file));
  const target = at.type === 'link' ? found.get(linkTarget(file)) : null;
  const isMask = target === '/dev/null' || (at.type === 'file' && at.size === 0);
  if (isMask)
    return {
      ...noUnit,
      ...stays,
      needsReload: known.needsReload,
      loaded: true,
      file,
      masked: true,
      enabled: file.startsWith('/run/') ? 'masked-runtime' : 'masked',
    };
  const other = target === null ? undefined : baseName(target);
  // A link to a file of another name makes another name of that unit.
  if (other !== undefined && other !== name && other !== template && /\.[a-z]+$/.test(other)) {
    const real =
      template === undefined
        ? other
        : other.replace('@.', `${/@[^]+/.exec(name.replace(/\.[a-z]+$/, ''))?.[0] ?? '@'}.`);
    const meant = foreseenUnit(real, found, manager);
    return { ...meant, names: [...new Set([...meant.names, name])] };
  }
  return unitOfText(unitText(name, { ...known, file }, found, manager) ?? readUnitText(name, []), file, {
    ...stays,
    needsReload: known.needsReload,
    dropIns: known.dropIns,
    // A link below /etc to a file elsewhere, as `systemctl link` makes it.
    enabled: stays.linked
      ? 'enabled'
      : target !== null && file.startsWith(`${manager.configured}/`)
        ? 'linked'
        : undefined,
  });
}

/** Whether links that start it at boot are made before, or removed; undefined: neither. */
function isLinkPlanned(name: string, found: Found, { configured }: Manager): boolean | undefined {
  const links = found
    .plannedBelow(configured)
    .filter(({ path }) => /\.(?:wants|requires)\/[^/]+$/.test(path) && baseName(path) === name);
  return links.length === 0 ? undefined : links.some(({ after }) => after.type === 'link');
}

/** A unit as its files make it, with what else is known of it. */
export function unitOfText(
  text: UnitText,
  file: string,
  known: Partial<Omit<Unit, 'enabled'>> & { readonly enabled?: string | undefined },
): Unit {
  const installation = installationOf(text);
  const off = canBeEnabled(installation) ? 'disabled' : installation.also.length > 0 ? 'indirect' : 'static';
  const type = typeOf(text);
  return {
    ...noUnit,
    names: [text.name],
    ...known,
    loaded: true,
    valid: whyBad(text) === undefined,
    file,
    enabled: known.enabled ?? off,
    runsToEnd: text.name.endsWith('.service') && type === 'oneshot' && !isYes(text.last('Service', 'RemainAfterExit')),
    canReload:
      text.name.endsWith('.mount') ||
      (text.name.endsWith('.service') && (text.values('Service', 'ExecReload').length > 0 || type === 'notify-reload')),
    canStart: !isYes(text.last('Unit', 'RefuseManualStart')),
    canStop: !isYes(text.last('Unit', 'RefuseManualStop')),
    triggers: triggersOf(text),
    pulls: pullsOf(text),
  };
}
