import type { Known } from '../../playbook/index.ts';
import { unit, type PackageContents, type RemovedPackage, type Unit } from '../../probes/index.ts';
import { readScripts } from './maintainer.ts';

const unitFile = /^(?:\/usr)?\/lib\/systemd\/system\/([^/]+\.(?:service|socket|target|path|timer|mount|automount|slice))$/;

/** Units as their package leaves them: Debian enables and starts them (deb-systemd-helper(1p), deb-systemd-invoke(1p)). */
export function unitKnowns(one: PackageContents, startsNothing: boolean): Known[] {
  const effects = readScripts(one.scripts);
  const enabled = new Set(effects.flatMap((effect) => (effect.do === 'enable' ? [effect.unit] : [])));
  const started = new Set(startsNothing ? [] : effects.flatMap((effect) => (effect.do === 'start' ? [effect.unit] : [])));
  const knowns = new Map<string, Known>();
  const say = (name: string, answer: Unit): void => {
    const doing = [enabled.has(name) ? 'enable' : '', answer.active === 'active' ? 'start' : ''].filter((verb) => verb !== '');
    const assumed = doing.length > 0 ? `the installation scripts of ${one.name} ${doing.join(' and ')} ${name}` : `${one.name} brings ${name} and leaves it ${answer.active}`;
    knowns.set(name, { question: unit(name), answer, assumed });
  };
  for (const known of one.paths) {
    const name = unitFile.exec(known.path)?.[1];
    // A template is no unit; its instances are looked up by its file.
    if (name === undefined || known.type !== 'file' || name.includes('@.')) continue;
    const text = one.files.get(known.path)?.toString('utf8') ?? '';
    const answer = packagedUnit(name, text, enabled.has(name), started.has(name));
    say(name, answer);
    if (!enabled.has(name)) continue;
    for (const alias of text.matchAll(/^Alias=(.*)$/gm)) for (const other of (alias[1] ?? '').split(/\s+/)) if (other !== '') say(other, answer);
  }
  for (const known of one.paths) {
    const name = unitFile.exec(known.path)?.[1];
    const target = known.type === 'link' ? knowns.get(known.target.replace(/^.*\//, '')) : undefined;
    if (name !== undefined && target) knowns.set(name, { ...target, question: unit(name) });
  }
  // Init scripts without a unit file become units by systemd-sysv-generator(8).
  for (const known of one.paths) {
    const script = /^\/etc\/init\.d\/([^/]+)$/.exec(known.path)?.[1];
    const name = `${script}.service`;
    if (script !== undefined && !knowns.has(name)) say(name, { ...packagedUnit(name, '', false, started.has(name)), enabled: 'generated' });
  }
  return [...knowns.values()];
}

function packagedUnit(name: string, text: string, enabled: boolean, started: boolean): Unit {
  const has = (line: RegExp): boolean => line.test(text);
  const canBeEnabled = has(/^\s*(?:WantedBy|RequiredBy|UpheldBy|Alias|Also)\s*=/m);
  const runsToEnd = has(/^\s*Type\s*=\s*oneshot\s*$/m) && !has(/^\s*RemainAfterExit\s*=\s*(?:yes|true|on|1)\s*$/m);
  const active = started && !runsToEnd;
  return {
    loaded: true,
    active: active ? 'active' : 'inactive',
    sub: active ? (name.endsWith('.service') ? 'running' : 'waiting') : 'dead',
    enabled: canBeEnabled ? (enabled ? 'enabled' : 'disabled') : 'static',
    masked: false,
    needsReload: false,
    runsToEnd,
    activeSince: 0,
  };
}

/** Units that go with their package. */
export function unitsGone(one: RemovedPackage): Known[] {
  const gone: Unit = { loaded: false, active: 'inactive', sub: 'dead', enabled: '', masked: false, needsReload: false, runsToEnd: false, activeSince: 0 };
  return one.paths.flatMap((path) => {
    const name = unitFile.exec(path)?.[1];
    return name === undefined || name.includes('@.') ? [] : [{ question: unit(name), answer: gone, assumed: `${name} stops when ${one.name} goes` }];
  });
}
