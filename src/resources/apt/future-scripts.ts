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

const fresh: Present = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

/**
 * @param packages newly installed ones, in the order they are set up
 * @param paths what the packages themselves bring; altered where their scripts alter it
 */
export function scriptKnowns(packages: readonly PackageContents[], paths: Map<string, Present>, found: Found): ScriptKnowns {
  const effects = packages.map((one) => ({ reason: `the installation scripts of ${one.name} do it`, list: effectsOf(one) }));
  const asked = effects.flatMap(({ list }) => list.flatMap((effect) => questionOf(effect, paths)));
  found.need(...asked);
  for (const question of asked) found.get(question);
  const scripts = new Scripts(paths, found);
  for (const { reason, list } of effects) for (const effect of list) scripts.run(effect, reason);
  return { knowns: scripts.knowns(), guessed: scripts.guessed };
}

/** Follows the effects of scripts, one after the other. */
class Scripts {
  readonly guessed = new Map<string, string>();
  readonly #paths: Map<string, Present>;
  readonly #found: Found;
  /** What the scripts make beside what is packaged. */
  readonly #made = new Map<string, { readonly at: Present; readonly reason: string }>();
  readonly #knowns = new Map<string, Known>();

  constructor(paths: Map<string, Present>, found: Found) {
    this.#paths = paths;
    this.#found = found;
  }

  knowns(): Known[] {
    const made = [...this.#made].map(([path, { at, reason }]): Known => ({ question: stat(path) as Question, answer: at, assumed: `${path}: ${reason}` }));
    return [...this.#knowns.values(), ...made];
  }

  run(effect: ScriptEffect, reason: string): void {
    switch (effect.do) {
      case 'user':
        return this.#account(user(effect.name), newUser(effect), `user ${effect.name}: ${reason}`);
      case 'group':
        return this.#account(group(effect.name), { gid: -1, members: [] }, `group ${effect.name}: ${reason}`);
      case 'link': {
        const { path, target } = effect;
        if (!this.#make(path, { ...fresh, type: 'link', mode: '0777', size: target.length }, reason)) return;
        this.#knowns.set(`link ${path}`, { question: linkTarget(path), answer: target, assumed: `${path}: ${reason}` });
        return;
      }
      case 'directory': {
        const { path, mode, owner, group } = effect;
        this.#make(path, { ...fresh, type: 'directory', mode: '0755' }, reason);
        return this.#alter(path, (now) => owned({ ...now, mode: resolveMode(mode, now.mode, true) }, owner ?? '', group ?? ''), reason);
      }
      case 'file':
        this.#make(effect.path, fresh, reason);
        return;
      case 'own':
        return this.#alter(effect.path, (now) => owned(now, effect.owner, effect.group), reason);
      case 'mode':
        return this.#alter(effect.path, (now) => (isMode(effect.mode) ? { ...now, mode: resolveMode(effect.mode, now.mode, now.type === 'directory') } : now), reason);
      case 'remove':
      case 'enable':
      case 'start':
        return;
    }
  }

  #account(question: Question, answer: unknown, assumed: string): void {
    if (this.#found.get(question) === null) this.#knowns.set(assumed, { question, answer, assumed });
  }

  /** @returns false when something is there already, which scripts leave as it is */
  #make(path: string, at: Present, reason: string): boolean {
    if (this.#paths.has(path) || this.#made.has(path) || this.#found.get(stat(path)).type !== 'absent') return false;
    this.#made.set(path, { at, reason });
    return true;
  }

  /** What was on the host before is not claimed to change. */
  #alter(path: string, change: (now: Present) => Present, reason: string): void {
    const packaged = this.#paths.get(path);
    const made = this.#made.get(path);
    if (packaged) {
      this.#paths.set(path, change(packaged));
      this.guessed.set(path, `${path}: ${reason}`);
    } else if (made) this.#made.set(path, { at: change(made.at), reason });
  }
}

const isMode = (text: string): boolean => /^(?:[0-7]{3,4}|[ugoa]*[=+-][rwxXst]*(?:,[ugoa]*[=+-][rwxXst]*)*)$/.test(text);

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
      return [user(effect.name)];
    case 'group':
      return [group(effect.name)];
    case 'link':
    case 'directory':
    case 'file':
    case 'own':
    case 'mode':
      return paths.has(effect.path) ? [] : [stat(effect.path)];
    case 'remove':
    case 'enable':
    case 'start':
      return [];
  }
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
