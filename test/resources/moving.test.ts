import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readArchive } from '../../src/resources/archive/read.ts';
import { copy, fetch, file, git, stat, unarchive } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const host = useLawHost('moving', ['git', 'unzip', 'xz-utils']);
const here = temporaryFolder('moving');

const odd = `-o 'q' ü\nline`;
const source = join(here, 'top');
mkdirSync(join(source, 'bin', 'x'.repeat(120)), { recursive: true });
writeFileSync(join(source, 'bin', 'run'), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(source, 'bin', 'x'.repeat(120), 'long'), 'long\n', { mode: 0o640 });
writeFileSync(join(source, odd), Buffer.from([0, 255, 10]));
symlinkSync('bin/run', join(source, 'link'));
for (const [name, options] of [['a.tar', []], ['a.tar.gz', ['-z']], ['a.tar.xz', ['-J', '--format=pax']]] as const) execFileSync('tar', ['-cf', join(here, name), ...options, '-C', here, 'top']);
const packed = join(here, 'a.tar.gz');

test.each(['a.tar', 'a.tar.gz', 'a.tar.xz'])('%s is read as tar itself reads it', (name) => {
  const members = readArchive(readFileSync(join(here, name)), name);
  expect(members.map((one) => one.name).sort()).toEqual(['top', 'top/bin', 'top/bin/run', `top/bin/${'x'.repeat(120)}`, `top/bin/${'x'.repeat(120)}/long`, 'top/link', `top/${odd}`].sort());
  expect(members.find((one) => one.name.endsWith('/run'))).toMatchObject({ type: 'file', mode: '0755' });
  expect(members.find((one) => one.name.endsWith('/link'))).toMatchObject({ type: 'link', target: 'bin/run' });
});

test('an archive that would write outside of its folder is refused', () => {
  execFileSync('tar', ['-cPf', join(here, 'evil.tar'), '--transform=s,^,../,', '-C', source, 'link']);
  expect(() => readArchive(readFileSync(join(here, 'evil.tar')), 'evil.tar')).toThrow(/outside/);
  expect(() => readArchive(readFileSync(packed).subarray(0, 100), 'cut')).toThrow(/damaged/);
});

