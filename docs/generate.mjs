// Writes the reference pages from the source: schemas for what they take, docstrings for what they mean. `--check` only
// compares, for CI. Fails where something of the public API has no meaning.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { apiPages } from './reference/api-pages.mjs';
import { resourcePages } from './reference/resource-pages.mjs';
import { configPage, templatePage } from './reference/setting-pages.mjs';
import { Source } from './reference/source.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const docs = join(root, 'docs');

/** The modules whose values the pages need, as they run. */
async function load(file) {
  const bundle = join(root, 'node_modules/.cache/play/reference', file.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(root, file)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return await import(pathToFileURL(bundle).href);
}

const resources = new Map(
  Object.entries(await load('src/resources/index.ts')).flatMap(([name, one]) =>
    typeof one === 'function' && 'resource' in one ? [[name, one.resource]] : [],
  ),
);
const source = new Source();
const problems = [];
const exports = source.exportsOf('src/index.ts');
const symbols = new Map([
  ...exports,
  ...source.exportsOf('src/runner/index.ts'),
  ...source.exportsOf('src/testing/index.ts'),
]);
const results = [...resources.keys()].flatMap((name) => source.namesIn(source.resultOf(exports.get(name))));
const pages = new Map([
  ...resourcePages(resources, exports, source, problems),
  ...apiPages(symbols, new Set([...resources.keys(), ...results]), source, problems),
  ['config.md', configPage((await load('src/project/config.ts')).settings, exports, source, problems)],
  [
    'templates.md',
    templatePage(
      { ...(await load('src/template/builtin-helpers.ts')), ...(await load('src/template/blocks.ts')) },
      source,
      problems,
    ),
  ],
]);
source.close();

const stale = [...pages]
  .filter(([name, text]) => !existsSync(join(docs, name)) || readFileSync(join(docs, name), 'utf8') !== text)
  .map(([name]) => name);
const left = readdirSync(join(docs, 'resources'))
  .map((name) => `resources/${name}`)
  .filter((name) => !pages.has(name));

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else if (!process.argv.includes('--check')) {
  mkdirSync(join(docs, 'resources'), { recursive: true });
  for (const name of left) rmSync(join(docs, name));
  for (const [name, text] of pages) writeFileSync(join(docs, name), text);
  console.log(`${pages.size} pages of reference in docs/, ${stale.length} of them new or changed`);
} else if (stale.length + left.length > 0) {
  console.error(
    `docs/ is not as the source says (${[...stale, ...left].join(', ')}): run \`npm run docs\` and commit.`,
  );
  process.exitCode = 1;
}
