/** What keeping old files costs where there are none yet: processes on the host, and the text that is told. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepScript } from '../../src/engine/keep-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('keep');
const log = join(folder, 'started');
const bin = join(folder, 'bin');
mkdirSync(bin);
for (const tool of ['stat', 'cp', 'sha256sum', 'readlink'])
  writeFileSync(
    join(bin, tool),
    `#!/bin/sh\necho ${tool} >>'${log}'\nPATH='${process.env['PATH']}' exec ${tool} "$@"\n`,
  );
// Records of others than root are in their own folder: who works is asked of id(1), where /proc does not tell.
const script = keepScript.replaceAll('/proc/$$/status', '/dev/null');
writeFileSync(join(bin, 'id'), '#!/bin/sh\necho 12345\n');
for (const tool of ['stat', 'cp', 'sha256sum', 'readlink', 'id']) chmodSync(join(bin, tool), 0o755);

/** @returns lines as the host tells and keeps them, and how many processes the walk took */
function keep(run: string, paths: readonly string[]): { readonly told: string[]; readonly processes: number } {
  writeFileSync(log, '');
  const rule = [run, '', '16777216', '524288', '30', '4096', ' '];
  const args = [...rule, ...paths.flatMap((path, n) => [path, String(n + 1), '{}'])];
  const env = { PATH: `${bin}:${process.env['PATH']}`, XDG_STATE_HOME: join(folder, 'state') };
  const { stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...args], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(readFileSync(join(folder, 'state/play/backups', run, 'files'), 'utf8')).toBe(stdout);
  return { told: stdout.trim().split('\n'), processes: readFileSync(log, 'utf8').split('\n').length - 1 };
}

test('a tree that is new costs no processes for each file of it', () => {
  const paths = Array.from({ length: 500 }, (_, n) => join(folder, `new/part${n % 10}/file${n}`)).sort();
  const { told, processes } = keep('new', paths);
  expect(told).toHaveLength(500);
  expect(told.every((line) => /^\d+ absent - - - - \{\}$/.test(line))).toBe(true);
  expect(processes).toBeLessThan(30);
});

test('what lies beside a folder that is not there is kept', () => {
  const there = join(folder, 'newer');
  mkdirSync(there);
  writeFileSync(join(there, 'one'), 'old\n');
  const { told } = keep('beside', [join(folder, 'new/a'), join(there, 'one'), join(folder, 'new/b'), `${there}/two`]);
  expect(told.map((line) => line.split(' ')[1])).toEqual(['absent', 'file', 'absent', 'absent']);
});
