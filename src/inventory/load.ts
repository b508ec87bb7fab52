import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { PlayError, type Location } from '../errors/index.ts';
import { Vault } from '../secrets/index.ts';
import { requireTrustedSource } from '../trust/index.ts';
import { parseAddress } from './address.ts';
import { InventoryBuilder } from './builder.ts';
import { parseExtraVars } from './extra-vars.ts';
import { readIni } from './ini.ts';
import { Inventory } from './inventory.ts';
import { readPluginInventory } from './plugin-inventory.ts';
import { isProgram, readScript } from './script.ts';
import { readTree, type TypedSource } from './typed.ts';
import type { OnWarning } from './types.ts';
import { VarsFiles, danglingLink, readText, uniqueDirectories } from './vars-files.ts';
import { YamlFile, type YamlDialect, type YamlReading } from './yaml-file.ts';
import { readYamlInventory } from './yaml-inventory.ts';

export interface LoadInventoryOptions {
  /**
   * What `-i` takes: a file, a directory of files, a list of hosts with a comma (`web1,web2` or `web1,`), or a typed
   * inventory.
   */
  readonly sources: readonly (string | TypedSource)[];
  /** The playbook's folder: its `group_vars/` and `host_vars/` count, and beat those beside the inventory. */
  readonly playbookDir?: string | undefined;
  /** Each `-e` as given: `k=v k2=v2`, JSON or YAML, `@FILE`. */
  readonly extraVars?: readonly string[] | undefined;
  readonly vault?: Vault | undefined;
  readonly onWarning?: OnWarning | undefined;
  /** Texts to use in place of these files' contents (absolute paths): what an inventory would be after an edit. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
  /** How YAML is read; default `ansible`. See `YamlDialect`. */
  readonly yaml?: YamlDialect | undefined;
  /** False: lookups in variables that run a command are left out, for who only looks. Default: true. */
  readonly runsLookups?: boolean | undefined;
  /** Where answers of inventory plugins are kept between runs; default: nowhere. */
  readonly pluginCache?: (() => string) | undefined;
}

/**
 * Reads the sources in their order into one inventory. Variables files are read when a host that uses them is asked
 * about (`Inventory.check` asks about all).
 *
 * @throws PlayError with file, line and column for whatever Ansible could not read, or would read differently
 * @example const inventory = loadInventory({ sources: ['inventory/hosts'] }); inventory.vars('web1').http_port
 */
export function loadInventory(options: LoadInventoryOptions): Inventory {
  const vault = options.vault ?? new Vault();
  const warn = options.onWarning ?? ((): void => undefined);
  const builder = new InventoryBuilder(warn);
  const reading: YamlReading = { vault, yaml: options.yaml ?? 'ansible', warn };
  const extra = parseExtraVars(options.extraVars ?? [], reading);
  const reader = new SourceReader(builder, reading, options);
  for (const source of options.sources) reader.read(source);
  builder.finish();
  const beside = uniqueDirectories([
    ...options.sources.flatMap(directoryOf),
    ...(options.playbookDir === undefined ? [] : [resolve(options.playbookDir)]),
  ]);
  const playbookDir = options.playbookDir === undefined ? undefined : resolve(options.playbookDir);
  const open = (directory: string): VarsFiles => new VarsFiles(directory, reading);
  const directories = {
    inventory: beside.filter((directory) => directory !== playbookDir).map(open),
    playbook: beside.filter((directory) => directory === playbookDir).map(open),
  };
  // Files beside a playbook apply to any inventory that is used with it; an inventory that lies there too knows all of
  // its groups.
  const isOwn = options.sources
    .flatMap(directoryOf)
    .some((directory) => playbookDir !== undefined && `${directory}/`.startsWith(`${playbookDir}/`));
  warnOfStrayNames(builder, [...directories.inventory, ...(isOwn ? directories.playbook : [])], warn);
  return new Inventory(builder, directories, extra, {
    vault,
    playbookDir,
    runsLookups: options.runsLookups ?? true,
  });
}

function directoryOf(source: string | TypedSource): string[] {
  if (typeof source !== 'string') return [dirname(resolve(source.file))];
  if (isHostList(source)) return [];
  const path = resolve(source);
  return [statSync(path).isDirectory() ? path : dirname(path)];
}

function isHostList(source: string): boolean {
  return source.includes(',') && !existsSync(source);
}

