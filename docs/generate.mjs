// Writes the reference pages from the source: schemas for what they take, docstrings for what they mean. `--check` only
// compares, for CI. Fails where something of the public API has no meaning.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { apiPages } from './reference/api-pages.mjs';
import { load } from './reference/load.mjs';
import { manPage } from './reference/man-page.mjs';
import { resourcePages } from './reference/resource-pages.mjs';
import { rolePages } from './reference/role-pages.mjs';
import { configPage, templatePage } from './reference/setting-pages.mjs';
import { Source } from './reference/source.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const docs = join(root, 'docs');

const resources = new Map(
  Object.entries(await load('src/resources/index.ts')).flatMap(([name, one]) =>
    typeof one === 'function' && 'resource' in one ? [[name, one.resource]] : [],
  ),
);
const roles = new Map();
for (const name of readdirSync(join(root, 'src/roles'))) roles.set(name, await load(`src/roles/${name}/index.ts`));
const source = new Source();
const problems = [];
const exports = source.exportsOf('src/index.ts');
const symbols = new Map([
  ...exports,
  ...source.exportsOf('src/runner/index.ts'),
  ...source.exportsOf('src/testing/index.ts'),
]);
const results = [...resources.keys()].flatMap((name) => source.namesIn(source.resultOf(exports.get(name))));
const { commandTexts, describeAll } = await load('src/cli/described.ts');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { planSchema } = await load('src/plans/schema.ts');
const pages = new Map([
  ['play.1', manPage(await describeAll(), commandTexts(), version)],
  ['plan.schema.json', `${JSON.stringify(toJsonSchema(planSchema), undefined, 2)}\n`],
  ...resourcePages(resources, exports, source, problems),
  ...rolePages(roles, source, problems),
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
const left = ['resources', 'roles']
  .flatMap((folder) =>
    existsSync(join(docs, folder)) ? readdirSync(join(docs, folder)).map((name) => `${folder}/${name}`) : [],
  )
  .filter((name) => !pages.has(name));

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else if (!process.argv.includes('--check')) {
  for (const folder of ['resources', 'roles']) mkdirSync(join(docs, folder), { recursive: true });
  for (const name of left) rmSync(join(docs, name));
  for (const [name, text] of pages) writeFileSync(join(docs, name), text);
  console.log(`${pages.size} pages of reference in docs/, ${stale.length} of them new or changed`);
} else if (stale.length + left.length > 0) {
  console.error(
    `docs/ is not as the source says (${[...stale, ...left].join(', ')}): run \`npm run docs\` and commit.`,
  );
  process.exitCode = 1;
}
