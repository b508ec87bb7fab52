import { basename, dirname, join, relative, resolve } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { matchHosts, type Inventory } from '../../../inventory/index.ts';
import type { Playbook, PlaySpec } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { playbooksIn } from '../../../project/project.ts';
import { touchedHosts, type TouchedHost } from './touched-tasks.ts';

/** A run of a playbook, by whom and by what it can be narrowed. */
export interface DueRun {
  readonly name: string;
  readonly limit: string | undefined;
  readonly tags: readonly string[];
}

type RoleUse = NonNullable<PlaySpec['roles']>[number];

/** The playbooks of a project, and which of them are for a host. */
export class ProjectPlays {
  readonly #playbooks: readonly { readonly name: string; readonly file: string; readonly playbook: Playbook }[];
  /** Playbooks that could not be loaded, each with the reason. */
  readonly broken: readonly string[];

  private constructor(
    playbooks: readonly { readonly name: string; readonly file: string; readonly playbook: Playbook }[],
    broken: readonly string[],
  ) {
    this.#playbooks = playbooks;
    this.broken = broken;
  }

  static async read(folder: string, launch: Launch): Promise<ProjectPlays> {
    const playbooks: { name: string; file: string; playbook: Playbook }[] = [];
    const broken: string[] = [];
    for (const name of playbooksIn(folder).sort()) {
      try {
        const file = join(folder, name);
        playbooks.push({ name, file, playbook: await loadPlaybook(file, launch) });
      } catch (thrown) {
        if (!(thrown instanceof PlayError)) throw thrown;
        broken.push(`${name}: ${thrown.message}`);
      }
    }
    return new ProjectPlays(playbooks, broken);
  }

  /** The playbooks one of whose plays is for the host. */
  of(inventory: Inventory, host: string): string[] {
    return this.#playbooks
      .filter(({ playbook }) => playbook.plays.some(({ hosts }) => matches(inventory, hosts).includes(host)))
      .map(({ name }) => name);
  }

  /** Patterns of plays that have hosts before and none after, or that name what is gone. */
  emptied(before: Inventory, after: Inventory): { readonly name: string; readonly pattern: string }[] {
    return this.#playbooks.flatMap(({ name, playbook }) =>
      playbook.plays
        .filter(({ hosts }) => matches(before, hosts).length > 0 && matches(after, hosts).length === 0)
        .map(({ hosts }) => ({ name, pattern: typeof hosts === 'string' ? hosts : hosts.join(',') })),
    );
  }

  /** Hosts whose tasks of a playbook come out otherwise after an edit, beside the edited one. */
  touched(
    before: Inventory,
    after: Inventory,
    edited: string,
  ): { readonly name: string; readonly hosts: readonly TouchedHost[] }[] {
    return this.#playbooks.flatMap(({ name, file, playbook }) => {
      const hosts = touchedHosts(file, playbook, before, after)?.filter(({ host }) => host !== edited) ?? [];
      return hosts.length === 0 ? [] : [{ name, hosts }];
    });
  }

  /**
   * The runs that bring what a file of the project says to its hosts: those of the host or group whose variables it
   * has, of the playbooks whose role it is part of, or of the playbook itself. Narrowed to the roles that read the
   * variable, or whose file it is, where each has a tag.
   *
   * @param variable the variable of the file that is concerned, where it is one of variables
   */
  runsFor(file: string, variable: string | undefined, project: string, inventory: Inventory): DueRun[] {
    const [, kind, owner = ''] = /(?:^|\/)(host_vars|group_vars)\/([^/]+)/.exec(file) ?? [];
    const called = owner.replace(/\.(?:ya?ml|json)$/, '');
    const reads = ({ spec }: RoleUse): boolean => variable !== undefined && Object.hasOwn(spec.vars ?? {}, variable);
    const run = (name: string, limit: string | undefined): DueRun => ({ name, limit, tags: this.#tagsOf(name, reads) });
    if (kind === 'host_vars' && inventory.hosts.has(called))
      return this.of(inventory, called).map((name) => run(name, called));
    if (kind === 'group_vars') {
      const hosts = inventory.groups.get(called)?.hosts ?? [];
      const names = new Set(hosts.flatMap((host) => this.of(inventory, host)));
      return [...names].map((name) => run(name, called === 'all' ? undefined : called));
    }
    const path = resolve(project, file);
    const has = ({ spec }: RoleUse): boolean => !relative(spec.dir, path).startsWith('..');
    return this.#playbooks.flatMap(({ name, playbook }): DueRun[] => {
      if (basename(dirname(path)) === 'playbooks' && basename(path) === name)
        return [{ name, limit: undefined, tags: [] }];
      return playbook.plays.some((play) => (play.roles ?? []).some(has))
        ? [{ name, limit: undefined, tags: this.#tagsOf(name, has) }]
        : [];
    });
  }

  /** A tag for each of these roles of a playbook; none where one of them has none, or there is no such role. */
  #tagsOf(name: string, isMeant: (use: RoleUse) => boolean): string[] {
    const roles = this.#playbooks
      .filter((one) => one.name === name)
      .flatMap(({ playbook }) => playbook.plays.flatMap((play) => (play.roles ?? []).filter(isMeant)));
    const tags = roles.map(
      ({ keywords, spec }) =>
        [keywords.tags ?? spec.tags ?? []]
          .flat()
          .flatMap((text) => text.split(','))[0]
          ?.trim() ?? '',
    );
    return tags.includes('') ? [] : [...new Set(tags)];
  }
}

/** A pattern that names what is not there is for nobody: lint tells of it. */
function matches(inventory: Inventory, hosts: string | readonly string[]): string[] {
  try {
    return matchHosts(inventory, hosts);
  } catch (thrown) {
    if (thrown instanceof PlayError) return [];
    throw thrown;
  }
}
