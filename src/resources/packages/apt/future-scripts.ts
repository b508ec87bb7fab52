import type { AccountTable, Found, Prediction, PathState, Question, TableUser } from '../../../contract/index.ts';
import { accountTable, group, groupIn, linkTarget, stat, user, userIn } from '../../../probes/index.ts';
import { unknownNumber } from '../../accounts/account-numbers.ts';
import { resolveMode } from '../../kit/mode.ts';
import type { PackageContents } from '../apt-contents.probe.ts';
import { readScripts, readSysusers, readTmpfiles, type ScriptEffect } from './maintainer.ts';
import { forFirstInstallation, sureSnippets } from './snippets.ts';

/**
 * What installation scripts make of the host: accounts, links, folders, owners. Assumed, with the reason, but for
 * debhelper's own parts.
 */
export interface ScriptKnowns {
  readonly knowns: readonly Prediction[];
  /** Paths of the package itself that the scripts alter, with the reason. */
  readonly guessed: ReadonlyMap<string, string>;
}

const fresh: PathState = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

/**
 * @param packages newly installed ones, in the order they are set up
 * @param paths what the packages themselves bring; altered where their scripts alter it
 */
export function scriptKnowns(
  packages: readonly PackageContents[],
  paths: Map<string, PathState>,
  found: Found,
): ScriptKnowns {
  const effects = packages.flatMap(effectsOf);
  const scripts = new Scripts(paths, found);
  for (const { effect, reason } of effects) scripts.run(effect, reason);
  return { knowns: scripts.knowns(), guessed: scripts.guessed };
}

/** What decides it, to be asked with all else. */
export function scriptQuestions(packages: readonly PackageContents[]): Question[] {
  const paths = new Set(packages.flatMap((one) => one.paths.map(({ path }) => path)));
  return packages.flatMap(effectsOf).flatMap(({ effect }) => questionOf(effect, paths));
}

/** Undefined: sure. */
type Reason = string | undefined;

/** Follows the effects of scripts, one after the other. */
class Scripts {
  readonly guessed = new Map<string, string>();
  readonly #paths: Map<string, PathState>;
  readonly #found: Found;
  /** What the scripts make beside what is packaged. */
  readonly #made = new Map<string, { readonly at: PathState; readonly reason: Reason }>();
  readonly #knowns = new Map<string, Prediction>();
  /** All accounts with those made; undefined while none is. */
  #accounts: AccountTable | undefined;

  constructor(paths: Map<string, PathState>, found: Found) {
    this.#paths = paths;
    this.#found = found;
  }

