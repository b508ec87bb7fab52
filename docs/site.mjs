// `npm run site`: docs/ as pages in dist/site, with a search that works from the disk, without a network.
// Markdown is read by marked, the search is MiniSearch's; neither is a part of play.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import MiniSearch from 'minisearch';
import { anchors, plainText } from './site/anchors.mjs';
import { sections } from './site/sections.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The pages: README is the first. */
export function documents() {
  const found = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...found.sort()];
}

/** Where a document's page is, from the site's folder. @example pageOf('docs/roles/README.md') // 'roles/index.html' */
export function pageOf(document) {
  const path = document === 'README.md' ? 'index.md' : document.replace(/^docs\//, '');
  return path.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');
}

/** @param folder where the site is made; what was there goes */
export function buildSite(folder) {
  const known = new Set(documents());
  const pages = documents().map((document) => readPage(document, known));
  const titles = new Map(pages.map(({ document, title }) => [document, title]));
  rmSync(folder, { recursive: true, force: true });
  for (const page of pages) {
    const file = join(folder, page.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, html(page, titles));
  }
  cpSync(join(root, 'docs/site/assets'), folder, { recursive: true });
  // As scripts: a page that is opened from the disk may not read files.
  const library = join(root, 'node_modules/minisearch/dist/umd/index.js');
  cpSync(library, join(folder, 'minisearch.js'));
  writeFileSync(join(folder, 'search-index.js'), `window.searchIndex = ${JSON.stringify(searchIndex(pages))};\n`);
  for (const name of readdirSync(join(root, 'docs')).filter((one) => one.endsWith('.json') || one.endsWith('.svg')))
    cpSync(join(root, 'docs', name), join(folder, name));
  return pages.length;
}

function readPage(document, known) {
  const text = readFileSync(join(root, document), 'utf8');
  const path = pageOf(document);
  const ids = anchors();
  const headings = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: source }) {
        const id = ids(source);
        headings.push({ id, depth, text: plainText(source) });
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${escape(target(href, document, path, known))}">${this.parser.parseInline(tokens)}</a>`;
      },
    },
  });
  const body = marked.parse(text);
  const [first] = headings;
  return { document, path, text, body, headings, title: first?.text ?? document };
}

/** A link between documents as one between pages; what is no page stays a file of the repository. */
function target(href, document, path, known) {
  const [, file = '', anchor = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  if (file === '' || /^[a-z]+:/.test(file)) return href;
  const meant = normalize(join(dirname(document), file));
  const page = known.has(meant) ? meant : known.has(join(meant, 'README.md')) ? join(meant, 'README.md') : undefined;
  return page === undefined ? href : `${relative(dirname(path), pageOf(page)) || pageOf(page)}${anchor}`;
}

/** A part for each heading: who searches wants to land there. */
function searchIndex(pages) {
  const index = new MiniSearch({ fields: ['heading', 'page', 'text'], storeFields: ['heading', 'page', 'url'] });
  index.addAll(
    pages.flatMap(({ path, text, title, headings }) => {
      const parts = text.replaceAll(/^```.*$/gm, '').split(/^#+ .*$/m);
      return headings.map(({ id, text: heading }, at) => ({
        id: `${path}#${id}`,
        url: `${path}#${id}`,
        page: title,
        heading,
        text: parts[at + 1] ?? '',
      }));
    }),
  );
  return index.toJSON();
}

function html({ document, path, title, body }, titles) {
  const up = relative(dirname(path), '.') === '' ? '' : `${relative(dirname(path), '.')}/`;
  const nav = sections
    .map(({ name, pages, isOpen }) => {
      const items = pages
        .filter((page) => titles.has(page))
        .map((page) => {
          const current = page === document ? ' aria-current="page"' : '';
          return `<li><a href="${up}${pageOf(page)}"${current}>${escape(titles.get(page))}</a></li>`;
        });
      const open = isOpen || pages.includes(document) ? ' open' : '';
      return `<details${open}><summary>${name}</summary><ul>${items.join('')}</ul></details>`;
    })
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · play</title>
<link rel="stylesheet" href="${up}site.css">
</head>
<body data-up="${up}">
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Documents">
<a class="home" href="${up}index.html">play</a>
<input type="search" placeholder="Search" aria-label="Search" autocomplete="off">
<ol id="found" hidden></ol>
${nav}
</nav>
<main id="content">
${body}</main>
<script src="${up}minisearch.js" defer></script>
<script src="${up}search-index.js" defer></script>
<script src="${up}search.js" defer></script>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, 'dist/site');
  const count = buildSite(folder);
  if (!existsSync(join(folder, 'index.html'))) throw new Error('the site has no first page');
  process.stdout.write(`${count} pages in dist/site: open dist/site/index.html\n`);
}
