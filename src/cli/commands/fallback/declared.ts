import { basename } from 'node:path';
import { preparedOf, prepareTask } from '../../../engine/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { matchHosts } from '../../../inventory/index.ts';
import type { ListedTask, Service } from '../../../playbook/index.ts';
import { unitName } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { projectPlaybooks } from '../../../project/project.ts';
import { prepareRun } from '../../../run/index.ts';
import { Secret } from '../../../secrets/index.ts';
import { becomeReader } from '../../../targets/become.ts';
import type { ChosenHosts } from '../../../targets/chosen-hosts.ts';

/** What tasks say of a host: of a service, of a role, or of all playbooks together. */
export interface Declared {
  readonly units: Set<string>;
  readonly paths: Set<string>;
  /** Folders whose content is declared whole. */
  readonly trees: Set<string>;
  readonly packages: Set<string>;
  /** `root backup`: whose crontab, and the job's name. */
  readonly jobs: Set<string>;
  readonly users: Set<string>;
  readonly containers: Set<string>;
  readonly certificates: Set<string>;
}

/** Tasks that belong together: those of a service, or of a role that is part of none. */
export interface DeclaredPart {
  readonly service: Service | undefined;
  /** The roles whose tasks these are; empty for tasks of plays. */
  readonly roles: Set<string>;
  readonly playbooks: Set<string>;
  readonly declared: Declared;
}

/** What the playbooks of a project say of one host. */
export interface HostDeclaration {
  readonly playbooks: readonly string[];
  readonly parts: readonly DeclaredPart[];
  readonly all: Declared;
  /** Tasks whose options are known only in a run. */
  readonly open: number;
}

/** What all playbooks of a project say of hosts, and the playbooks that cannot be read. */
export interface Declarations {
  readonly hosts: ReadonlyMap<string, HostDeclaration>;
  readonly broken: readonly string[];
}

/** Reads all playbooks for the chosen hosts. Nothing is connected. */
export async function readDeclarations(
  chosen: ChosenHosts,
  launch: Launch,
  { playbooksDir, isSandbox }: { readonly playbooksDir: string | undefined; readonly isSandbox: boolean },
): Promise<Declarations> {
  const drafts = new Map(chosen.hosts.map((host) => [host, new Draft()]));
  const broken: string[] = [];
  for (const file of projectPlaybooks(playbooksDir)) {
    const name = basename(file, '.ts');
    try {
      const playbook = await loadPlaybook(file, launch);
      const limit = chosen.hosts.join(',');
      if (!playbook.plays.some(({ hosts }) => matchHosts(chosen.inventory, hosts, { limit }).length > 0)) continue;
      const { plays } = prepareRun({
        isListing: true,
        playbook,
        file,
        inventory: chosen.inventory,
        limit,
        tags: { only: [], skip: [] },
        become: false,
        becomeUser: 'root',
        becomeMethod: 'sudo',
        becomePassword: undefined,
        becomeOf: becomeReader(chosen.inventory, isSandbox),
        sandbox: isSandbox,
      });
      for (const { all } of plays)
        for (const [host, { tasks, handlers }] of all)
          for (const listed of [...tasks, ...handlers.map((one) => one.listed)]) drafts.get(host)?.add(listed, name);
    } catch (thrown) {
      if (!(thrown instanceof PlayError)) throw thrown;
      broken.push(`${name}: ${thrown.message}`);
    }
  }
  return { hosts: new Map([...drafts].map(([host, draft]) => [host, draft.done()])), broken };
}

const nothing = (): Declared => ({
  units: new Set(),
  paths: new Set(),
  trees: new Set(),
  packages: new Set(),
  jobs: new Set(),
  users: new Set(),
  containers: new Set(),
  certificates: new Set(),
});

const rank = { high: 0, normal: 1, low: 2 } as const;

class Draft {
  readonly #parts = new Map<string, DeclaredPart>();
  readonly #all = nothing();
  readonly #playbooks = new Set<string>();
  #open = 0;