  knowns(): Prediction[] {
    const made = [...this.#made].map(([path, { at, reason }]) => predict(stat(path), at, path, reason));
    return [
      ...this.#knowns.values(),
      ...made,
      ...(this.#accounts === undefined ? [] : [{ question: accountTable, answer: this.#accounts }]),
    ];
  }

  run(effect: ScriptEffect, reason: Reason): void {
    switch (effect.do) {
      case 'user':
        return this.#account(user(effect.name), `user ${effect.name}`, reason, (all) => {
          const users = [...all.users, newUser(effect, all)];
          return { all: { ...all, users }, answer: userIn({ ...all, users }, effect.name) };
        });
      case 'group':
        return this.#account(group(effect.name), `group ${effect.name}`, reason, (all) => {
          const groups = [
            ...all.groups,
            { name: effect.name, gid: unknownNumber(all.groups.map((one) => one.gid)), members: [] },
          ];
          return { all: { ...all, groups }, answer: groupIn({ ...all, groups }, effect.name) };
        });
      case 'link': {
        const { path, target, replaces } = effect;
        if (!this.#make(path, { ...fresh, type: 'link', mode: '0777', size: target.length }, reason, replaces)) return;
        this.#knowns.set(`link ${path}`, predict(linkTarget(path), target, path, this.#made.get(path)?.reason));
        return;
      }
      case 'directory': {
        const { path, mode, owner, group } = effect;
        this.#make(path, { ...fresh, type: 'directory', mode: '0755' }, reason);
        return this.#alter(
          path,
          (now) => owned({ ...now, mode: resolveMode(mode, now.mode, true) }, owner ?? '', group ?? ''),
          reason,
        );
      }
      case 'file':
        this.#make(effect.path, fresh, reason);
        return;
      case 'own':
        return this.#alter(effect.path, (now) => owned(now, effect.owner, effect.group), reason);
      case 'mode':
        return this.#alter(
          effect.path,
          (now) =>
            isMode(effect.mode) ? { ...now, mode: resolveMode(effect.mode, now.mode, now.type === 'directory') } : now,
          reason,
        );
      case 'remove':
      case 'enable':
      case 'start':
        return;
    }
  }

  /** Accounts that are there stay as they are (adduser(8), sysusers.d(5)), also those that a guess put there. */
  #account(
    question: Question,
    what: string,
    reason: Reason,
    make: (all: AccountTable) => { readonly all: AccountTable; readonly answer: unknown },
  ): void {
    const { answer: now, assumed } = this.#found.peek(question);
    if (now !== null || this.#knowns.has(what)) return;
    const { all, answer } = make(this.#accounts ?? this.#found.peek(accountTable).answer);
    this.#accounts = all;
    this.#knowns.set(what, predict(question, answer, what, reason ?? assumed));
  }

  /**
   * @param replaces whether it takes the place of a file, as `ln -f` does
   * @returns false when something is there already, which scripts leave as it is
   */
  #make(path: string, at: PathState, reason: Reason, replaces = false): boolean {
    if (this.#paths.has(path) || this.#made.has(path)) return false;
    const { answer, assumed } = this.#found.peek(stat(path));
    if (answer.type !== 'absent' && (!replaces || answer.type === 'directory')) return false;
    this.#made.set(path, { at, reason: reason ?? assumed });
    return true;
  }

  /** What was on the host before is not claimed to change. */
  #alter(path: string, change: (now: PathState) => PathState, reason: Reason): void {
    const packaged = this.#paths.get(path);
    const made = this.#made.get(path);
    if (packaged) {
      this.#paths.set(path, change(packaged));
      if (reason !== undefined) this.guessed.set(path, `${path}: ${reason}`);
    } else if (made) this.#made.set(path, { at: change(made.at), reason: made.reason ?? reason });
  }
}

function predict(question: Question, answer: unknown, what: string, reason: Reason): Prediction {
  return reason === undefined ? { question, answer } : { question, answer, assumed: `${what}: ${reason}` };
}

const isMode = (text: string): boolean =>
  /^(?:[0-7]{3,4}|[ugoa]*[=+-][rwxXst]*(?:,[ugoa]*[=+-][rwxXst]*)*)$/.test(text);

function effectsOf(one: PackageContents): { readonly effect: ScriptEffect; readonly reason: Reason }[] {
  const because = `the installation scripts of ${one.name} do it`;
  const snippets = sureSnippets(one.postinst);
  const declared = [...one.files].flatMap(([path, bytes]) => {
    const isSysusers = path.includes('/sysusers.d/');
    if (!isSysusers && !path.includes('/tmpfiles.d/')) return [];
    const text = bytes.toString('utf8');
    // Debhelper has the file named on a line of its own part.
    const tool = isSysusers ? 'systemd-sysusers' : 'systemd-tmpfiles';
    const name = path.replace(/^.*\//, '');
    const isSure = snippets.some((snippet) =>
      snippet.text.split('\n').some((line) => line.includes(tool) && line.split(/[\s'"]+/).includes(name)),
    );
    const effects = isSysusers ? readSysusers(text) : readTmpfiles(text);
    return effects.map((effect) => ({ effect, reason: isSure ? undefined : because }));
  });
  const scripts = readScripts(forFirstInstallation(`${one.preinst}\n${one.postinst}`));
  return [...declared, ...scripts.map((effect) => ({ effect, reason: because }))];
}

function questionOf(effect: ScriptEffect, paths: ReadonlySet<string>): Question[] {
  switch (effect.do) {
    case 'user':
      return [user(effect.name), accountTable];
    case 'group':
      return [group(effect.name), accountTable];
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

function owned(now: PathState, owner: string, group: string): PathState {
  return {
    ...now,
    ...(owner === '' ? {} : { owner, uid: owner === 'root' ? 0 : -1 }),
    ...(group === '' ? {} : { group, gid: group === 'root' ? 0 : -1 }),
  };
}

function newUser(
  { name, home, shell, comment, group: primary }: ScriptEffect & { do: 'user' },
  all: AccountTable,
): TableUser {
  return {
    name,
    uid: unknownNumber(all.users.map((one) => one.uid)),
    gid: groupIn(all, primary)?.gid ?? -1,
    comment,
    home,
    shell,
  };
}
