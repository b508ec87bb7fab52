import { existsSync, readdirSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { distrust, requireTrustedSource } from '../trust/index.ts';
import { bundlePlaybook } from './bundle-playbook.ts';
import { cacheFolder, scratchFolder } from './cache-folder.ts';
import type { Launch } from './launch.ts';
import { roleFile } from './library-roles.ts';

/** What Node has from 22.18 on and 20 has not, as far as it is used here: https://nodejs.org/api/module.html. */
interface NewerModule {
  registerHooks?(hooks: {
    resolve: Hook<string, { url: string; format?: string; shortCircuit?: boolean }>;
    load: Hook<string, { format: string; source?: string; shortCircuit?: boolean }>;
  }): void;
  enableCompileCache?(folder: string): unknown;
}
type Hook<T, R> = (what: T, context: object, next: (what: T, context: object) => R) => R;

/**
 * Imports a TypeScript file by Node's own support, where this Node has it: it takes the types away and keeps every line
 * and column. Its compile cache, in the repository's own cache, makes that as fast as a bundle.
 *
 * @returns the module, or undefined when Node has no such support, or cannot read this file: `enum`, an import without
 * its extension, `__dirname`. What is wrong then is told by the bundler, which reads more and says it better.
 * @throws what the file itself throws: it has run, and must not run again
 */
export async function importNatively(file: string, launch: Launch): Promise<{ readonly module: unknown } | undefined> {
  const node = Module as unknown as NewerModule;
  if (
    !('typescript' in process.features) ||
    process.features.typescript === false ||
    !node.registerHooks ||
    !node.enableCompileCache
  )
    return undefined;
  prepare(node, file, launch);
  try {
    return { module: await launch.importFile(pathToFileURL(file).href) };
  } catch (thrown) {
    if (isOfNode(thrown)) return undefined;
    // What is undefined for a circle of imports fails in any way: the bundler finds the circle.
    await bundlePlaybook(file, { outfile: file, packageName: launch.packageName });
    throw thrown;
  }
}

/** Whether Node threw, as it could not read or find a file, and not the code that it had read. */
function isOfNode(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  // A bundle is CommonJS, which has them: `__dirname is not defined in ES module scope`.
  if (thrown instanceof ReferenceError) return thrown.message.includes(' in ES module scope');
  const isOfLoading = thrown instanceof SyntaxError || ('code' in thrown && String(thrown.code).startsWith('ERR_'));
  // A playbook has such errors too: JSON.parse, path.join. Those of loading begin in the loader.
  const [, frame = ''] = /^\s+at (.*)/m.exec(thrown.stack ?? '') ?? [];
  return isOfLoading && frame.includes('(node:internal/modules/');
}

let isPrepared = false;

function prepare(
  { registerHooks, enableCompileCache }: NewerModule,
  file: string,
  { apiFile, packageName }: Launch,
): void {
  if (isPrepared) return;
  isPrepared = true;
  enableCompileCache?.(compiledFolder(file));
  const api = pathToFileURL(apiFile).href;
  registerHooks?.({
    resolve(name, context, next) {
      if (name === packageName) return { url: `${api}?api`, format: 'module', shortCircuit: true };
      if (name.startsWith(`${packageName}/roles/`))
        return {
          url: pathToFileURL(roleFile(name, join(dirname(apiFile), 'roles'))).href,
          format: 'commonjs',
          shortCircuit: true,
        };
      const found = next(name, context);
      // Else Node guesses from the nearest package.json, and warns where there is none.
      return found.url.endsWith('.ts') ? { ...found, format: 'module-typescript' } : found;
    },
    load(url, context, next) {
      if (url !== `${api}?api`) {
        if (url.startsWith('file:')) requireTrustedSource(fileURLToPath(url));
        return next(url, context);
      }
      return { format: 'module', source: apiSource(), shortCircuit: true };
    },
  });
}

/** Node believes what it finds there: unless all of it is ours, this run has a folder of its own. */
function compiledFolder(file: string): string {
  const folder = join(cacheFolder(file), 'compiled');
  const kept = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return ['', ...kept].every((name) => !distrust(join(folder, name))) ? folder : join(scratchFolder(), 'compiled');
}

/** The API of this process, not a second one, by name: Node cannot tell the names of what a bundle exports. */
function apiSource(): string {
  const key = "Symbol.for('play.api')";
  return `const api = globalThis[${key}];\n${apiNames()
    .map((name) => `export const ${name} = api.${name};`)
    .join('\n')}\n`;
}

/** All names that `import { } from 'play'` knows. */
export function apiNames(): string[] {
  return Object.keys((globalThis as Record<symbol, object>)[Symbol.for('play.api')] ?? {});
}
