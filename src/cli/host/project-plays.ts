import { basename, dirname, join, relative, resolve } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { matchHosts, type Inventory } from '../../inventory/index.ts';
import type { Playbook } from '../../playbook/index.ts';
import type { Launch } from '../launch.ts';
import { loadPlaybook } from '../load-playbook.ts';
import { playbooksIn } from '../project.ts';

/** The playbooks of a project, and which of them are for a host. */
export class ProjectPlays {
  readonly #playbooks: readonly { readonly name: string; readonly playbook: Playbook }[];
  /** Playbooks that could not be loaded, each with the reason. */
  readonly broken: readonly string[];

  private constructor(playbooks: readonly { readonly name: string; readonly playbook: Playbook }[], broken: readonly string[]) {
    this.#playbooks = playbooks;
    this.broken = broken;
  }

  static async read(folder: string, launch: Launch): Promise<ProjectPlays> {
    const playbooks: { name: string; playbook: Playbook }[] = [];
    const broken: string[] = [];
    for (const name of playbooksIn(folder).sort()) {
      try {
        playbooks.push({ name, playbook: await loadPlaybook(join(folder, name), launch) });
      } catch (thrown) {
        if (!(thrown instanceof PlayError)) throw thrown;
        broken.push(`${name}: ${thrown.message}`);
      }
    }
    return new ProjectPlays(playbooks, broken);
  }

  /** The playbooks one of whose plays is for the host. */
  of(inventory: Inventory, host: string): string[] {
    return this.#playbooks.filter(({ playbook }) => playbook.plays.some(({ hosts }) => matches(inventory, hosts).includes(host))).map(({ name }) => name);
  }

  /** Patterns of plays that have hosts before and none after, or that name what is gone. */
  emptied(before: Inventory, after: Inventory): { readonly name: string; readonly pattern: string }[] {
    return this.#playbooks.flatMap(({ name, playbook }) =>
      playbook.plays
        .filter(({ hosts }) => matches(before, hosts).length > 0 && matches(after, hosts).length === 0)
        .map(({ hosts }) => ({ name, pattern: typeof hosts === 'string' ? hosts : hosts.join(',') })),
    );
  }

  /**
   * The runs that bring what a file of the project says to its hosts: those of the host or group whose variables it has, of
   * the playbooks whose role it is part of, or of the playbook itself.
   */
  runsFor(file: string, project: string, inventory: Inventory): { readonly name: string; readonly limit: string | undefined }[] {
    const [, kind, owner = ''] = /(?:^|\/)(host_vars|group_vars)\/([^/]+)/.exec(file) ?? [];
    const called = owner.replace(/\.(?:ya?ml|json)$/, '');
    if (kind === 'host_vars' && inventory.hosts.has(called)) return this.of(inventory, called).map((name) => ({ name, limit: called }));
    if (kind === 'group_vars') {
      const hosts = inventory.groups.get(called)?.hosts ?? [];
      const names = new Set(hosts.flatMap((host) => this.of(inventory, host)));
      return [...names].map((name) => ({ name, limit: called === 'all' ? undefined : called }));
    }
    const path = resolve(project, file);
    const isConcerned = ({ name, playbook }: { name: string; playbook: Playbook }): boolean =>
      (basename(dirname(path)) === 'playbooks' && basename(path) === name) ||
      playbook.plays.some((play) => (play.roles ?? []).some(({ spec }) => !relative(spec.dir, path).startsWith('..')));
    return this.#playbooks.filter(isConcerned).map(({ name }) => ({ name, limit: undefined }));
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