/**
 * What is left out of a directory of sources (ansible-core's INVENTORY_IGNORE_EXTS, and what usually lies beside
 * sources).
 */
const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)$|~$/;

/** The files of a source in the order in which they are read; none for a list of hosts. */
export function filesOf(source: string, warn: OnWarning = () => undefined): string[] {
  if (isHostList(source)) return [];
  const path = resolve(source);
  if (!existsSync(path))
    throw new PlayError('There is no such inventory', {
      where: { file: source },
      hint: 'Check -i. A list of hosts needs a comma: -i web1,',
    });
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => {
      const below = join(path, name);
      if (ignored.test(name)) return [];
      if (existsSync(below)) return filesOf(below, warn);
      warn(danglingLink(below));
      return [];
    });
}

function readHostList(list: string, builder: InventoryBuilder): void {
  const group = builder.addGroup('ungrouped', 'always there');
  const where = { file: `-i ${list}` };
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const address = item.includes('[') && !item.startsWith('[') ? undefined : parseAddress(item);
    const host = address?.host ?? item;
    if (!builder.hosts.has(host)) builder.addHost(host, group, where, address?.port);
  }
}

/** The format of an inventory file: it decides how the file is read, and edited. */
export function formOf(path: string, text: string): 'program' | 'yaml' | 'ini' {
  if (isProgram(path)) return 'program';
  const extension = extname(path);
  // `.config` is what plugins of Ansible are given.
  const isOpen = extension === '' || extension === '.config';
  return ['.yml', '.yaml', '.json'].includes(extension) || (isOpen && looksLikeYaml(text)) ? 'yaml' : 'ini';
}

/** Reads sources one after the other into one builder. */
class SourceReader {
  readonly #builder: InventoryBuilder;
  readonly #reading: YamlReading;
  readonly #options: LoadInventoryOptions;
  /** What was read so far, as ansible-inventory takes it. */
  readonly #before: string[] = [];

  constructor(builder: InventoryBuilder, reading: YamlReading, options: LoadInventoryOptions) {
    this.#builder = builder;
    this.#reading = reading;
    this.#options = options;
  }

  read(source: string | TypedSource): void {
    if (typeof source !== 'string') return readTree(source, this.#builder);
    if (isHostList(source)) {
      readHostList(source, this.#builder);
      this.#before.push(source);
      return;
    }
    for (const file of filesOf(source, this.#reading.warn)) {
      this.#file(file);
      this.#before.push(file);
    }
  }

  #file(path: string): void {
    requireTrustedSource(path);
    if (isProgram(path)) return readScript(path, this.#builder, this.#reading);
    if (extname(path) === '.toml') return this.#plugin('toml', path, { file: path });
    const text = this.#options.texts?.get(path) ?? readText(path);
    const plain = this.#reading.vault.read(text, { file: path, line: 1 });
    if (formOf(path, plain.text) === 'yaml') {
      const source = new YamlFile(plain.text, path, this.#reading, plain.secret);
      return readYamlInventory(source, this.#builder, (plugin, where) => this.#plugin(plugin, path, where));
    }
    if (plain.secret !== 'nothing')
      throw new PlayError('An encrypted INI inventory is not supported', {
        where: { file: path },
        hint: 'Keep hosts and groups in the clear and encrypt the variables: group_vars/all/vault.yml.',
      });
    readIni(plain.text, path, this.#builder, this.#reading.yaml);
  }

  #plugin(plugin: string, file: string, where: Location): void {
    const cache = this.#options.pluginCache?.();
    readPluginInventory({ plugin, file, where, before: [...this.#before], cache }, this.#builder, this.#reading);
  }
}

/** Ansible tries YAML first for a file without an extension; the first meaningful line tells the two formats apart. */
function looksLikeYaml(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? '';
  return /^(?:---|%YAML|\{)/.test(first) || /^(?:"[^"]*"|'[^']*'|[^\s#:=[\]]+):(?:\s|$)/.test(first);
}

/** A file for an unknown group is nearly always a misspelt name, and Ansible says nothing. */
function warnOfStrayNames(builder: InventoryBuilder, directories: readonly VarsFiles[], warn: OnWarning): void {
  for (const directory of directories) {
    for (const [name, file] of directory.names('group')) {
      if (!builder.groups.has(name))
        warn({
          what: `There is no group "${name}", so this is never read`,
          where: { file },
          hint: 'Check the spelling of the file or of the group.',
        });
    }
  }
}
