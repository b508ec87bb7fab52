import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { listOf, readData, type Data, type MapData } from './data.ts';
import { readItems, readTask } from './read-tasks.ts';
import type { AnsibleRole, AnsibleTask, RoleCall, TasksFile, Variables } from './tree.ts';

/** Told of each file that cannot be read, with the reason. */
export type Unread = (path: string, why: string) => void;

/** Reads files below a repository's folder; what cannot be read is reported, and left out. */
export class FileReader {
  readonly folder: string;
  readonly #unread: Unread;

  constructor(folder: string, unread: Unread) {
    this.folder = folder;
    this.#unread = unread;
  }

  path(file: string): string {
    return relative(this.folder, file);
  }

  /** What is made of a file; `otherwise` where that fails. */
  read<T>(file: string, make: (data: Data | null) => T, otherwise: T): T {
    try {
      return make(readData(readFileSync(file, 'utf8'), this.path(file)));
    } catch (thrown) {
      const where = thrown instanceof PlayError && typeof thrown.where === 'object' ? `:${thrown.where.line ?? 1}` : '';
      this.#unread(`${this.path(file)}${where}`, thrown instanceof Error ? thrown.message : String(thrown));
      return otherwise;
    }
  }
}

/** Whether a folder is a role: it has tasks, or at least what roles have. */
export const isRole = (folder: string): boolean =>
  ['tasks', 'handlers', 'meta', 'defaults', 'vars', 'templates', 'files'].some(
    (part) => mainFile(folder, part) !== undefined || isFolder(join(folder, part, 'main')),
  ) || ['templates', 'files', 'tasks'].some((part) => isFolder(join(folder, part)));

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

const endings = ['.yml', '.yaml', ''];
const isYaml = (file: string): boolean => /\.ya?ml$/.test(file);

const mainFile = (folder: string, part: string): string | undefined =>
  endings
    .map((ending) => join(folder, part, `main${ending}`))
    .find((file) => existsSync(file) && statSync(file).isFile());

/** All files below a folder, from there, sorted. */
export function filesBelow(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Reads all of a role. */
export function readRole(folder: string, reader: FileReader): AnsibleRole {
  const main = <T>(part: string, make: (data: Data | null) => T, otherwise: T): T => {
    const file = mainFile(folder, part);
    return file === undefined ? otherwise : reader.read(file, make, otherwise);
  };
  const meta = main<ReadonlyMap<string, Data>>(
    'meta',
    (data) => (data?.type === 'map' ? data.entries : new Map()),
    new Map(),
  );
  const specsFile = ['yml', 'yaml'].map((ending) => join(folder, 'meta', `argument_specs.${ending}`)).find(existsSync);
  return {
    name: basename(folder),
    folder,
    defaults: allVariables(folder, 'defaults', reader),
    vars: allVariables(folder, 'vars', reader),
    moreVars: new Map(
      filesBelow(join(folder, 'vars'))
        .filter((file) => isYaml(file) && !/^main(?:\.ya?ml$|\/)/.test(file))
        .map((file) => [file, reader.read(join(folder, 'vars', file), variablesOf, new Map())]),
    ),
    tasks: tasksBelow(join(folder, 'tasks'), reader),
    handlers: filesBelow(join(folder, 'handlers'))
      .filter(isYaml)
      .flatMap((file) => reader.read(join(folder, 'handlers', file), readHandlers, []))
      .filter((task) => !isReadAnyway(task, folder)),
    dependencies: listOf(meta.get('dependencies')).flatMap(readRoleCall),
    specs: specsFile === undefined ? undefined : reader.read(specsFile, mainSpec, undefined),
    allowDuplicates: isTrue(meta.get('allow_duplicates')),
    templates: filesBelow(join(folder, 'templates')),
    files: filesBelow(join(folder, 'files')),
  };
}

/** An import of another file of handlers: all of them are read. */
const isReadAnyway = ({ module, text }: AnsibleTask, folder: string): boolean =>
  ['import_tasks', 'include_tasks', 'include'].includes(module) &&
  text !== undefined &&
  existsSync(join(folder, 'handlers', text.trim()));

const isTrue = (data: Data | undefined): boolean => data?.type === 'flag' && data.value;

/** `defaults/main.yml`, or all files of the folder `defaults/main/`. */
function allVariables(folder: string, part: string, reader: FileReader): Variables {
  const files = [
    ...[mainFile(folder, part)].flatMap((file) => (file === undefined ? [] : [file])),
    ...filesBelow(join(folder, part, 'main'))
      .filter(isYaml)
      .map((file) => join(folder, part, 'main', file)),
  ];
  return new Map(files.flatMap((file) => [...reader.read(file, variablesOf, new Map<string, Data>())]));
}

/** @throws PlayError where the file holds no mapping */
export function variablesOf(data: Data | null): Variables {
  if (data === null || data.type === 'null') return new Map();
  if (data.type === 'map') return data.entries;
  throw new PlayError('Variables are expected here: `name: value`', { where: data.at });
}

function mainSpec(data: Data | null): MapData | undefined {
  const specs = data?.type === 'map' ? data.entries.get('argument_specs') : undefined;
  const main = specs?.type === 'map' ? specs.entries.get('main') : undefined;
  const options = main?.type === 'map' ? main.entries.get('options') : undefined;
  return options?.type === 'map' ? options : undefined;
}

/** Files of tasks below a folder, by their path there. */
function tasksBelow(folder: string, reader: FileReader): Map<string, TasksFile> {
  return new Map(
    filesBelow(folder)
      .filter(isYaml)
      .map((file) => {
        const path = join(folder, file);
        return [file, { path: reader.path(path), items: reader.read(path, readItems, []) }];
      }),
  );
}

/** @throws PlayError where something else than a task stands */
export function readHandlers(data: Data | null | undefined): AnsibleTask[] {
  return listOf(data ?? undefined).flatMap((item) =>
    item.type === 'map' && !item.entries.has('block') ? [readTask(item)] : [],
  );
}

const callKeywords = new Set([
  'role',
  'name',
  'tags',
  'when',
  'become',
  'become_user',
  'vars',
  'delegate_to',
  'environment',
  'no_log',
  'run_once',
  'src',
  'version',
  'ignore_errors',
  'any_errors_fatal',
]);

/** A role as a list names it: `common`, or `{ role: common, port: 80, tags: x }`. */
export function readRoleCall(data: Data): RoleCall[] {
  if (data.type === 'text') return [{ name: lastPart(data.value), vars: new Map(), keywords: new Map(), at: data.at }];
  if (data.type !== 'map') return [];
  const named = data.entries.get('role') ?? data.entries.get('name') ?? data.entries.get('src');
  if (named?.type !== 'text') return [];
  const vars = data.entries.get('vars');
  return [
    {
      name: lastPart(named.value),
      vars: new Map([
        ...[...data.entries].filter(([key]) => !callKeywords.has(key)),
        ...(vars?.type === 'map' ? vars.entries : []),
      ]),
      keywords: new Map(
        [...data.entries].filter(
          ([key]) => callKeywords.has(key) && !['role', 'name', 'vars', 'src', 'version'].includes(key),
        ),
      ),
      at: data.at,
    },
  ];
}

/** A role may be named by its path, or by its collection. */
const lastPart = (name: string): string => name.replace(/\/$/, '').split('/').at(-1) ?? name;
