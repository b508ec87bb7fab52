/** What plays put on the host from here: folders, a template, archives. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files: Readonly<Record<string, string>> = {
  'tree-a/f': 'one\n', 'tree-a/s/x.conf': 'x = 1\n', 'tree-a/s/run': '#!/bin/sh\n', 'tree-a/.h': '', 'tree-a/n ü/k.ini': '[a]\nx = 1\n',
  'tree-b/f': 'two\n', 'tree-b/b': 'b\n', 'tree-b/s/x.conf': 'x = 1\n',
  'parts/10-a': 'a\n', 'parts/20-b': 'no end', 'parts/.hidden': 'h\n',
  'text.hbs': 'name = {{ name }}\n{{#each list}}\n- {{ this }}\n{{/each}}\n',
};

/** @param folder empty */
export function buildSources(folder: string): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  chmodSync(join(folder, 'tree-a/s/run'), 0o755);
  mkdirSync(join(folder, 'tree-a/empty'));
  symlinkSync('../f', join(folder, 'tree-a/s/l'));
  for (const [archive, tree] of [['a.tar.gz', 'tree-a'], ['b.tar.gz', 'tree-b']] as const) {
    execFileSync('tar', ['-czf', join(folder, archive), '-C', join(folder, tree), '--sort=name', '--mtime=2024-01-01', '--owner=0', '--group=0', '.']);
  }
}
