import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { textOf, type Data, type MapData } from './data.ts';
import { listOf } from './data.ts';
import { FileReader, isRole, readHandlers, readRole, readRoleCall, variablesOf } from './read-role.ts';
import { readItems } from './read-tasks.ts';
import type {
  AnsibleItem,
  AnsiblePlay,
  AnsiblePlaybook,
  AnsibleRole,
  ImportedPlaybook,
  Repository,
  TasksFile,
} from './tree.ts';

/** Folders in which no playbook lies that anybody runs on hosts of theirs. */
const passedOver = new Set([
  '.git',
  'node_modules',
  'molecule',
  'tests',
  'test',
  '.github',
  '.venv',
  'venv',
  'collections',
]);
/** How deep below a repository's folder playbooks and roles are looked for. */
const deepest = 5;

/**
 * Reads a repository, a role or a playbook. What cannot be read is in `unread`.
 *
 * @throws PlayError where there is nothing of Ansible's
 */
export function readRepository(path: string): Repository {
  const given = resolve(path);
  if (!existsSync(given))
    throw new PlayError(`There is no ${path}`, { hint: 'Name a repository, a role or a playbook.' });
  const unread: { path: string; why: string }[] = [];
  const isFolder = statSync(given).isDirectory();
  const isOneRole = isFolder && isRoleAlone(given);
  const folder = isFolder ? given : dirname(given);
  const reader = new FileReader(folder, (file, why) => unread.push({ path: file, why }));
  const roleFolders = isOneRole ? [given] : rolesBelow(folder);
  const roles = new Map<string, AnsibleRole>();
  for (const one of roleFolders) {
    const before = roles.get(basename(one));
    if (before === undefined) roles.set(basename(one), readRole(one, reader));
    else
      unread.push({
        path: reader.path(one),
        why: `${reader.path(before.folder)} has the same name: rename one of them`,
      });
  }
  const files = isFolder ? (isOneRole ? [] : yamlBelow(folder, roleFolders)) : [given];
  const playbooks = files.flatMap((file): AnsiblePlaybook[] => {
    const plays = reader.read(file, readPlays, undefined);
    return plays === undefined ? [] : [{ path: reader.path(file), plays }];
  });
  const tasks = new Map<string, TasksFile>();
  for (const file of isFolder && !isOneRole ? files : yamlBelow(folder, roleFolders)) {
    const items = reader.read(file, (data) => (isTaskList(data) ? readItems(data) : undefined), undefined);
    if (items !== undefined) tasks.set(reader.path(file), { path: reader.path(file), items });
  }
  for (const [file, one] of partsOfRoles(folder, playbooks, tasks, reader)) tasks.set(file, one);
  if (roles.size === 0 && playbooks.length === 0) {
    const [first] = unread;
    throw new PlayError(`There is no playbook and no role in ${path}`, {
      hint:
        first === undefined
          ? 'A role is a folder with tasks/main.yml; a playbook is a list of plays, each with `hosts`.'
          : `${first.path} cannot be read: ${first.why}`,
    });
  }
  return { folder, roles, playbooks, tasks, ownNames: ownNamesBelow(folder), unread: unique(unread) };
}

/**
 * Files of tasks in roles that plays include by their paths: Ansible knows nothing of the role there, neither its defaults
 * nor its handlers. Their tasks are counted in the role.
 */
function partsOfRoles(
  folder: string,
  playbooks: readonly AnsiblePlaybook[],
  tasks: ReadonlyMap<string, TasksFile>,
  reader: FileReader,
): ReadonlyMap<string, TasksFile> {
  const found = new Map<string, TasksFile>();
  const follow = (from: string, items: readonly AnsibleItem[]): void => {
    for (const path of items.flatMap(includedPaths).map((one) => join(dirname(from), one))) {
      if (tasks.has(path) || found.has(path) || path.startsWith('..') || !existsSync(join(folder, path))) continue;
      const inner = reader.read(join(folder, path), (data) => (isTaskList(data) ? readItems(data) : []), []);
      found.set(path, { path, items: inner.map(uncounted) });
      follow(path, inner);
    }
  };
  for (const { path, plays } of playbooks)
    for (const play of plays)
      if (play.type === 'play') follow(path, [...play.preTasks, ...play.tasks, ...play.postTasks]);
  for (const { path, items } of tasks.values()) follow(path, items);
  return found;
}

/** The paths of files that are included by written names. */
function includedPaths(item: AnsibleItem): string[] {
  if (item.type === 'block') return [...item.tasks, ...item.rescue, ...item.always].flatMap(includedPaths);
  if (!/^(?:include|import)_tasks$|^include$/.test(item.module)) return [];
  const file = item.options.get('file');
  const [written = ''] = ((file === undefined ? item.text : textOf(file)) ?? '').trim().split(/\s+/);
  return written === '' || written.includes('{') ? [] : [written];
}

function uncounted(item: AnsibleItem): AnsibleItem {
  if (item.type === 'task') return { ...item, isMade: true };
  const [tasks, rescue, always] = [item.tasks, item.rescue, item.always].map((items) => items.map(uncounted));
  return { ...item, tasks: tasks ?? [], rescue: rescue ?? [], always: always ?? [] };
}

