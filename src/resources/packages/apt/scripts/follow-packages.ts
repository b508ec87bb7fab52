import type { Found, PathState, Prediction, Question, Stat } from '../../../../contract/index.ts';
import { content, stat } from '../../../../probes/index.ts';
import type { PackageContents } from '../../apt-contents.probe.ts';
import { MadeAccounts } from './accounts.ts';
import { readSysusers, readTmpfiles } from './declared.ts';
import type { ScriptEffect } from './effects.ts';
import { MadeFiles } from './files.ts';
import { followScript, temporaryFolder, type Invocation } from './follow.ts';
import { Asked, type Reason } from './known.ts';
import type { Verdict, World } from './world.ts';

/** Units that the scripts of a package enable and start; true where that is sure. */
export interface UnitEffects {
  readonly enabled: ReadonlyMap<string, boolean>;
  readonly started: ReadonlyMap<string, boolean>;
}

export interface FollowedScripts {
  /** Accounts, links, folders, owners; assumed, with the reason, where a script is not sure to get there. */
  readonly knowns: readonly Prediction[];
  /** Paths of the packages themselves that scripts may alter, with the reason. */
  readonly guessed: ReadonlyMap<string, string>;
  /** By package. */
  readonly units: ReadonlyMap<string, UnitEffects>;
  /** What was not asked of the host yet: without the answers to it all else is but a first look. */
  readonly lacking: readonly Question[];
}

/**
 * @param packages newly installed ones, in the order they are set up
 * @param paths what the packages themselves bring; altered where their scripts are sure to alter it
 * @param hasSystemd whether systemd runs there
 */
export function followScripts(
  packages: readonly PackageContents[],
  paths: Map<string, PathState>,
  hasSystemd: boolean,
  found: Found,
): FollowedScripts {
  const asked = new Asked(found);
  const host: Host = { accounts: new MadeAccounts(asked), files: new MadeFiles(paths, asked), asked, hasSystemd };
  const units = new Map(packages.map((one) => [one.name, followPackage(one, host)]));
  const { lacking } = asked;
  if (lacking.length > 0) return { knowns: [], guessed: new Map(), units: new Map(), lacking };
  const { accounts, files } = host;
  return { knowns: [...accounts.knowns(found), ...files.knowns()], guessed: files.guessed, units, lacking };
}

interface Host {
  readonly accounts: MadeAccounts;
  readonly files: MadeFiles;
  readonly asked: Asked;
  readonly hasSystemd: boolean;
}

function followPackage(one: PackageContents, host: Host): UnitEffects {
  const scripts = new PackageWorld(one, host);
  scripts.follow('preinst', one.preinst);
  scripts.follow('postinst', one.postinst);
  scripts.declareRest();
  return scripts.units;
}

const overrides = '/var/lib/dpkg/statoverride';

/** The host as the scripts of one package see it. */
class PackageWorld implements World {
  readonly units = { enabled: new Map<string, boolean>(), started: new Map<string, boolean>() } satisfies UnitEffects;
  readonly #one: PackageContents;
  readonly #host: Host;
  readonly #because: string;
  readonly #declared = new Set<string>();
  /** What its scripts made or altered so far. */
  readonly #touched = new Set<string>();
  readonly #accounts = new Set<string>();
  #isBlurred = false;
  #isUnpacked = false;

  constructor(one: PackageContents, host: Host) {
    this.#one = one;
    this.#host = host;
    this.#because = `the installation scripts of ${one.name} do it`;
  }

