import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError, type Location } from '../errors/index.ts';
import { mappingOf } from '../values/index.ts';
import type { InventoryBuilder } from './builder.ts';
import { valueOfJson } from './json-value.ts';
import { readListing, type ListedMap } from './listed.ts';
import { readKept, writeKept } from './plugin-cache.ts';
import { isMapping, type Value } from './types.ts';
import type { YamlReading } from './yaml-file.ts';

/** An inventory that only a plugin of Ansible's can read. */
export interface PluginSource {
  /** As its file names it: `constructed`, `amazon.aws.aws_ec2`. */
  readonly plugin: string;
  readonly file: string;
  readonly where: Location;
  /** What comes before it, in order: `constructed` makes its groups of the hosts that these have. */
  readonly before: readonly string[];
  /** Where answers are kept between runs; undefined: nowhere. */
  readonly cache: string | undefined;
}

/** Those whose answer hangs on files alone. */
const ofFiles = /^(?:ansible\.builtin\.)?(?:constructed|generator|advanced_host_list|toml|yaml|ini)$/;
/** How long what others tell (a cloud, a database) is taken for true, in seconds. */
const longest = 300;

/**
 * Has `ansible-inventory` read a source for us, with its own plugins, those of collections and of the repository. Answers
 * are kept: those that hang on files alone until one of these changes, others for five minutes, which is told.
 *
 * @throws PlayError naming the plugin where there is no ansible-inventory, or it fails
 */
export function readPluginInventory(source: PluginSource, builder: InventoryBuilder, reading: YamlReading): void {
  const { plugin, file } = source;
  const cfg = nearestCfg(dirname(file));
  const key = keyOf(source, cfg);
  const kept = source.cache === undefined ? undefined : readKept(source.cache, key);
  const age = kept === undefined ? Infinity : Date.now() / 1000 - kept.at;
  const isFresh = kept !== undefined && (ofFiles.test(plugin) || (age >= 0 && age < longest));
  const text = isFresh ? kept.text : ask(source, cfg);
  if (!isFresh && source.cache !== undefined) writeKept(source.cache, key, text);
  if (isFresh && !ofFiles.test(plugin))
    reading.warn({
      what: `What the plugin ${plugin} says is ${Math.round(age)} s old`,
      where: { file },
      hint: `It is asked again after ${longest} s, or at once when ${join(source.cache ?? '', key)} is removed.`,
    });
  const listed = valueOfJson(text, file, reading);
  if (listed === undefined || !isMapping(listed)) throw bad(file, 'ansible-inventory printed no JSON mapping');
  readListing(ownOf(listed), { path: file, builder, bad }, () => null);
}

/** What Ansible sets by itself, and an export may hold all the same. */
const ofRun: readonly string[] = ['inventory_hostname', 'inventory_hostname_short', 'inventory_file', 'inventory_dir'];

/**
 * Without what is not the plugin's to say: what it is called by, and that groups are below `all`, which follows once more
 * is known than it does.
 */
function ownOf(listed: ListedMap): ListedMap {
  const { all, _meta: meta } = listed;
  const hostvars = meta !== undefined && isMapping(meta) ? meta['hostvars'] : undefined;
  const hosts = hostvars !== undefined && isMapping(hostvars) ? Object.entries(hostvars) : [];
  const own = hosts.map(([host, variables]): [string, Value] => [
    host,
    isMapping(variables) ? without(variables, ofRun) : {},
  ]);
  return {
    ...listed,
    ...(all !== undefined && isMapping(all) ? { all: { ...all, children: [] } } : {}),
    _meta: { hostvars: mappingOf(own) },
  };
}

function without(variables: ListedMap, names: readonly string[]): ListedMap {
  return mappingOf(Object.entries(variables).filter(([name]) => !names.includes(name)));
}

function ask({ plugin, file, where, before }: PluginSource, cfg: string | undefined): string {
  const sources = [...before, file].flatMap((one) => ['-i', one]);
  try {
    return execFileSync('ansible-inventory', [...sources, '--list', '--export'], {
      cwd: cfg === undefined ? dirname(file) : dirname(cfg),
      // Files of variables are read here, where their places are known and passwords are.
      env: { ...process.env, ANSIBLE_VARS_ENABLED: '', ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new PlayError(
        `This inventory needs the plugin ${plugin} of Ansible, and there is no ansible-inventory here`,
        {
          where,
          hint: 'Install ansible-core, and the collection the plugin is of; or use an executable inventory that prints JSON, or write the inventory in TypeScript.',
          cause,
        },
      );
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trimEnd() : '';
    throw new PlayError(`ansible-inventory cannot read this with the plugin ${plugin}`, {
      where,
      hint: said.includes('with auto plugin')
        ? `Run it by hand: ansible-inventory ${sources.join(' ')} --list`
        : `By its name it is read only where \`enable_plugins\` in ansible.cfg names ${plugin}. Or name it NAME.yml.`,
      detail: said.split('\n').slice(-8).join('\n'),
      cause,
    });
  }
}

function bad(file: string, why: string): PlayError {
  return new PlayError(`What ansible-inventory made of this is not usable: ${why}`, {
    where: { file },
    hint: `Look at what it prints: ansible-inventory -i ${file} --list --export`,
  });
}

/** The ansible.cfg that the repository has: it says where plugins are. */
export function nearestCfg(folder: string): string | undefined {
  const cfg = join(folder, 'ansible.cfg');
  if (existsSync(cfg)) return cfg;
  return dirname(folder) === folder ? undefined : nearestCfg(dirname(folder));
}

/** A name for the answer: of all that it hangs on, as far as files and environment say. */
function keyOf({ file, before }: PluginSource, cfg: string | undefined): string {
  const hash = createHash('sha256');
  for (const one of [...before, file, ...(cfg === undefined ? [] : [cfg])])
    hash
      .update(`${one}\0`)
      .update(existsSync(one) ? readFileSync(one) : '')
      .update('\0');
  for (const [name, value] of Object.entries(process.env).sort())
    if (name.startsWith('ANSIBLE_')) hash.update(`${name}=${value ?? ''}\0`);
  return `inventory-${hash.digest('hex').slice(0, 24)}.json`;
}
