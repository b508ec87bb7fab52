/** What is fetched goes below its folder, whatever the path, the host or the links are called. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import { loadInventory } from '../../src/inventory/index.ts';
import { hostFileName, OpenPlace, pathOf, placeOfHostPath } from '../../src/resources/files/fetch-place.ts';
import { fetch } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const places: readonly (readonly [path: string, at: string])[] = [
  ['/etc/x', '/d/web1/etc/x'],
  ['/../../etc/x', '/d/web1/etc/x'],
  ['/a/../../../x', '/d/web1/x'],
  ['/./a//b', '/d/web1/a/b'],
  ['/a/..b/...', '/d/web1/a/..b/...'],
];

test.each(places)('%s is kept as %s', (path, at) => {
  expect(pathOf(placeOfHostPath('/d', 'web1', path))).toBe(at);
});

test.each(['../../x', '..', '.', '', 'a/b', '/etc', 'a\0b'])(
  'a host called %j has no folder, and is in no inventory',
  (name) => {
    expect(() => hostFileName(name)).toThrow(PlayError);
    expect(() => loadInventory({ sources: [{ file: 'hosts.ts', groups: { web: { hosts: [name] } } }] })).toThrow(
      /cannot be the name of a host|empty name/,
    );
  },
);

const way = '/etc/passwd';
/** What lies below the folder beforehand, or is done to it; where the content ends up, or why it does not. */
const cases: readonly (readonly [string, (into: string, elsewhere: string) => void, 'kept' | RegExp])[] = [
  ['nothing', () => undefined, 'kept'],
  ['folders of its own', (into) => mkdirSync(join(into, 'web1/etc'), { recursive: true }), 'kept'],
  [
    "the host's folder is a link",
    (into, elsewhere) => symlinkSync(elsewhere, join(into, 'web1')),
    /web1 is a link: what is fetched goes below/,
  ],
  [
    'a folder below is a link',
    (into, elsewhere) => {
      mkdirSync(join(into, 'web1'));
      symlinkSync(elsewhere, join(into, 'web1/etc'));
    },
    /web1\/etc is a link/,
  ],
  ['a link that leads nowhere', (into) => symlinkSync('/nowhere', join(into, 'web1')), /web1 is a link/],
  ['a file where a folder belongs', (into) => writeFileSync(join(into, 'web1'), ''), /web1 is not a directory/],
  [
    'the file is a directory',
    (into) => mkdirSync(join(into, 'web1/etc/passwd'), { recursive: true }),
    /passwd is a directory/,
  ],
  [
    'the file is a link',
    (into, elsewhere) => {
      mkdirSync(join(into, 'web1/etc'), { recursive: true });
      symlinkSync(join(elsewhere, 'target'), join(into, 'web1/etc/passwd'));
    },
    'kept',
  ],
];

test.each(cases)('fetch: %s', async (_, before, outcome) => {
  const into = temporaryFolder('into');
  const elsewhere = temporaryFolder('elsewhere');
  writeFileSync(join(elsewhere, 'target'), 'theirs');
  before(into, elsewhere);
  for (const check of [true, false]) {
    const { tasks } = await runPlay(
      { hosts: 'all', tasks: () => [fetch({ src: `/..${way}`, dest: into })] },
      { check },
    );
    const [told] = tasks;
    if (outcome === 'kept') expect(told?.status).toBe('changed');
    else expect(told?.error?.what).toMatch(outcome);
  }
  expect(readFileSync(join(elsewhere, 'target'), 'utf8')).toBe('theirs');
  expect(readdirSync(elsewhere)).toEqual(['target']);
  if (outcome !== 'kept') return;
  expect(readFileSync(join(into, 'web1/etc/passwd'), 'utf8')).toBe(readFileSync(way, 'utf8'));
  expect(lstatSync(join(into, 'web1/etc/passwd')).isFile()).toBe(true);
  expect(readdirSync(join(into, 'web1/etc'))).toEqual(['passwd']);
  const { tasks } = await runPlay({ hosts: 'all', tasks: () => [fetch({ src: way, dest: into })] });
  expect(tasks[0]?.status).toBe('ok');
});

test('a folder that becomes a link while the file comes leads nowhere', () => {
  for (let round = 0; round < 50; round++) {
    const into = temporaryFolder('into');
    const elsewhere = temporaryFolder('elsewhere');
    const place = placeOfHostPath(into, 'web1', '/etc/shadow');
    const open = new OpenPlace(place);
    const fd = open.open();
    // As somebody would who may write there.
    renameSync(join(into, 'web1/etc'), join(into, 'moved'));
    symlinkSync(elsewhere, join(into, 'web1/etc'));
    writeFileSync(fd, 'secret');
    open.putInPlace();
    open.close();
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(statSync(join(into, 'moved/shadow')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(into, 'web1/etc/shadow'))).toBe(false);
    for (const folder of [into, elsewhere]) rmSync(folder, { recursive: true });
  }
});