  add(listed: ListedTask, playbook: string): void {
    // What is done elsewhere is no part of this host.
    if (listed.inherited.delegateTo !== undefined) return;
    const { service } = listed.inherited;
    const key = service === undefined ? `role ${listed.role ?? ''}` : `service ${service.name}`;
    const part = this.#parts.get(key) ?? { service, roles: new Set(), playbooks: new Set(), declared: nothing() };
    this.#parts.set(key, part);
    this.#playbooks.add(playbook);
    part.playbooks.add(playbook);
    if (listed.role !== null) part.roles.add(listed.role);
    for (const declared of [part.declared, this.#all]) declare(listed, declared);
    if (Object.values(listed.task.body.options).some((value) => typeof value === 'function')) this.#open++;
  }

  done(): HostDeclaration {
    const parts = [...this.#parts.values()].toSorted((a, b) => {
      const of = ({ service }: DeclaredPart): number => (service ? rank[service.priority ?? 'normal'] : 3);
      return of(a) - of(b);
    });
    return { playbooks: [...this.#playbooks], parts, all: this.#all, open: this.#open };
  }
}

const pathOptions = ['path', 'dest', 'privatekeyPath', 'chainPath', 'cronFile'];

/** Adds what a task says that it manages. Options that are functions are not known before the run. */
function declare(listed: ListedTask, declared: Declared): void {
  const { task } = listed;
  const { resource, options } = task.body;
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  const list = (name: string): string[] =>
    [options[name]].flat().filter((value): value is string => typeof value === 'string');
  for (const path of [...pathOptions.flatMap(list), ...ownedPaths(listed)])
    if (path.startsWith('/')) declared.paths.add(path.replace(/(.)\/+$/, '$1'));
  const name = text('name');
  switch (resource.name) {
    case 'systemd':
    case 'service':
    case 'systemdUnit':
      if (name !== undefined && text('scope') !== 'user') declared.units.add(unitName(name));
      if (resource.name === 'systemdUnit' && name !== undefined)
        declared.paths.add(`${text('folder') ?? '/etc/systemd/system'}/${name}`);
      break;
    case 'cron':
      if (text('cronFile') === undefined) declared.jobs.add(`${text('user') ?? 'root'} ${name ?? ''}`);
      else declared.paths.add(`/etc/cron.d/${text('cronFile') ?? ''}`);
      break;
    case 'apt':
    case 'packages':
      for (const one of [...list('name'), ...list('deb').map((deb) => basename(deb).replace(/_.*$/, ''))])
        declared.packages.add(one.replace(/[=/].*$/, ''));
      break;
    case 'user':
      if (name !== undefined) declared.users.add(name);
      break;
    case 'container':
      if (name !== undefined) declared.containers.add(name);
      break;
    case 'certificate':
      if (text('path') !== undefined) declared.certificates.add(text('path') ?? '');
      break;
    case 'sync':
    case 'unarchive':
    case 'git':
      for (const path of list('dest')) declared.trees.add(path.replace(/(.)\/+$/, '$1'));
      break;
    case 'sudoers':
      if (name !== undefined) declared.paths.add(`/etc/sudoers.d/${name}`);
      break;
    default:
  }
  for (const path of declared.paths) if (/\.(?:pem|crt|cer)$/.test(path)) declared.certificates.add(path);
}

/** What its resource says that it manages whole. What cannot be prepared here is a matter of the run. */
function ownedPaths(listed: ListedTask): string[] {
  const { task } = listed;
  const { owns } = task.body.resource;
  if (owns === undefined || hasSecret(task.body.options)) return [];
  try {
    prepareTask(listed);
    const prepared = preparedOf(task);
    return prepared === undefined
      ? []
      : owns(prepared as never).flatMap((owned) => (owned.on === 'path' ? [owned.path] : []));
  } catch (thrown) {
    if (!(thrown instanceof PlayError)) throw thrown;
    return [];
  }
}

/** Secrets are not asked for where nothing is done with them. */
function hasSecret(value: unknown): boolean {
  if (value instanceof Secret) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasSecret);
}