  follow(script: Invocation['script'], text: string): void {
    this.#isUnpacked = script === 'postinst';
    followScript(text, { package: this.#one.name, script }, this);
  }

  /** What no script named: triggers of other packages may see to it, now or at the next boot. */
  declareRest(): void {
    for (const kind of ['sysusers', 'tmpfiles'] as const)
      for (const path of this.#one.files.keys()) {
        const name = path.replace(/^.*\//, '');
        if (!path.includes(`/${kind}.d/`) || this.#declared.has(`${kind} ${name}`)) continue;
        for (const effect of this.declares(kind, name)) this.does(effect, false);
      }
  }

  declares(kind: 'sysusers' | 'tmpfiles', file: string): readonly ScriptEffect[] {
    this.#declared.add(`${kind} ${file}`);
    const bytes = [...this.#one.files].find(([path]) => path.endsWith(`/${kind}.d/${file}`))?.[1];
    if (bytes === undefined) return [];
    const text = bytes.toString('utf8');
    return kind === 'sysusers' ? readSysusers(text) : readTmpfiles(text);
  }

  at(path: string): Stat | undefined {
    if (path === '/run/systemd/system')
      return this.#host.hasSystemd
        ? { type: 'directory', mode: '0755', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 }
        : { type: 'absent' };
    return path.startsWith('/') ? this.#host.files.at(path.replace(/(.)\/+$/, '$1'), this.#isUnpacked) : undefined;
  }

  wasThere(path: string): Verdict {
    const seen = this.#host.asked.seen(stat(path));
    return seen === undefined || seen.assumed !== undefined ? undefined : seen.answer.type !== 'absent';
  }

  linkTarget(path: string): string | undefined {
    return this.#host.files.linkTarget(path);
  }

  hasUser(name: string): Verdict {
    return this.#host.accounts.hasUser(name);
  }

  hasGroup(name: string): Verdict {
    return this.#host.accounts.hasGroup(name);
  }

  groupsOf(user: string): readonly string[] | undefined {
    return this.#host.accounts.groupsOf(user);
  }

  isOverridden(path: string): Verdict {
    const seen = this.#host.asked.seen(content(overrides));
    if (seen === undefined || seen.assumed !== undefined) return undefined;
    if (!('bytes' in seen.answer)) return 'missing' in seen.answer ? false : undefined;
    // OWNER GROUP MODE PATH
    return seen.answer.bytes
      .toString('utf8')
      .split('\n')
      .some((line) => line.split(' ').slice(3).join(' ') === path);
  }

  bringsUnit(name: string): boolean {
    return this.#host.hasSystemd && this.#one.paths.some(({ path }) => path.endsWith(`/lib/systemd/system/${name}`));
  }

  doubtPath(path: string): void {
    this.#host.files.doubt(path, this.#because);
  }

  doubtAccount(name: string): void {
    this.#host.accounts.doubt(name, this.#because);
  }

  blur(): void {
    this.#isBlurred = true;
    for (const name of this.#accounts) this.#host.accounts.doubt(name, this.#because);
    // What lies below /usr is dpkg's own (Debian Policy 9.1.1).
    const own = this.#one.paths.map(({ path }) => path).filter((path) => !path.startsWith('/usr/'));
    this.#host.files.doubtThese([...own, ...this.#touched], this.#because);
    for (const all of [this.units.enabled, this.units.started]) for (const name of all.keys()) all.set(name, false);
  }

  does(effect: ScriptEffect, isSure: boolean): void {
    if ('path' in effect && effect.path.startsWith(temporaryFolder)) return;
    if ('path' in effect) this.#touched.add(effect.path);
    else if ('name' in effect) this.#accounts.add(effect.name);
    const sure = isSure && !this.#isBlurred;
    const reason: Reason = sure ? undefined : this.#because;
    const { accounts, files } = this.#host;
    switch (effect.do) {
      case 'user':
        accounts.makeUser(effect, effect.isWhole ? reason : this.#because);
        return this.#makeHome(effect);
      case 'group':
        return accounts.makeGroup(effect.name, reason);
      case 'member':
        return accounts.join(effect.user, effect.group, reason);
      case 'link':
        return files.link(effect, reason);
      case 'directory':
        return files.folder(effect, reason);
      case 'file':
        return files.file(effect, reason);
      case 'remove':
        return files.remove(effect.path, reason);
      case 'own':
        return files.own(effect, reason);
      case 'mode':
        return files.setMode(effect, reason);
      case 'enable':
      case 'start': {
        const all = effect.do === 'enable' ? this.units.enabled : this.units.started;
        all.set(effect.unit, (all.get(effect.unit) ?? false) || sure);
      }
    }
  }

  /** Its permissions are for the host's adduser.conf(5) to say. */
  #makeHome({ makesHome, home, name, group }: ScriptEffect & { readonly do: 'user' }): void {
    if (makesHome && home.startsWith('/') && home !== '/nonexistent')
      this.#host.files.folder(
        { do: 'directory', path: home, mode: '0755', owner: name, group, adjusts: false },
        this.#because,
      );
  }
}
