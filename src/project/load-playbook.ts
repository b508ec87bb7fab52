import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlayError } from '../errors/index.ts';
import { Playbook, userFrame, withWhere } from '../playbook/index.ts';
import { distrust, requireTrusted, requireTrustedSource } from '../trust/index.ts';
import { bundlePlaybook } from './bundle-playbook.ts';
import { readCacheFile, shortHash, writeCacheFile } from './cache-file.ts';
import { cacheFolder } from './cache-folder.ts';
import { recordInput, stillSame, type Input } from './input-list.ts';
import type { Launch } from './launch.ts';
import { importNatively } from './native-typescript.ts';
import { upwards } from './project.ts';

/** What is remembered of a bundled playbook. */
interface Manifest {
  readonly buildId: string;
  readonly node: string;
  readonly script: string;
  readonly inputs: readonly Input[];
}

const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' && value !== null && 'script' in value && 'inputs' in value;

/**
 * Evaluates a TypeScript file and gives its default export: the module a playbook (or a typed inventory) is. Newer
 * Nodes read it themselves. For Node 20, and for what they cannot read, it is bundled into the repository's cache,
 * which costs an unchanged one a stat for each of its files.
 *
 * @param file absolute path
 */
export async function loadTypeScript(file: string, launch: Launch): Promise<unknown> {
  const exported = await importTypeScript(file, launch).catch((thrown: unknown) => {
    if (thrown instanceof PlayError && thrown.where === undefined) throw withWhere(thrown, userFrame(thrown.stack));
    if (thrown instanceof Error) throw thrown;
    // It has no stack that would tell whose it is.
    throw new PlayError(`The file threw ${String(thrown)}`, {
      where: { file },
      hint: 'Throw an Error: it knows its line.',
    });
  });
  return typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined;
}

/** @throws PlayError when the file has no playbook as its default export */
export async function loadPlaybook(file: string, launch: Launch): Promise<Playbook> {
  const playbook = await loadTypeScript(file, launch);
  if (playbook instanceof Playbook) return playbook;
  throw new PlayError('The file is not a playbook: its default export is not one', {
    where: { file },
    hint: 'End it with: export default definePlaybook({ hosts: ..., roles: [...] });',
  });
}

/** Evaluates a TypeScript file and gives all that it exports. @param file absolute path */
export async function importTypeScript(file: string, launch: Launch): Promise<unknown> {
  requireTrustedSource(file);
  const cache = cacheFolder(file);
  const manifestFile = join(cache, `${shortHash(file)}.json`);
  // With a newer Node there is a bundle only of what that Node was found not to read.
  const known = cachedScript(manifestFile, launch);
  if (known !== undefined) return await evaluate(join(cache, known), file, launch);
  // Node itself never reads a module again.
  const natively = launch.evaluatesAnew ? undefined : await importNatively(file, launch);
  if (natively) return natively.module;
  return await evaluate(join(cache, await bundleInto(cache, file, launch)), file, launch);
}

/** The script made by an earlier run, if all it was made from is as it was. */
function cachedScript(manifestFile: string, launch: Launch): string | undefined {
  const manifest = readCacheFile(manifestFile, isManifest);
  if (manifest?.buildId !== launch.buildId || manifest.node !== process.version) return undefined;
  const inputs = stillSame(manifest.inputs);
  const script = join(dirname(manifestFile), manifest.script);
  if (!inputs || !existsSync(script) || distrust(script)) return undefined;
  for (const input of inputs) requireTrustedSource(input.file);
  if (inputs !== manifest.inputs) writeCacheFile(manifestFile, JSON.stringify({ ...manifest, inputs }));
  return manifest.script;
}

/**
 * Bundles a file; gives the script's name in `folder`. The name holds the content's hash: V8's compiled code beside it
 * is never stale.
 */
async function bundleInto(folder: string, file: string, launch: Launch): Promise<string> {
  const prefix = shortHash(file);
  const { code, map, inputs, format } = await bundlePlaybook(file, {
    outfile: join(folder, `${prefix}.js`),
    packageName: launch.packageName,
  });
  for (const input of inputs) requireTrustedSource(input);
  const script = `${prefix}-${shortHash(code)}.${format === 'cjs' ? 'cjs' : 'mjs'}`;
  const manifest: Manifest = {
    buildId: launch.buildId,
    node: process.version,
    script,
    inputs: inputs.map(recordInput),
  };
  writeCacheFile(join(folder, `${script}.map`), map);
  writeCacheFile(join(folder, script), code);
  writeCacheFile(join(folder, `${prefix}.json`), JSON.stringify(manifest));
  removeOld(folder, prefix);
  return script;
}

/** A run that is under way may still read the maps of what it loaded, so the last day's are kept. */
function removeOld(folder: string, prefix: string): void {
  const dayAgo = Date.now() - 24 * 3600 * 1000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(`${prefix}-`) && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? dayAgo) < dayAgo)
      rmSync(path, { force: true });
  }
}

async function evaluate(script: string, file: string, launch: Launch): Promise<unknown> {
  if (script.endsWith('.cjs')) return launch.load(script, file, launch.evaluatesAnew);
  // What `require` finds is looked at as it is found (boot.cjs); on where `import` looks, Node 20 has no say.
  for (const folder of packageFolders(file)) requireTrusted(folder);
  const { href } = pathToFileURL(script);
  return await launch.importFile(launch.evaluatesAnew ? `${href}?${++evaluations}` : href);
}

/** An ES module is known by its whole address. */
let evaluations = 0;

/** Every folder that packages may come from. */
function packageFolders(file: string): string[] {
  const found: string[] = [];
  upwards(dirname(file), (folder) => {
    const packages = join(folder, 'node_modules');
    if (existsSync(packages)) found.push(packages);
    return false;
  });
  return found;
}
