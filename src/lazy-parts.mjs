// Parts of src/ that few commands need: each is a file of its own beside the bundle, read when one of its functions is
// first called. A part is a folder; others import functions of its entry, and nothing else of it. What it imports from
// outside its folder it has from the bundle, so that there is one of each class; packages it brings along.
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * @param root the repository
 * @param entries the parts' entries, from there
 * @param common options of every build
 */
export async function lazyParts(root, entries, common) {
  const parts = entries.map((entry) => {
    const file = join(root, entry);
    return {
      file,
      folder: dirname(file),
      name: `part-${relative(join(root, 'src'), dirname(file)).replaceAll('/', '-')}`,
    };
  });
  const partOf = (file) => parts.find(({ folder }) => file.startsWith(`${folder}/`));

  /** What the part takes from outside, and gives. */
  async function survey({ file, folder }) {
    const { outputFiles, metafile } = await build({
      ...common,
      entryPoints: [file],
      format: 'esm',
      write: false,
      metafile: true,
      minifyWhitespace: false,
      minifySyntax: false,
      plugins: [outside(folder)],
    });
    const wanted = new Map();
    for (const [, clause, path] of outputFiles[0].text.matchAll(/^import (?:([^"]+) from )?"(\/[^"]+)";$/gm)) {
      const names = /^\{([^]*)\}$/.exec(clause ?? '')?.[1];
      if (names === undefined)
        throw new Error(`${relative(root, file)}: import names of ${path}, not ${clause ?? 'nothing'}`);
      const known = wanted.get(path) ?? new Set();
      for (const name of names.split(',')) known.add(name.trim().split(' as ')[0]);
      wanted.set(path, known);
    }
    // Only functions can wait for their first call.
    const { exports } = Object.values(metafile.outputs)[0];
    for (const name of exports)
      if (!new RegExp(`^(?:async )?function\\*? ${name}\\(`, 'm').test(outputFiles[0].text))
        throw new Error(`${relative(root, file)} gives ${name}, which is no function`);
    return { exports, wanted };
  }

  const surveys = new Map();
  for (const part of parts) surveys.set(part, await survey(part));

  /** In the bundle: an import of a part's entry is this. */
  const stubs = {
    name: 'lazy parts',
    setup(builder) {
      builder.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, namespace, resolveDir }) => {
        const file = resolve(resolveDir, path);
        const part = partOf(file);
        if (part === undefined || namespace === 'lazy-part' || importer.startsWith(`${part.folder}/`)) return undefined;
        if (file !== part.file)
          return { errors: [{ text: `${relative(root, file)} is in a part that is loaded by its entry alone` }] };
        return { path: file, namespace: 'lazy-part' };
      });
      builder.onResolve({ filter: /^lazy-part:/ }, ({ path }) => ({
        path: `./${path.slice('lazy-part:'.length)}.cjs`,
        external: true,
      }));
      builder.onLoad({ filter: /.*/, namespace: 'lazy-part' }, ({ path }) => {
        const part = parts.find(({ file }) => file === path);
        const { exports, wanted } = surveys.get(part);
        let count = 0;
        const imports = [];
        const given = [];
        for (const [from, names] of wanted) {
          const pairs = [...names].map((name) => [name, `g${count++}`]);
          imports.push(
            `import { ${pairs.map(([name, as]) => `${name} as ${as}`).join(', ')} } from ${JSON.stringify(from)};`,
          );
          given.push(`${JSON.stringify(from)}: { ${pairs.map(([name, as]) => `${name}: ${as}`).join(', ')} }`);
        }
        return {
          contents: [
            ...imports,
            `let real; const load = () => (real ??= require('lazy-part:${part.name}')({ ${given.join(', ')} }));`,
            ...exports.map((name) => `export const ${name} = (...args) => load().${name}(...args);`),
          ].join('\n'),
          loader: 'js',
          resolveDir: part.folder,
        };
      });
    },
  };

  /** @param folder where the parts are written */
  async function write(folder, lazy) {
    for (const part of parts) {
      const outfile = join(folder, `${part.name}.cjs`);
      await build({
        ...common,
        entryPoints: [part.file],
        outfile,
        sourcemap: 'external',
        banner: { js: 'module.exports=(given)=>{const module={exports:{}};((require)=>{' },
        footer: { js: '})((path)=>given[path]??require(path));return module.exports};' },
        plugins: [lazy, outside(part.folder)],
      });
    }
  }

  return { stubs, write };
}

/** Leaves what lies outside the folder to whoever loads the part. */
function outside(folder) {
  return {
    name: 'outside of the part',
    setup(builder) {
      builder.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        return file.startsWith(`${folder}/`) || file.includes('/node_modules/')
          ? undefined
          : { path: file, external: true };
      });
    },
  };
}
