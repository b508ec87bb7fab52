import { existsSync, readFileSync, readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { extname, join } from 'node:path';
import { PlayError, type Location } from '../errors/index.ts';
import { ageText, isBinaryAge } from '../secrets/index.ts';
import { requireTrustedSource } from '../trust/index.ts';
import type { Locked } from './locked.ts';
import type { Definition, InventoryWarning } from './types.ts';
import { YamlFile, type YamlReading } from './yaml-file.ts';

export interface VarsFile {
  readonly file: string;
  readonly variables: ReadonlyMap<string, Definition>;
  /** Encrypted, and nothing was given to open it: its variables cannot be known. */
  readonly locked: Omit<Locked, 'level'> | undefined;
}

const clear = ['', '.yml', '.yaml', '.json'];
/** People name what they encrypted with age so: `vault.yml.age`. */
const extensions = [...clear, ...clear.map((extension) => `${extension}.age`)];

/** Whether a file in `group_vars/` or `host_vars/` is read, as its name ends. */
export function isVarsFile(name: string): boolean {
  return clear.includes(extname(name.replace(/\.age$/, '')));
}

/** The `group_vars/` and `host_vars/` beside one inventory or playbook, read when asked for. */
export class VarsFiles {
  readonly directory: string;
  readonly #reading: YamlReading;
  readonly #listings = new Map<string, ReadonlyMap<string, Dirent>>();
  readonly #found = new Map<string, readonly VarsFile[]>();

  constructor(directory: string, reading: YamlReading) {
    this.directory = directory;
    this.#reading = reading;
  }

  /** The files of one group or host, in the order they are merged. */
  of(kind: 'group' | 'host', name: string): readonly VarsFile[] {
    const listing = this.#listing(`${kind}_vars`);
    if (listing.size === 0) return [];
    const key = `${kind}/${name}`;
    let files = this.#found.get(key);
    if (files === undefined) {
      files = this.#paths(`${kind}_vars`, name, listing).map((path) => this.#read(path));
      this.#found.set(key, files);
    }
    return files;
  }

  /** The names that have a file here, to be checked for misspelt ones. */
  names(kind: 'group' | 'host'): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const [entry] of this.#listing(`${kind}_vars`)) {
      if (entry.startsWith('.') || entry.endsWith('~')) continue;
      const extension = extensions.findLast((known) => known !== '' && entry.endsWith(known)) ?? '';
      names.set(entry.slice(0, entry.length - extension.length), join(this.directory, `${kind}_vars`, entry));
    }
    return names;
  }

  /** Reads the directory once instead of looking for four files a host: an inventory has thousands of hosts. */
  #listing(folder: string): ReadonlyMap<string, Dirent> {
    let listing = this.#listings.get(folder);
    if (listing === undefined) {
      listing = new Map(listDirectory(join(this.directory, folder)).map((entry) => [entry.name, entry]));
      this.#listings.set(folder, listing);
    }
    return listing;
  }

  /** As in Ansible: the directory NAME, else the first of NAME, NAME.yml, NAME.yaml, NAME.json, or one of these with `.age`; never two of them. */
  #paths(folder: string, name: string, listing: ReadonlyMap<string, Dirent>): string[] {
    const [first, ...ignored] = extensions
      .map((extension) => name + extension)
      .filter((candidate) => listing.has(candidate) && this.#isThere(join(this.directory, folder, candidate)));
    if (first === undefined) return [];
    const path = join(this.directory, folder, first);
    for (const other of ignored) {
      this.#reading.warn({
        what: `${join(folder, other)} is not read because ${join(folder, first)} is there`,
        where: { file: join(this.directory, folder, other) },
        hint: `Move it into one place: ${name}/*.yml or ${name}.yml.`,
      });
    }
    return statSync(path).isDirectory() ? filesBelow(path, (link) => this.#isThere(link)) : [path];
  }

  /** A link to nothing is passed over, as in Ansible, but told. */
  #isThere(path: string): boolean {
    if (existsSync(path)) return true;
    this.#reading.warn(danglingLink(path));
    return false;
  }

  #read(file: string): VarsFile {
    const text = readText(file);
    const lock = this.#reading.vault.missing(text, { file });
    if (lock) return { file, variables: new Map(), locked: { file, lock } };
    return { file, variables: readVariables(openYaml(text, file, this.#reading)), locked: undefined };
  }
}

/** A YAML file in the clear or encrypted. @throws PlayError where it cannot be opened, or is not YAML */
export function openYaml(text: string, file: string, reading: YamlReading): YamlFile {
  const plain = reading.vault.read(text, { file, line: 1 });
  return new YamlFile(plain.text, file, reading, plain.secret);
}

/** The variables of a file that contains one mapping; an empty file has none. */
export function readVariables(source: YamlFile): Map<string, Definition> {
  if (source.root === null || source.isNull(source.root)) return new Map();
  const entries = source.entries(source.root);
  if (entries === undefined)
    throw new PlayError('A file of variables must be a mapping', {
      where: source.where(source.root),
      hint: 'Write NAME: VALUE lines.',
    });
  return new Map(
    entries.map(({ key, where, node }): [string, Definition] => [key, { value: source.value(node), where }]),
  );
}

/** What is said of a link that leads nowhere. */
export function danglingLink(path: string): InventoryWarning {
  return {
    what: 'This is a link to nothing, so it is not read',
    where: { file: path },
    hint: 'Restore what it leads to, or remove the link.',
  };
}

/** Sorted, without hidden files and backups; directories without an extension are entered. */
function filesBelow(directory: string, isThere: (path: string) => boolean): string[] {
  return listDirectory(directory)
    .filter(({ name }) => !name.startsWith('.') && !name.endsWith('~'))
    .flatMap(({ name }) => {
      const path = join(directory, name);
      if (!isThere(path)) return [];
      if (statSync(path).isDirectory()) return extname(name) === '' ? filesBelow(path, isThere) : [];
      return isVarsFile(name) ? [path] : [];
    });
}

function listDirectory(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new PlayError(`This directory cannot be read (${String(code)})`, {
      where: { file: path },
      hint: 'Check its permissions.',
      cause,
    });
  }
}

/**
 * The text of a file; of an age file without armour the same with it. @throws PlayError for a file that cannot be read, is
 * not text, or may be somebody else's
 */
export function readText(file: string): string {
  requireTrustedSource(file);
  try {
    const bytes = readFileSync(file);
    if (isBinaryAge(bytes)) return ageText(bytes);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const where: Location = { file };
    if (cause instanceof TypeError)
      throw new PlayError('This file is not UTF-8 text', {
        where,
        hint: 'Convert it: iconv -f LATIN1 -t UTF-8.',
        cause,
      });
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    throw new PlayError(`This file cannot be read (${String(code)})`, {
      where,
      hint: 'Check its path and its permissions.',
      cause,
    });
  }
}

/**
 * One reader for each directory, in the place where it was named last: reading one twice changes nothing, and only the
 * last time counts.
 */
export function uniqueDirectories(directories: readonly string[]): string[] {
  const real = (path: string): string => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  const last = new Map<string, string>();
  for (const directory of directories) {
    last.delete(real(directory));
    last.set(real(directory), directory);
  }
  return [...last.values()];
}
