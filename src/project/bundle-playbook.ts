import { readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, Message, Plugin } from 'esbuild';
import { PlayError } from '../errors/index.ts';
import { refuseCircles } from './import-circle.ts';

export interface PlaybookBundle {
  readonly code: string;
  readonly map: string;
  /** Every local file it was made from. */
  readonly inputs: readonly string[];
  /** `esm` when the playbook awaits at the top level, which CommonJS cannot. */
  readonly format: 'cjs' | 'esm';
}

/**
 * Makes one script of a playbook and all local files it imports. `play`, `node:` modules and packages stay imports.
 *
 * @param target `outfile`: where it will be written, as the source map's paths are relative to it; `packageName`: what it
 *   imports play by
 */
export async function bundlePlaybook(
  entry: string,
  { outfile, packageName }: { readonly outfile: string; readonly packageName: string },
): Promise<PlaybookBundle> {
  // Loaded here and not at the top: an unchanged playbook never needs it.
  const esbuild = await import('esbuild');
  const build = async (format: 'cjs' | 'esm'): Promise<PlaybookBundle> => {
    const result = await esbuild.build({
      entryPoints: [entry],
      outfile,
      write: false,
      bundle: true,
      platform: 'node',
      target: `node${process.versions.node}`,
      format,
      packages: 'external',
      sourcemap: 'external',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
      // Else the nearest tsconfig.json of any folder above would say how imports are read.
      tsconfigRaw: '{}',
      // CommonJS has these names, for the bundle; and a playbook in TypeScript is strict, as any module.
      define: { 'import.meta': metaName, '__dirname': `${metaName}.dirname`, '__filename': `${metaName}.filename` },
      ...(format === 'cjs' ? { banner: { js: '"use strict";' } } : {}),
      plugins: [...(format === 'esm' ? [apiFromProcess(packageName)] : []), keepImportMeta],
    });
    refuseCircles(result.metafile);
    const text = (end: string): string => result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
    const inputs = Object.keys(result.metafile.inputs).filter((input) => !input.startsWith('play-api:'));
    return { code: text('js'), map: text('.map'), inputs: inputs.map((input) => resolve(input)), format };
  };
  building++;
  try {
    try {
      return await build('cjs');
    } catch (thrown) {
      if (messagesOf(thrown).some(({ text }) => text.startsWith('Top-level await'))) return await build('esm');
      throw thrown;
    }
  } catch (thrown) {
    throw bundleError(thrown, entry);
  } finally {
    building--;
    // Its process would take the signal of a Ctrl-\ that is for us, and fill the screen with a dump of itself.
    if (building === 0) await esbuild.stop();
  }
}

/** How many are made at the moment: all of them share one process. */
let building = 0;

const metaName = '__play_import_meta';

/**
 * Bundling moves code, so `import.meta` would tell of the bundle. Each file gets its own under a name that `define`
 * puts in its place; it is added to the first line, so that no line number shifts.
 */
const keepImportMeta: Plugin = {
  name: 'keep import.meta',
  setup(builder) {
    builder.onLoad({ filter: /\.[cm]?[jt]s$/, namespace: 'file' }, ({ path }) => {
      // A `#!` line becomes a comment, so that something may stand before it.
      const source = readFileSync(path, 'utf8').replace(/^#!/, '//');
      const meta = { dirname: dirname(path), filename: path, url: pathToFileURL(path).href };
      const loader: Loader = extname(path).endsWith('ts') ? 'ts' : 'js';
      const contents = /import\.meta|__(?:dir|file)name/.test(source)
        ? `const ${metaName} = ${JSON.stringify(meta)};${source}`
        : source;
      return { contents, loader };
    });
  },
};

/** A module that awaits at the top level cannot be handed a `require`: it finds the API where the boot file put it. */
const apiFromProcess = (packageName: string): Plugin => ({
  name: 'play from this process',
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path === packageName || path.startsWith(`${packageName}/roles/`) ? { path, namespace: 'play-api' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'play-api' }, ({ path }) => {
      const role = path.slice(`${packageName}/roles/`.length);
      const key = role === '' ? 'play.api' : 'play.roles';
      return {
        contents: `module.exports = globalThis[Symbol.for('${key}')]${role === '' ? '' : `()[${JSON.stringify(role)}]`};`,
        loader: 'js',
      };
    });
  },
});

function messagesOf(thrown: unknown): readonly Message[] {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors)
    ? (thrown.errors as Message[])
    : [];
}

function bundleError(thrown: unknown, entry: string): unknown {
  const [first, ...others] = messagesOf(thrown);
  if (!first) return thrown;
  const place = first.location;
  const where = place ? { file: resolve(place.file), line: place.line, column: place.column + 1 } : { file: entry };
  const more = others.length > 0 ? ` (and ${others.length} more like it)` : '';
  return new PlayError(`The playbook cannot be read: ${first.text}${more}`, {
    where,
    ...(first.notes[0] ? { hint: first.notes[0].text } : {}),
    cause: thrown,
  });
}
