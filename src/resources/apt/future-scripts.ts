import type { Known } from '../../playbook/index.ts';
import { group, linkTarget, stat, user, type Found, type PackageContents, type Question, type Stat } from '../../probes/index.ts';
import { resolveMode } from '../mode.ts';
import { readScripts, readSysusers, readTmpfiles, type ScriptEffect } from './maintainer.ts';

type Present = Exclude<Stat, { type: 'absent' }>;

/** What installation scripts make of the host: accounts, links, folders, owners. All of it assumed, with the reason. */
export interface ScriptKnowns {
  readonly knowns: readonly Known[];
  /** Paths of the package itself that the scripts alter, with the reason. */
  readonly guessed: ReadonlyMap<string, string>;
}

const made: Present = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

/** @param paths what the package itself brings; altered where its scripts alter it */
export function scriptKnowns(one: PackageContents, paths: Map<string, Present>, found: Found): ScriptKnowns {
  const effects = effectsOf(one);
  const reason = `the installation scripts of ${one.name} do it`;
  const asked = effects.flatMap((effect) => questionOf(effect, paths));
  found.need(...asked);
  for (const question of asked) found.get(question);
  const guessed = new Map<string, string>();
  const extra = new Map<string, Present>();
  const knowns: Known[] = [];
  const alter = (path: string, change: (now: Present) => Present): void => {
    const packaged = paths.get(path);
    if (packaged) {
      paths.set(path, change(packaged));
      guessed.set(path, `${path}: ${reason}`);
      return;
    }
    const now = extra.get(path) ?? found.get(stat(path));
    // Only what the scripts have made themselves: what was there before, they tend to leave as it is.
    if (extra.has(path) && now.type !== 'absent') extra.set(path, change(now));
  };
  for (const effect of effects) {
    switch (effect.do) {
      case 'user':
        if (found.get(user(effect.name)) === null) knowns.push({ question: user(effect.name) as Question, answer: newUser(effect), assumed: `user ${effect.name}: ${reason}` });
        break;
      case 'group':
        if (found.get(group(effect.name)) === null) knowns.push({ question: group(effect.name) as Question, answer: { gid: -1, members: [] }, assumed: `group ${effect.name}: ${reason}` });
        break;
      case 'link':
        if (!isThere(effect.path, paths, extra, found)) {
          extra.set(effect.path, { ...made, type: 'link', mode: '0777', size: effect.target.length });
          knowns.push({ question: linkTarget(effect.path) as Question, answer: effect.target, assumed: `${effect.path}: ${reason}` });
        }
        break;
      case 'directory': {
        const { path, mode, owner, group } = effect;
        if (!isThere(path, paths, extra, found)) extra.set(path, { ...made, type: 'directory', mode: '0755' });
        alter(path, (now) => owned({ ...now, mode: resolveMode(mode, now.mode, true) }, owner ?? '', group ?? ''));
        break;
      }
      case 'file':
        if (!isThere(effect.path, paths, extra, found)) extra.set(effect.path, made);
        break;
      case 'own':
        alter(effect.path, (now) => owned(now, effect.owner, effect.group));
        break;
      case 'mode':
        alter(effect.path, (now) => ({ ...now, mode: /^(?:[0-7]{3,4}|[ugoa]*[=+-][rwxXst]*(?:,[ugoa]*[=+-][rwxXst]*)*)$/.test(effect.mode) ? resolveMode(effect.mode, now.mode, now.type === 'directory') : now.mode }));
        break;
      case 'remove':
      case 'enable':
      case 'start':
        break;
    }
  }
  for (const [path, answer] of extra) knowns.push({ question: stat(path) as Question, answer, assumed: `${path}: ${reason}` });
  return { knowns, guessed };
}

function effectsOf(one: PackageContents): ScriptEffect[] {
  const declared = [...one.files].flatMap(([path, bytes]) => {
    if (path.includes('/sysusers.d/')) return readSysusers(bytes.toString('utf8'));
    return path.includes('/tmpfiles.d/') ? readTmpfiles(bytes.toString('utf8')) : [];
  });
  return [...declared, ...readScripts(one.scripts)];
}

function questionOf(effect: ScriptEffect, paths: ReadonlyMap<string, Present>): Question[] {
  switch (effect.do) {
    case 'user':
      return [user(effect.name) as Question];
    case 'group':
      return [group(effect.name) as Question];
    case 'link':
    case 'directory':
    case 'file':
    case 'own':
    case 'mode':
      return paths.has(effect.path) ? [] : [stat(effect.path) as Question];
    case 'remove':
    case 'enable':
    case 'start':
      return [];
  }
}

function isThere(path: string, paths: ReadonlyMap<string, Present>, extra: ReadonlyMap<string, Present>, found: Found): boolean {
  return paths.has(path) || extra.has(path) || found.get(stat(path)).type !== 'absent';
}

function owned(now: Present, owner: string, group: string): Present {
  return {
    ...now,
    ...(owner === '' ? {} : { owner, uid: owner === 'root' ? 0 : -1 }),
    ...(group === '' ? {} : { group, gid: group === 'root' ? 0 : -1 }),
  };
}

function newUser({ home, shell, comment, group: primary }: ScriptEffect & { do: 'user' }) {
  return { uid: -1, gid: -1, comment, home, shell, group: primary, groups: [] };
}
