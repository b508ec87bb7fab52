// Writes dist/types/: declarations of the public entries, for the package (`prepack`). A clone has none: there
// tsconfig.json and the check before a run read src/ itself.
//
// Only what the entries lead to is kept: of some six hundred files a playbook sees a third.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entries = [
  'index.d.ts',
  'runner/index.d.ts',
  'testing/index.d.ts',
  ...readdirSync(join(root, 'src/roles')).map((name) => `roles/${name}/index.d.ts`),
];
const target = join(root, 'dist', 'types');
const emitted = mkdtempSync(join(tmpdir(), 'play-types-'));
try {
  emit();
  rmSync(target, { recursive: true, force: true });
  const kept = new Set();
  for (const entry of entries) keep(entry, kept);
  process.stdout.write(`dist/types: ${kept.size} declarations\n`);
} finally {
  rmSync(emitted, { recursive: true, force: true });
}

function emit() {
  const settings = join(emitted, 'tsconfig.json');
  writeFileSync(
    settings,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: join(root, 'src'),
        outDir: emitted,
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      files: entries.map((entry) => join(root, 'src', entry.replace(/\.d\.ts$/, '.ts'))),
      // Declarations of packages that have none.
      include: [join(root, 'src/**/*.d.ts')],
    }),
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', settings],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`The declarations cannot be written:\n${stdout}`);
}

/** A declaration, with `play` and `play/roles/NAME` by their place: the package may go by another name. */
function fromWithin(file) {
  const place = (path) => {
    const to = relative(dirname(file), join(path, 'index.ts'));
    return to.startsWith('.') ? to : `./${to}`;
  };
  return readFileSync(join(emitted, file), 'utf8').replaceAll(
    /((?:\bfrom|\bimport)\s*\(?\s*)(['"])play(?:\/(roles\/\w+))?\2/g,
    (_, before, quote, role = '') => `${before}${quote}${place(role)}${quote}`,
  );
}

/**
 * Copies a declaration and all it leads to. `./x.ts` becomes `./x.js`: an import of a `.ts` file is an error where
 * `allowImportingTsExtensions` is not set, and whose settings read these is not ours to say.
 */
function keep(file, kept) {
  if (kept.has(file)) return;
  kept.add(file);
  const text = fromWithin(file).replaceAll(
    /((?:\bfrom|\bimport)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g,
    (_, before, quote, path) => {
      keep(normalize(join(dirname(file), `${path}.d.ts`)), kept);
      return `${before}${quote}${path}.js${quote}`;
    },
  );
  const written = join(target, file);
  mkdirSync(dirname(written), { recursive: true });
  writeFileSync(written, text);
}
