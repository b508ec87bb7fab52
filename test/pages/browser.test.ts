/** The page in a real browser: what is seen, filtered, opened and heard, at a desk and on a phone, with and without its script. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportText } from '../../src/pages/report.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Browser, noBrowser } from './browser.ts';
import { richRun } from './models.ts';

skipTests(noBrowser);

let browser: Browser | undefined;
let url = '';
const shown = (): Browser => {
  if (browser === undefined) throw new Error('there is no browser');
  return browser;
};

beforeAll(() => {
  if (noBrowser !== undefined) return;
  const file = join(temporaryFolder('page'), 'report.html');
  writeFileSync(file, reportText('html', richRun()));
  url = pathToFileURL(file).href;
  browser = new Browser(temporaryFolder('browser'));
});
afterAll(() => browser?.close());

const visible = (query: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(query)})].filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())`;

test('asks the network for nothing, and its policy has nothing to refuse', async () => {
  const page = shown();
  await page.open(url, { width: 1280 });
  expect(page.requests).toEqual([url]);
  expect(page.complaints).toEqual([]);
  expect(await page.read('document.querySelectorAll("img, iframe, link, object").length')).toBe(0);
  // What a host may have smuggled in could not run.
  await page.read('document.body.insertAdjacentHTML("beforeend", "<img src=data:, onerror=window.pwned=1>")');
  expect(await page.read('window.pwned ?? null')).toBeNull();
});

test.each([
  ['at a desk', 1280],
  ['on a phone', 360],
])('%s nothing but tables is wider than the window', async (_, width) => {
  for (const scheme of ['light', 'dark'] as const) {
    await shown().open(url, { width, scheme });
    await shown().read('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
    expect(await shown().read('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    // Text is told from its ground.
    const [ink, ground] = await shown().read<[string, string]>(
      '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
    );
    expect(contrast(ink, ground)).toBeGreaterThan(7);
  }
});

test('filters by host, task, tag and what came of it', async () => {
  const page = shown();
  await page.open(url, { width: 1280 });
  const set = (name: string, value: string): Promise<unknown> =>
    page.read(
      `{ const field = document.querySelector('.filters [name=${name}]'); field.value = ${JSON.stringify(value)}; field.dispatchEvent(new Event('input', { bubbles: true })); }`,
    );
  const rows = '.grid tbody tr:not(.play) th';
  const heads = '.grid thead th:nth-child(n+2)';
  expect(await page.read(visible(rows))).toHaveLength(7);
  await set('task', 'CONFIG');
  expect(await page.read(visible(rows))).toEqual(['nginx : write config']);
  await set('task', '');
  await set('tag', 'packages');
  expect(await page.read(visible(rows))).toEqual(['nginx : install']);
  await set('tag', '');
  await page.read('document.querySelector(".filters [value=\\"would fail\\"]").click()');
  expect(await page.read(visible(rows))).toEqual(['nginx : check']);
  expect(await page.read(visible(heads))).toEqual(['web1']);
  expect(await page.read(visible('.told .what'))).toEqual(['nginx : check']);
  await page.read('document.querySelector(".filters button").click()');
  await expect.poll(() => page.read(visible(rows))).toHaveLength(7);
  await set('host', 'web2');
  expect(await page.read(visible(heads))).toEqual(['web2']);
  expect(await page.read('document.querySelector("output").textContent')).toMatch(/of 7 tasks, 1 of 4 hosts/);
});

test('by the keyboard: from cell to cell, into what is said of it, and back', async () => {
  const page = shown();
  await page.open(url, { width: 1280 });
  await page.read('document.querySelector(".grid a.c").focus()');
  await page.press('ArrowRight');
  await page.press('Enter');
  expect(await page.read('document.querySelector("dialog h2").textContent')).toBe(
    'would change: nginx : write config on web2',
  );
  expect(await page.read('document.querySelector("dialog").textContent')).toContain('workers 8');
  await page.press('Escape');
  expect(await page.read('document.querySelector("dialog").open')).toBe(false);
  expect(await page.read('document.activeElement.className')).toBe('c');
});

test('a screen reader has a table with its headers, words for marks, and what was removed and added', async () => {
  const page = shown();
  await page.open(url, { width: 1280 });
  await page.read('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
  const heard = await page.heard();
  const has = (role: string, name: string): boolean =>
    heard.some((one) => one.role === role && one.name.includes(name));
  for (const [role, name] of [
    ['columnheader', 'web1'],
    ['rowheader', 'nginx : write config'],
    ['link', 'would change'],
    ['heading', 'Failures'],
    ['region', 'Tasks by host'],
    ['search', 'Filter'],
    ['deletion', ''],
    ['insertion', ''],
  ] as const)
    expect([role, name, has(role, name)]).toEqual([role, name, true]);
  expect(heard.filter(({ name }) => name.includes('●'))).toEqual([]);
});

test('without its script all of it can be read', async () => {
  const page = shown();
  await page.open(url, { width: 360, script: false });
  expect(await page.read(visible('.filters'))).toEqual([]);
  expect(await page.read(visible('.grid tbody tr:not(.play) th'))).toHaveLength(7);
  const id = await page.read<string>('document.querySelector(".grid a.c").hash');
  // The same page with another hash is not loaded anew.
  await page.open('about:blank', { width: 360 });
  await page.open(`${url}${id}`, { width: 360, script: false });
  expect(await page.read(`document.querySelector(${JSON.stringify(id)}).checkVisibility()`)).toBe(true);
});

/** WCAG 2.1, 1.4.3 */
function contrast(a: string, b: string): number {
  const [dark, light] = [a, b].map(luminance).toSorted((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.039_28 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
}
