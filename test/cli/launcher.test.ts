import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { playRoot, run } from './command-line.ts';

/** A fresh clone: sources, nothing installed, nothing built. */
function clone(): string {
  const dir = temporaryFolder('clone');
  for (const name of ['play', 'build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'src'])
    cpSync(join(playRoot, name), join(dir, name), { recursive: true });
  return dir;
}

/** The same with this clone's packages, installed after the lockfile was written. */
function installed(): string {
  const dir = clone();
  symlinkSync(join(playRoot, 'node_modules'), join(dir, 'node_modules'));
  utimesSync(join(dir, 'package-lock.json'), 0, 0);
  return dir;
}

const version = (dir: string): RegExp =>
  new RegExp(`^play \\S+ \\(build \\w{12}, Node.js ${process.versions.node}, ${dir}\\)\n$`);

test('the first run installs what the lockfile lists, says so, and builds', async () => {
  const dir = clone();
  const bin = join(dir, 'fake-bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npm'),
    `#!/bin/sh\necho "npm $*"\nln -s '${playRoot}/node_modules' node_modules\ntouch -d @0 package-lock.json\n`,
  );
  chmodSync(join(bin, 'npm'), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  const first = await run(join(dir, 'play'), ['--version'], { env });
  expect(first.stderr).toContain('play: installing its dependencies as package-lock.json has them');
  expect(first.stderr).toContain('npm ci --ignore-scripts');
  expect(first.stdout).toMatch(version(dir));
  const second = await run(join(dir, 'play'), ['--version'], { env });
  expect(second).toEqual({ code: 0, stdout: first.stdout, stderr: '' });
});

test('a changed, a new and a deleted source file are built before the next run; nothing else is', async () => {
  const dir = installed();
  const built = async (): Promise<string> => (await run(join(dir, 'play'), ['--version'])).stdout;
  const first = await built();
  expect(await built()).toBe(first);
  writeFileSync(join(dir, 'src/new.ts'), 'export const x = 1;\n');
  const second = await built();
  expect(second).not.toBe(first);
  rmSync(join(dir, 'src/new.ts'));
  expect(await built()).toBe(first);
});

test('first runs at the same time do not break each other', async () => {
  const dir = installed();
  const runs = await Promise.all([1, 2, 3].map(() => run(join(dir, 'play'), ['--version'])));
  for (const outcome of runs)
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(version(dir)) as string });
  expect(readdirSync(join(dir, 'dist')).filter((name) => name.startsWith('.'))).toEqual(['.npmignore']);
});

test('a lock left by a killed run does not stop the next', async () => {
  const dir = installed();
  mkdirSync(join(dir, 'dist/.setup.lock'), { recursive: true });
  // No process has the highest number there is.
  writeFileSync(join(dir, 'dist/.setup.lock/pid'), '4194304\n');
  expect((await run(join(dir, 'play'), ['--version'])).stdout).toMatch(version(dir));
});

test('it finds itself through symlinks and from anywhere', async () => {
  const dir = installed();
  mkdirSync(join(dir, 'bin'));
  symlinkSync('../play', join(dir, 'bin/one'));
  symlinkSync('one', join(dir, 'bin/two'));
  expect((await run('./two', ['--version'], { cwd: join(dir, 'bin') })).stdout).toMatch(version(dir));
  expect(
    (
      await run('two', ['--version'], {
        cwd: '/',
        env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
      })
    ).stdout,
  ).toMatch(version(dir));
});

test('without Node, or with one too old, it says what it needs', async () => {
  const dir = installed();
  const none = await run(join(dir, 'play'), ['--version'], { env: { PATH: '/nowhere' } });
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Node.js is not installed; play needs version 20') as string,
  });
  const bin = join(dir, 'fake-bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\n[ "$1" = -p ] && echo 18 || echo v18.20.4\n');
  chmodSync(join(bin, 'node'), 0o755);
  const old = await run(join(dir, 'play'), ['--version'], { env: { PATH: `${bin}:/usr/bin:/bin` } });
  expect(old).toMatchObject({ code: 1, stderr: expect.stringContaining('Node.js v18.20.4 is too old') as string });
});