/** Variables of YAML files, at the beginning of a line as in `group_vars`, that are called as facts are. */
function ownNamesBelow(folder: string): Set<string> {
  const files = [folder, ...foldersBelow(folder)].flatMap((one) =>
    readdirSync(one, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && (/\.(?:ya?ml|dist|sample|example)$/.test(entry.name) || /(?:group|host)_vars/.test(one)),
      )
      .map((entry) => join(one, entry.name)),
  );
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^(ansible_\w+):/gm)].map((match) => match[1] ?? ''),
  );
  return new Set(names);
}

/** Whether a folder is one role: one that holds roles may have files of tasks beside its playbooks. */
const isRoleAlone = (folder: string): boolean =>
  existsSync(join(folder, 'tasks')) &&
  isRole(folder) &&
  (!existsSync(join(folder, 'roles')) ||
    ['yml', 'yaml'].some((ending) => existsSync(join(folder, 'tasks', `main.${ending}`))));

const unique = (unread: readonly { path: string; why: string }[]): { path: string; why: string }[] =>
  unread.filter((one, i) => unread.findIndex(({ path }) => path === one.path) === i);

function foldersBelow(folder: string, depth = 0): string[] {
  if (depth > deepest) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !passedOver.has(entry.name))
    .flatMap((entry) => [join(folder, entry.name), ...foldersBelow(join(folder, entry.name), depth + 1)]);
}

const isCalledRoles = (folder: string): boolean => /(?:^|[-_.])roles$/.test(basename(folder));

/** Whether roles lie in it: a folder called `roles`, or named like it, or one in it that is no role but holds some. */
const holdsRoles = (folder: string): boolean =>
  isCalledRoles(folder) ||
  (!isRole(folder) && [dirname(folder), dirname(dirname(folder))].some((one) => isCalledRoles(one)));

const rolesBelow = (folder: string): string[] =>
  foldersBelow(folder)
    .filter((one) => holdsRoles(dirname(one)) && isRole(one))
    .sort();

/** YAML files outside of roles, inventories and variables. */
function yamlBelow(folder: string, roles: readonly string[]): string[] {
  const inRole = (path: string): boolean => roles.some((role) => path === role || path.startsWith(`${role}/`));
  return [folder, ...foldersBelow(folder)]
    .filter(
      (one) =>
        !inRole(one) &&
        !/(?:^|\/)(?:group_vars|host_vars|vars|inventory|files|templates)(?:\/|$)/.test(one.slice(folder.length)),
    )
    .flatMap((one) =>
      readdirSync(one, { withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map((entry) => join(one, entry.name)),
    )
    .sort();
}

const importWords = ['import_playbook', 'ansible.builtin.import_playbook'];

const isPlay = (item: Data): item is MapData =>
  item.type === 'map' && (item.entries.has('hosts') || importOf(item) !== undefined);

function importOf({ entries }: MapData): Data | undefined {
  const word = importWords.find((one) => entries.has(one));
  if (word !== undefined) return entries.get(word);
  // As it was written until Ansible 2.4.
  const include = entries.get('include');
  return include?.type === 'text' && !entries.has('when') && entries.size <= 2 ? include : undefined;
}

const isTaskList = (data: Data | null): boolean =>
  data?.type === 'list' && data.items.length > 0 && data.items.every((item) => item.type === 'map' && !isPlay(item));

/** The plays of a playbook; undefined for a file that is none. @throws PlayError */
function readPlays(data: Data | null): (AnsiblePlay | ImportedPlaybook)[] | undefined {
  if (
    data?.type !== 'list' ||
    !data.items.some(
      (item) =>
        (item.type === 'map' && item.entries.has('hosts')) ||
        (item.type === 'map' && importWords.some((word) => item.entries.has(word))),
    )
  )
    return undefined;
  return data.items.flatMap((item) => (isPlay(item) ? [readPlay(item)] : []));
}

const parts = new Set(['name', 'hosts', 'vars', 'roles', 'tasks', 'pre_tasks', 'post_tasks', 'handlers']);

function readPlay(item: MapData): AnsiblePlay | ImportedPlaybook {
  const { entries, at, source } = item;
  const hosts = entries.get('hosts');
  if (hosts === undefined) {
    const imported = importOf(item);
    const keywords = new Map([...entries].filter(([key]) => ![...importWords, 'include', 'name'].includes(key)));
    return { type: 'import', path: (imported === undefined ? undefined : textOf(imported)) ?? '', keywords, at };
  }
  const name = entries.get('name');
  const vars = entries.get('vars');
  return {
    type: 'play',
    name: name === undefined ? undefined : textOf(name),
    hosts,
    keywords: new Map([...entries].filter(([key]) => !parts.has(key))),
    vars: vars === undefined || vars.type === 'list' ? new Map() : variablesOf(vars),
    roles: listOf(entries.get('roles')).flatMap(readRoleCall),
    preTasks: readItems(entries.get('pre_tasks')),
    tasks: readItems(entries.get('tasks')),
    postTasks: readItems(entries.get('post_tasks')),
    handlers: readHandlers(entries.get('handlers')),
    at,
    source,
  };
}
