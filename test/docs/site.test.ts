import { spawnSync } from 'node:child_process';
/** The site: a page for each document, each in its place, and no link that leads nowhere. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { documents, root } from './documents.ts';

const site = join(root, 'dist/site');
const built = spawnSync(process.execPath, [join(root, 'docs/site.mjs')], { encoding: 'utf8' });
const pages = (): string[] =>
  readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));

test('is built', () => {
  expect(built.stderr).toBe('');
  expect(pages().length).toBeGreaterThanOrEqual(documents.length);
});

test('every document is in the navigation, once', async () => {
  const { sections } = (await import(join(root, 'docs/site/sections.mjs'))) as {
    readonly sections: readonly { readonly pages: readonly string[] }[];
  };
  const listed = sections.flatMap((section) => section.pages);
  expect(listed.filter((page, at) => listed.indexOf(page) !== at)).toEqual([]);
  expect(documents.filter((document) => !listed.includes(document))).toEqual([]);
  expect(listed.filter((page) => !existsSync(join(root, page)))).toEqual([]);
});

test('every link between pages leads to a page and a heading that are there', () => {
  const ids = new Map(
    pages().map((page) => [
      page,
      new Set([...readFileSync(join(site, page), 'utf8').matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)),
    ]),
  );
  const dead = pages().flatMap((page) =>
    [...readFileSync(join(site, page), 'utf8').matchAll(/<a [^>]*href="([^"#:]*\.html)?(?:#([^"]*))?"/g)].flatMap(
      ([, path, anchor]) => {
        const target = path === undefined ? page : normalize(join(dirname(page), path));
        const known = ids.get(target);
        return known !== undefined && (anchor === undefined || known.has(decodeURIComponent(anchor)))
          ? []
          : [`${page}: ${path ?? ''}#${anchor ?? ''}`];
      },
    ),
  );
  expect(dead).toEqual([]);
});

test('the search finds what is asked for, from its file alone', () => {
  const MiniSearch = createRequire(import.meta.url)('minisearch') as typeof import('minisearch').default;
  const script = readFileSync(join(site, 'search-index.js'), 'utf8');
  const index = MiniSearch.loadJSON<{ readonly url: string }>(
    script.slice(script.indexOf('{'), script.lastIndexOf('}') + 1),
    {
      fields: ['heading', 'page', 'text'],
      storeFields: ['heading', 'page', 'url'],
    },
  );
  const [first] = index.search('throwaway hosts', { prefix: true, combineWith: 'AND', boost: { heading: 4 } });
  expect(first?.['url']).toBe('commands.html#throwaway-hosts');
});
