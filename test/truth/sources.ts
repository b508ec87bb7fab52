import { execFileSync } from 'node:child_process';
/** What plays put on the host from here: folders, a template, archives. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SmallPackage } from '../support/apt-repository.ts';
import { zip } from '../support/zip.ts';

const files: Readonly<Record<string, string>> = {
  'tree-a/f': 'one\n',
  'tree-a/s/x.conf': 'x = 1\n',
  'tree-a/s/run': '#!/bin/sh\n',
  'tree-a/.h': '',
  'tree-a/n ü/k.ini': '[a]\nx = 1\n',
  'tree-b/f': 'two\n',
  'tree-b/b': 'b\n',
  'tree-b/s/x.conf': 'x = 1\n',
  'parts/10-a': 'a\n',
  'parts/20-b': 'no end',
  'parts/.hidden': 'h\n',
  'text.hbs': 'name = {{ name }}\n{{#each list}}\n- {{ this }}\n{{/each}}\n',
};

/** An archive of another kind, here and on the host. */
export const zipOnHost = zip([
  { name: 's/', mode: 0o40755 },
  { name: 'f', content: 'zipped\n' },
  { name: 's/x.conf', content: 'x = 1\n', mode: 0o100600 },
  { name: 's/run', content: '#!/bin/sh\n', mode: 0o100755 },
]);

/** Where the host gets files from. To play it is another host. */
export const served = 'http://files.truth.test:8091';
const servedTexts: Readonly<Record<string, string>> = { a: 'served a\n', b: 'served b\nmore\n', empty: '' };
export const servedFiles: Readonly<Record<string, { readonly text: string; readonly sha256: string }>> =
  Object.fromEntries(
    Object.entries(servedTexts).map(([name, text]) => [
      name,
      { text, sha256: createHash('sha256').update(text).digest('hex') },
    ]),
  );

const a = (version: string): SmallPackage => ({
  name: 't0a',
  version,
  files: { '/usr/share/t0a/f': `${version}\n`, '/etc/t0a.conf': `version = ${version}\n` },
  conffiles: ['/etc/t0a.conf'],
});
const plain = (name: string, control: readonly string[] = []): SmallPackage => ({
  name,
  version: '1.0',
  control,
  files: { [`/usr/share/${name}/f`]: `${name}\n` },
});
/** What apt finds on the host, and what it would find in a source that is not among its own. */
export const packages: readonly SmallPackage[] = [
  a('1.0'),
  a('1.1'),
  plain('t0d', ['Conflicts: t0a']),
  {
    name: 't0b',
    version: '1.0',
    control: ['Depends: t0a'],
    files: { '/usr/bin/t0b': '#!/bin/sh\necho t0b\n', '/etc/t0b.conf': 'b\n' },
    conffiles: ['/etc/t0b.conf'],
  },
  {
    name: 't0c',
    version: '1.0',
    files: { '/usr/share/t0c/f': 'c\n' },
    postinst: 'mkdir -p /var/lib/t0c; echo made >/var/lib/t0c/made',
  },
];
export const morePackages: readonly SmallPackage[] = [plain('t0e'), a('2.0')];

/** @param folder empty */
export function buildSources(folder: string): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  chmodSync(join(folder, 'tree-a/s/run'), 0o755);
  mkdirSync(join(folder, 'tree-a/empty'));
  symlinkSync('../f', join(folder, 'tree-a/s/l'));
  for (const [archive, tree] of [
    ['a.tar.gz', 'tree-a'],
    ['b.tar.gz', 'tree-b'],
  ] as const) {
    execFileSync('tar', [
      '-czf',
      join(folder, archive),
      '-C',
      join(folder, tree),
      '--sort=name',
      '--mtime=2024-01-01',
      '--owner=0',
      '--group=0',
      '.',
    ]);
  }
  writeFileSync(join(folder, 'a.zip'), zipOnHost);
}
