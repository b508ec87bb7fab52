// Modules of src/ as they run, for the pages that need their values.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param file below the root, `.ts` */
export async function load(file) {
  const bundle = join(root, 'node_modules/.cache/play/reference', file.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(root, file)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
    plugins: [fromHere],
  });
  return await import(pathToFileURL(bundle).href);
}

/** Roles import play by its name, and find their files by `import.meta`. */
const fromHere = {
  name: 'play from here',
  setup(builder) {
    builder.onResolve({ filter: /^play(?:\/roles\/\w+)?$/ }, ({ path }) => ({
      path: join(root, 'src', path.slice('play'.length), 'index.ts'),
    }));
    builder.onLoad({ filter: /\/src\/roles\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        '(import.meta,',
        `({ dirname: ${JSON.stringify(dirname(path))} },`,
      ),
      loader: 'ts',
    }));
  },
};
