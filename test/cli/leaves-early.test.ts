/** Programs that end before they have read all they are given: how they ended counts, and not that the rest was left. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { startFailure } from '../../src/errors/index.ts';
import { readArchive } from '../../src/formats/archive/read.ts';
import { inTerminal, makeProject } from './command-line.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('of a program that was started, nothing is a failure to start', () => {
  const input = Buffer.alloc(4 * 1024 * 1024);
  expect(startFailure(spawnSync('true', { input }))).toBeUndefined();
  expect(startFailure(spawnSync(join(import.meta.dirname, 'no-such-program'), { input }))).toMatchObject({
    code: 'ENOENT',
  });
});

test('a damaged archive is not told as a missing tool', () => {
  const damaged = Buffer.alloc(4 * 1024 * 1024, 7);
  damaged.write('fd377a585a00', 'hex');
  expect(() => readArchive(damaged, 'a.tar.xz')).toThrow(/cannot be unpacked: .*xz/);
});

test('who leaves the pager early is not shown the rest', async () => {
  const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n} of it`);
  const project = makeProject({ 'plain.yml': `${lines.join('\n')}\n`, 'pw': 'secret\n' });
  const encrypted = await project.play('vault', 'encrypt', 'plain.yml', '--vault-password-file', 'pw');
  expect(encrypted.code).toBe(0);
  vi.stubEnv('PAGER', 'head -n 1');
  const { code, shown } = await inTerminal(project, ['vault', 'view', 'plain.yml', '--vault-password-file', 'pw'], []);
  expect(shown).toContain('line 0 of it');
  expect(shown).not.toContain('line 39999 of it');
  expect(code).toBe(0);
});