describe('unarchive', () => {
  holdToLaws(host, [
    { name: 'from here', setup: 'mkdir d', tasks: (dir) => [unarchive({ src: packed, dest: `${dir}/d` })], expect: ['changed'], afterwards: `[ -x d/top/bin/run ]; [ "$(readlink d/top/link)" = bin/run ]; [ "$(stat -c %a d/top/bin/x*/long)" = 640 ]; [ "$(stat -c %s d/top/-o*)" = 3 ]` },
    { name: 'some of it, leading folders off, owned; what is right stays', setup: `mkdir d real; ln -s ../real d/bin; printf '#!/bin/sh\\n' >real/run; chmod 0755 real/run; touch -d 2001-01-01 real/run`, tasks: (dir) => [unarchive({ src: join(here, 'a.tar.xz'), dest: `${dir}/d`, extraOpts: ['--strip-components=1'], exclude: ['-o*'], owner: 'daemon' })], expect: ['changed'], afterwards: `[ -L d/bin ]; [ "$(stat -c '%Y %U' real/run)" = "$(date -d 2001-01-01 +%s) daemon" ]; [ ! -e d/-o* ]; [ "$(stat -c %U d/link)" = daemon ]` },
    { name: 'made already', setup: 'mkdir d; touch made', tasks: (dir) => [unarchive({ src: packed, dest: `${dir}/d`, creates: `${dir}/made` })], expect: ['ok'] },
    { name: 'an archive on the host', setup: `mkdir -p d top/bin; echo 'a b' >'top/-a
b'; echo y >top/bin/y; chmod 0750 top/bin/y; ln -s y top/bin/l; tar -czf a.tgz top; mkdir -p d/top/bin; echo old >d/top/bin/y`, tasks: (dir) => [unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d`, group: 'games' })], expect: ['changed'], afterwards: `[ "$(cat d/top/-a*)" = 'a b' ]; [ "$(stat -c '%a %G' d/top/bin/y)" = '750 games' ]; [ "$(cat d/top/bin/l)" = y ]; [ -z "$(ls -d /var/tmp/play-* 2>/dev/null)" ]` },
    { name: 'what is no archive', setup: 'mkdir d; echo no >a.tgz', tasks: (dir) => [unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d` })], expect: ['failed'], again: ['failed'], says: /cannot be unpacked/ },
    { name: 'an archive that comes before it is on the host', tasks: (dir) => [file({ path: `${dir}/d`, state: 'directory' }), copy({ src: packed, dest: `${dir}/a.tgz` }), unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d` })], expect: ['changed', 'changed', 'changed'], open: 1 },
  ]);
});

describe('fetch', () => {
  const into = (name: string): string => join(here, 'fetched', name);
  const large = 9 * 1024 * 1024;
  holdToLaws(host, [
    { name: 'large and small, with and without folders of their own', setup: `head -c ${large} /dev/urandom >large; cp large /root/large; printf 'x\\377' >-s; : >empty`, tasks: (dir) => [fetch({ src: `${dir}/large`, dest: into('large'), flat: true }), fetch({ src: `${dir}/-s`, dest: into('by-host') }), fetch({ src: `${dir}/empty`, dest: into('flat/'), flat: true }), stat({ path: dir })], expect: ['changed', 'changed', 'changed', 'ok'] },
    { name: 'what is not there', tasks: (dir) => [fetch({ src: `${dir}/none`, dest: into('none'), failOnMissing: false }), fetch({ src: `${dir}/none`, dest: into('none') })], expect: ['ok', 'failed'], again: ['ok', 'failed'], says: /does not exist/ },
  ]);
  test('the bytes are those of the host', async () => {
    const [sum] = (await host.sh('sha256sum </root/large')).split(' ');
    expect(execFileSync('sha256sum', { input: readFileSync(into('large')) }).toString().split(' ')[0]).toBe(sum);
    expect(readFileSync(join(into('flat'), 'empty')).length).toBe(0);
  });
});

describe('git', () => {
  beforeAll(async () => void (await host.sh(`git config --global user.email a@b; git config --global user.name n; git config --global init.defaultBranch main; rm -rf /srv/up; git init -q /srv/up; cd /srv/up; echo 1 >f; git add f; git commit -qm 1; git tag -a v1 -m v1; echo 2 >f; git commit -qam 2; git checkout -qb side; echo 3 >f; git commit -qam 3; git checkout -q main`)));
  const up = '/srv/up';
  holdToLaws(host, [
    { name: 'a clone of the main branch', tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })], expect: ['changed'], afterwards: '[ "$(cat c/f)" = 2 ]' },
    { name: 'a tag, a branch, a shallow one', tasks: (dir) => [git({ repo: up, dest: `${dir}/tag`, version: 'v1' }), git({ repo: up, dest: `${dir}/branch`, version: 'side' }), git({ repo: `file://${up}`, dest: `${dir}/shallow`, version: 'main', depth: 1 })], expect: ['changed', 'changed', 'changed'], afterwards: '[ "$(cat tag/f branch/f shallow/f | xargs)" = "1 3 2" ]; [ "$(git -C branch symbolic-ref --short HEAD)" = side ]; [ "$(git -C shallow log --oneline | wc -l)" = 1 ]' },
    { name: 'moved on, back, and left alone', setup: 'git clone -q /srv/up c; git -C c reset -q --hard v1; git clone -q /srv/up stays; git -C stays reset -q --hard v1', tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'main' }), git({ repo: up, dest: `${dir}/stays`, version: 'main', update: false })], expect: ['changed', 'ok'], afterwards: '[ "$(cat c/f stays/f | xargs)" = "2 1" ]' },
    { name: 'modified files are not lost', setup: 'git clone -q /srv/up c; echo mine >c/f', tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'v1' })], expect: ['failed'], again: ['failed'], says: /would be lost: M f/, afterwards: '[ "$(cat c/f)" = mine ]' },
    { name: 'unless it is said so', setup: 'git clone -q /srv/up c; echo mine >c/f', tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'main', force: true })], expect: ['changed'], afterwards: '[ "$(cat c/f)" = 2 ]' },
    { name: 'no such version, no such repository', tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'none' })], expect: ['failed'], again: ['failed'], says: /no branch or tag none/ },
    { name: 'a place where something else is', setup: 'mkdir c; touch c/x', tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })], expect: ['failed'], again: ['failed'], says: /no working copy/ },
  ]);
});
