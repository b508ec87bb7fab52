import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { command, copy, fetch, file, find, git, slurp, stat, unarchive } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { zip } from '../support/zip.ts';
import { bareCases } from './cases/git-bare.ts';

const host = useLawHost('moving', ['git', 'unzip', 'xz-utils']);
const here = temporaryFolder('moving');

const odd = `-o 'q' ü\nline`;
const source = join(here, 'top');
mkdirSync(join(source, 'bin', 'x'.repeat(120)), { recursive: true });
writeFileSync(join(source, 'bin', 'run'), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(source, 'bin', 'x'.repeat(120), 'long'), 'long\n', { mode: 0o640 });
writeFileSync(join(source, odd), Buffer.from([0, 255, 10]));
symlinkSync('bin/run', join(source, 'link'));
for (const [name, options] of [
  ['a.tar', []],
  ['a.tar.gz', ['-z']],
  ['a.tar.xz', ['-J', '--format=pax']],
] as const)
  execFileSync('tar', ['-cf', join(here, name), ...options, '-C', here, 'top']);
const packed = join(here, 'a.tar.gz');

// What tar and zip themselves can hold is in archives.test.ts: here it is that both ways come to the same on the host.
const special = join(here, 'special');
mkdirSync(join(special, 's', 'sub'), { recursive: true });
writeFileSync(Buffer.concat([Buffer.from(`${special}/s/caf`), Buffer.from([0xe9])]), 'latin');
writeFileSync(join(special, 's', 'holes'), '');
truncateSync(join(special, 's', 'holes'), 1024 ** 2);
writeFileSync(join(special, 's', 'sub', 'a.txt'), 'a');
writeFileSync(join(special, 's', 'sub', 'b.txt'), 'b');
utimesSync(join(special, 's', 'sub', 'a.txt'), 1_000_000_000, 1_000_000_000);
execFileSync('tar', ['-cf', join(here, 'special.bin'), '--format=pax', '-S', '-C', special, 's']);
writeFileSync(
  join(here, 'app.war'),
  zip([
    { name: 'WEB-INF/', mode: 0o40755 },
    { name: 'WEB-INF/web.xml', content: '<x/>' },
    { name: 'ü', content: 'u', isUtf8: true },
    { name: 'l', content: 'ü', mode: 0o120777 },
  ]),
);
writeFileSync(
  join(here, 'app.pyz'),
  zip([{ name: '__main__.py', content: 'print(1)\n' }], { before: '#!/usr/bin/env python3\n' }),
);
/** Of one archive, from here and from the host. */
const both =
  (name: string, options: object = {}) =>
  (dir: string) => [
    unarchive({ src: join(here, name), dest: `${dir}/d`, ...options }),
    copy({ src: join(here, name), dest: `${dir}/packed` }),
    unarchive({ src: `${dir}/packed`, remoteSrc: true, dest: `${dir}/e`, ...options }),
  ];
const same = `[ "$(cd d; find . -type f -exec sha256sum {} + | LC_ALL=C sort)" = "$(cd e; find . -type f -exec sha256sum {} + | LC_ALL=C sort)" ]; [ "$(cd d; find . -exec stat -c '%F %a %n' {} + | LC_ALL=C sort)" = "$(cd e; find . -exec stat -c '%F %a %n' {} + | LC_ALL=C sort)" ]`;

describe('unarchive', () => {
  holdToLaws(host, [
    {
      name: 'from here',
      setup: 'mkdir d',
      tasks: (dir) => [unarchive({ src: packed, dest: `${dir}/d` })],
      expect: ['changed'],
      afterwards: `[ -x d/top/bin/run ]; [ "$(readlink d/top/link)" = bin/run ]; [ "$(stat -c %a d/top/bin/x*/long)" = 640 ]; [ "$(stat -c %s d/top/-o*)" = 3 ]`,
    },
    {
      name: 'some of it, leading folders off, owned; what is right stays',
      setup: `mkdir d real; ln -s ../real d/bin; printf '#!/bin/sh\\n' >real/run; chmod 0755 real/run; touch -d 2001-01-01 real/run`,
      tasks: (dir) => [
        unarchive({
          src: join(here, 'a.tar.xz'),
          dest: `${dir}/d`,
          extraOpts: ['--strip-components=1'],
          exclude: ['-o*'],
          owner: 'daemon',
        }),
      ],
      expect: ['changed'],
      afterwards: `[ -L d/bin ]; [ "$(stat -c '%Y %U' real/run)" = "$(date -d 2001-01-01 +%s) daemon" ]; [ ! -e d/-o* ]; [ "$(stat -c %U d/link)" = daemon ]`,
    },
    {
      name: 'made already',
      setup: 'mkdir d; touch made',
      tasks: (dir) => [unarchive({ src: packed, dest: `${dir}/d`, creates: `${dir}/made` })],
      expect: ['ok'],
    },
    {
      name: 'an archive on the host',
      setup: `mkdir -p d top/bin; echo 'a b' >'top/-a
b'; echo y >top/bin/y; chmod 0750 top/bin/y; ln -s y top/bin/l; tar -czf a.tgz top; mkdir -p d/top/bin; echo old >d/top/bin/y`,
      tasks: (dir) => [unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d`, group: 'games' })],
      expect: ['changed'],
      afterwards: `[ "$(cat d/top/-a*)" = 'a b' ]; [ "$(stat -c '%a %G' d/top/bin/y)" = '750 games' ]; [ "$(cat d/top/bin/l)" = y ]; [ -z "$(ls -d /var/tmp/play-* 2>/dev/null)" ]`,
    },
    {
      name: 'what is no archive',
      setup: 'mkdir d; echo no >a.tgz',
      tasks: (dir) => [unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d` })],
      expect: ['failed'],
      again: ['failed'],
      says: /cannot be unpacked/,
    },
    {
      name: 'holes and names that are not UTF-8, here and there',
      setup: 'mkdir d e',
      tasks: both('special.bin'),
      expect: ['changed', 'changed', 'changed'],
      afterwards: `${same}; [ "$(ls d/s | LC_ALL=C tr -dc '\\351' | wc -c)" = 1 ]; [ "$(stat -c %s d/s/holes)" = 1048576 ]`,
    },
    {
      name: 'a zip by another name, here and there',
      setup: 'mkdir d e',
      tasks: both('app.war'),
      expect: ['changed', 'changed', 'changed'],
      afterwards: `${same}; [ -f d/WEB-INF/web.xml ]; [ "$(cat e/l)" = u ]`,
    },
    {
      name: 'a zip behind a program, here and there',
      setup: 'mkdir d e',
      tasks: both('app.pyz'),
      expect: ['changed', 'changed', 'changed'],
      afterwards: `${same}; [ -f e/__main__.py ]`,
    },
    {
      name: 'patterns are about names in the archive, before folders are taken off',
      setup: 'mkdir d e',
      tasks: both('special.bin', { include: ['s/sub'], exclude: ['s/sub/b.txt'], extraOpts: ['--strip-components=1'] }),
      expect: ['changed', 'changed', 'changed'],
      afterwards: `${same}; [ "$(find d e -type f | LC_ALL=C sort | xargs)" = 'd/sub/a.txt e/sub/a.txt' ]`,
    },
    {
      name: 'nothing that is to be included',
      setup: 'mkdir d; tar -cf a.tar --files-from=/dev/null d',
      tasks: (dir) => [unarchive({ src: `${dir}/a.tar`, remoteSrc: true, dest: `${dir}/d`, include: ['none'] })],
      expect: ['failed'],
      again: ['failed'],
      says: /a.tar cannot be unpacked/,
    },
    {
      name: 'what will be no archive',
      setup: 'mkdir d',
      tasks: (dir) => [
        copy({ dest: `${dir}/a.tar`, content: 'no' }),
        unarchive({ src: `${dir}/a.tar`, remoteSrc: true, dest: `${dir}/d` }),
      ],
      expect: ['changed', 'failed'],
      again: ['ok', 'failed'],
      says: /a.tar cannot be unpacked/,
    },
    {
      name: 'times are those of the archive, but where another file has the same',
      setup: `mkdir -p d/s/sub e; printf x >d/s/sub/a.txt; touch -d @1000000000 d/s/sub/a.txt`,
      tasks: both('special.bin'),
      expect: ['changed', 'changed', 'changed'],
      afterwards: `[ -n "$(find d/s/sub/a.txt -mmin -5)" ]; [ "$(stat -c %Y e/s/sub/a.txt)" = 1000000000 ]`,
    },
    {
      name: 'an archive that comes before it is on the host',
      tasks: (dir) => [
        file({ path: `${dir}/d`, state: 'directory' }),
        copy({ src: packed, dest: `${dir}/a.tgz` }),
        unarchive({ src: `${dir}/a.tgz`, remoteSrc: true, dest: `${dir}/d` }),
      ],
      expect: ['changed', 'changed', 'changed'],
    },
    {
      name: 'one that cannot be looked into before',
      setup: `mkdir d; tar -cf a.tar d`,
      tasks: (dir) => [
        command({ argv: ['sh', '-c', `cp a.tar b.tar`], chdir: dir, creates: `${dir}/b.tar` }),
        unarchive({ src: `${dir}/b.tar`, remoteSrc: true, dest: `${dir}/d` }),
        stat({ path: `${dir}/d/d` }),
      ],
      expect: ['changed', 'changed', 'ok'],
      open: 2,
    },
  ]);
});

describe('fetch', () => {
  const into = (name: string): string => join(here, 'fetched', name);
  const large = 9 * 1024 * 1024;
  holdToLaws(host, [
    {
      name: 'large and small, with and without folders of their own',
      setup: `head -c ${large} /dev/urandom >large; cp large /root/large; printf 'x\\377' >-s; : >empty`,
      tasks: (dir) => [
        fetch({ src: `${dir}/large`, dest: into('large'), flat: true }),
        fetch({ src: `${dir}/-s`, dest: into('by-host') }),
        fetch({ src: `${dir}/empty`, dest: into('flat/'), flat: true }),
        stat({ path: dir }),
      ],
      expect: ['changed', 'changed', 'changed', 'ok'],
    },
    {
      name: 'what is not there',
      tasks: (dir) => [
        fetch({ src: `${dir}/none`, dest: into('none'), failOnMissing: false }),
        fetch({ src: `${dir}/none`, dest: into('none') }),
      ],
      expect: ['ok', 'failed'],
      again: ['ok', 'failed'],
      says: /does not exist/,
    },
  ]);
  test('the bytes are those of the host', async () => {
    const [sum] = (await host.sh('sha256sum </root/large')).split(' ');
    expect(
      execFileSync('sha256sum', { input: readFileSync(into('large')) })
        .toString()
        .split(' ')[0],
    ).toBe(sum);
    expect(readFileSync(join(into('flat'), 'empty')).length).toBe(0);
  });
});

/** A repository with a submodule that has one too, and a copy from before it moved. */
const submodules = `git config --global protocol.file.allow always; rm -rf /srv/super /srv/sub /srv/deep
for n in deep sub super; do git init -q /srv/$n; done
(cd /srv/deep; echo b >bottom; git add .; git commit -qm d); (cd /srv/sub; echo 1 >inner; git submodule -q add /srv/deep deep; git add .; git commit -qm 1)
(cd /srv/super; git submodule -q add /srv/sub 'a sub'; git commit -qm 1); git clone -q --recurse-submodules /srv/super old
(cd /srv/sub; echo 2 >inner; git commit -qam 2); (cd '/srv/super/a sub'; git pull -q; git submodule -q update --init); git -C /srv/super commit -qam 2; git clone -q /srv/super empty`;

describe('git', () => {
  beforeAll(
    async () =>
      void (await host.sh(
        `git config --global user.email a@b; git config --global user.name n; git config --global init.defaultBranch main; export GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z; rm -rf /srv/up; git init -q /srv/up; cd /srv/up; echo 1 >f; git add f; git commit -qm 1; git tag -a v1 -m v1; echo 2 >f; git commit -qam 2; git checkout -qb side; echo 3 >f; git commit -qam 3; git checkout -q main`,
      )),
  );
  const up = '/srv/up';
  /** The commits are the same on every host. */
  const side = '1afeccb0d69d5a57206994056375ac97f79a7544';
  holdToLaws(host, bareCases(up));
  holdToLaws(host, [
    {
      name: 'a clone of the main branch',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })],
      expect: ['changed'],
      afterwards: '[ "$(cat c/f)" = 2 ]',
    },
    {
      name: 'a tag, a branch, a shallow one',
      tasks: (dir) => [
        git({ repo: up, dest: `${dir}/tag`, version: 'v1' }),
        git({ repo: up, dest: `${dir}/branch`, version: 'side' }),
        git({ repo: `file://${up}`, dest: `${dir}/shallow`, version: 'main', depth: 1 }),
      ],
      expect: ['changed', 'changed', 'changed'],
      afterwards:
        '[ "$(cat tag/f branch/f shallow/f | xargs)" = "1 3 2" ]; [ "$(git -C branch symbolic-ref --short HEAD)" = side ]; [ "$(git -C shallow log --oneline | wc -l)" = 1 ]',
    },
    {
      name: 'over SSH from a host nobody knows yet, a commit that is signed, and one that is not',
      setup: `set -e; mkdir -p ~/.ssh; cd ~/.ssh; rm -f known_hosts law law.pub; ssh-keygen -q -t ed25519 -N '' -C '' -f law; cat law.pub >>authorized_keys; printf 'Host 127.0.0.1\nIdentityFile ~/.ssh/law\n' >config; echo "a@b $(cat law.pub)" >signers; git config --global gpg.format ssh; git config --global user.signingkey ~/.ssh/law.pub; git config --global gpg.ssh.allowedSignersFile ~/.ssh/signers; rm -rf /srv/signed; git init -q /srv/signed; cd /srv/signed; git commit -q --allow-empty -m plain; git branch plain; git commit -q -S --allow-empty -m signed; git tag -s -m v2 v2 plain`,
      tasks: (dir) => [
        git({ repo: 'ssh://root@127.0.0.1/srv/signed', dest: `${dir}/c`, acceptHostkey: true, verifyCommit: true }),
        git({ repo: '/srv/signed', dest: `${dir}/tag`, version: 'v2', verifyCommit: true }),
        git({ repo: '/srv/signed', dest: `${dir}/plain`, version: 'plain', verifyCommit: true }),
      ],
      expect: ['changed', 'changed', 'failed'],
      again: ['ok', 'ok', 'failed'],
      says: /Could not check out/,
      open: 3,
      afterwards: `set -e; [ -d c/.git ]; ssh-keygen -F 127.0.0.1 >/dev/null; [ "$(git -C tag log --format=%s)" = plain ]; [ ! -e plain/.git/refs/heads/plain ]`,
    },
    {
      name: 'moved on, back, and left alone',
      setup:
        'git clone -q /srv/up c; git -C c reset -q --hard v1; git clone -q /srv/up stays; git -C stays reset -q --hard v1',
      tasks: (dir) => [
        git({ repo: up, dest: `${dir}/c`, version: 'main' }),
        git({ repo: up, dest: `${dir}/stays`, version: 'main', update: false }),
      ],
      expect: ['changed', 'ok'],
      afterwards: '[ "$(cat c/f stays/f | xargs)" = "2 1" ]',
    },
    {
      name: 'modified files are not lost',
      setup: 'git clone -q /srv/up c; echo mine >c/f',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'v1' })],
      expect: ['failed'],
      again: ['failed'],
      says: /would be lost: M f/,
      afterwards: '[ "$(cat c/f)" = mine ]',
    },
    {
      name: 'unless it is said so',
      setup: 'git clone -q /srv/up c; echo mine >c/f',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'main', force: true })],
      expect: ['changed'],
      afterwards: '[ "$(cat c/f)" = 2 ]',
    },
    {
      name: 'no such version, no such repository',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'none' })],
      expect: ['failed'],
      again: ['failed'],
      says: /no branch or tag none/,
    },
    {
      name: 'a place where something else is',
      setup: 'mkdir c; touch c/x',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })],
      expect: ['failed'],
      again: ['failed'],
      says: /not a git working copy/,
    },
    {
      name: 'a folder that is empty, one whose parents are missing, and the main branch where a commit was',
      setup: `mkdir -m 0700 c; git clone -q ${up} e; git -C e checkout -q --detach`,
      tasks: (dir) => [
        git({ repo: up, dest: `${dir}/c` }),
        git({ repo: up, dest: `${dir}/p/q/d` }),
        git({ repo: up, dest: `${dir}/e` }),
      ],
      expect: ['changed', 'changed', 'changed'],
      afterwards:
        '[ "$(stat -c %a c)" = 700 ]; [ "$(cat c/f p/q/d/f | xargs)" = "2 2" ]; [ "$(git -C e symbolic-ref --short HEAD)" = main ]',
    },
    {
      name: 'a file above it',
      setup: 'touch p',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/p/c` })],
      expect: ['failed'],
      again: ['failed'],
      says: /is a file/,
    },
    {
      name: 'a link that leads nowhere',
      setup: 'ln -s none c',
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })],
      expect: ['failed'],
      again: ['failed'],
      says: /not a git working copy/,
    },
    {
      name: 'the tag of a shallow copy is there, also where the commit was fetched without it',
      setup: `git clone -q --depth 1 --no-tags file://${up} c; git -C c fetch -q --depth 1 --no-tags origin $(git -C ${up} rev-parse v1^0); git -C c checkout -q FETCH_HEAD`,
      tasks: (dir) => [
        git({ repo: `file://${up}`, dest: `${dir}/c`, version: 'v1', depth: 1 }),
        git({ repo: `file://${up}`, dest: `${dir}/d`, version: 'v1', depth: 1 }),
      ],
      expect: ['changed', 'changed'],
      afterwards:
        '[ "$(git -C c describe --tags) $(git -C d describe --tags)" = "v1 v1" ]; [ "$(git -C d log --oneline | wc -l)" = 1 ]',
    },
    {
      name: 'a tag that was moved',
      setup: `git clone -q ${up} r; git clone -q r c; git -C c checkout -q v1; git -C r tag -fam moved v1 main >/dev/null`,
      tasks: (dir) => [git({ repo: `${dir}/r`, dest: `${dir}/c`, version: 'v1' })],
      expect: ['changed'],
      afterwards: '[ "$(cat c/f)" = 2 ]; [ "$(git -C c describe --tags)" = v1 ]',
    },
    {
      name: 'more of the history than before, and all of it',
      setup: `git clone -q --depth 1 file://${up} c; git clone -q --depth 1 file://${up} d; git clone -q --depth 1 file://${up} e`,
      tasks: (dir) => [
        git({ repo: `file://${up}`, dest: `${dir}/c`, version: 'side', depth: 2 }),
        git({ repo: `file://${up}`, dest: `${dir}/d`, version: 'main' }),
        git({ repo: `file://${up}`, dest: `${dir}/e`, version: 'main', depth: 1 }),
      ],
      expect: ['changed', 'changed', 'ok'],
      afterwards: '[ "$(git -C c log --oneline | wc -l)" = 2 ]; [ "$(git -C d log --oneline | wc -l)" = 2 ]',
    },
    {
      name: 'a whole commit, shallow',
      tasks: (dir) => [git({ repo: `file://${up}`, dest: `${dir}/c`, version: side, depth: 1 })],
      expect: ['changed'],
      afterwards: '[ "$(cat c/f)" = 3 ]',
    },
    {
      name: 'a commit no branch leads to, by a refspec',
      setup: `git clone -q ${up} r; git -C r checkout -q --detach; cd r; echo pull >f; git commit -qam p; git update-ref refs/pull/7/head HEAD; git checkout -q main; cd ..`,
      tasks: (dir) => [
        git({ repo: `${dir}/r`, dest: `${dir}/c`, version: 'refs/pull/7/head', refspec: 'refs/pull/7/head' }),
      ],
      expect: ['changed'],
      afterwards: '[ "$(cat c/f)" = pull ]',
    },
    {
      name: 'commits made there are not lost',
      setup: `git clone -q ${up} c; cd c; echo mine >own; git add own; git commit -qm 'my own'; cd ..`,
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'main' })],
      expect: ['failed'],
      again: ['failed'],
      says: /commits made in .*my own/s,
      afterwards: '[ "$(cat c/own)" = mine ]',
    },
    {
      name: 'nor those of a commit without a branch',
      setup: `git clone -q ${up} c; cd c; git checkout -q --detach; echo mine >own; git add own; git commit -qm 'my own'; cd ..`,
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c`, version: 'v1' })],
      expect: ['failed'],
      again: ['failed'],
      says: /commits made in/,
    },
    {
      name: 'unless it is said so, or another branch keeps them, or the remote rewrote its own',
      setup: `for n in c d; do git clone -q ${up} $n; (cd $n; echo mine >own; git add own; git commit -qm own); done; git -C d branch keep; git clone -q ${up} r; git clone -q r e; git -C r commit -q --amend -m other`,
      tasks: (dir) => [
        git({ repo: up, dest: `${dir}/c`, version: 'main', force: true }),
        git({ repo: up, dest: `${dir}/d`, version: 'main' }),
        git({ repo: `${dir}/r`, dest: `${dir}/e`, version: 'main' }),
      ],
      expect: ['changed', 'changed', 'changed'],
      afterwards:
        '[ ! -e c/own ]; [ "$(git -C d show keep:own)" = mine ]; [ "$(git -C e log -1 --format=%s)" = other ]',
    },
    {
      name: 'files in the way are not overwritten, ignored ones neither',
      setup: `git clone -q ${up} r; git clone -q r c; cd r; echo theirs >new; git add new; git commit -qm new; cd ../c; echo mine >new; echo new >.git/info/exclude; cd ..`,
      tasks: (dir) => [git({ repo: `${dir}/r`, dest: `${dir}/c` })],
      expect: ['failed'],
      again: ['failed'],
      says: /in the way: new;/,
      afterwards: '[ "$(cat c/new)" = mine ]',
    },
    {
      name: 'unless it is said so: files in the way',
      setup: `git clone -q ${up} r; git clone -q r c; cd r; echo theirs >new; git add new; git commit -qm new; cd ../c; echo mine >new; echo other >stays; cd ..`,
      tasks: (dir) => [git({ repo: `${dir}/r`, dest: `${dir}/c`, force: true })],
      expect: ['changed'],
      afterwards: '[ "$(cat c/new c/stays | xargs)" = "theirs other" ]',
    },
    {
      name: 'modified files fail also where the commit is the right one',
      setup: `git clone -q ${up} c; echo mine >c/f`,
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` })],
      expect: ['failed'],
      again: ['failed'],
      says: /would be lost/,
    },
    {
      name: 'another address',
      setup: `git clone -q ${up} r; git clone -q ${up} c`,
      tasks: (dir) => [git({ repo: `${dir}/r`, dest: `${dir}/c` })],
      expect: ['changed'],
      afterwards: '[ "$(git -C c config remote.origin.url)" = "$1/r" ]',
    },
    {
      name: 'a checkout that was killed is finished',
      setup: `git clone -q ${up} c; cd c; git update-ref refs/heads/x v1; echo torn >f; touch .git/index.lock .git/play-unfinished; cd ..; git init -q d; echo torn >d/f; touch d/.git/play-unfinished`,
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` }), git({ repo: up, dest: `${dir}/d` })],
      expect: ['changed', 'changed'],
      afterwards: '[ "$(cat c/f d/f | xargs)" = "2 2" ]; [ ! -e c/.git/play-unfinished ]',
    },
    {
      name: 'submodules are filled, those of submodules too, and follow',
      setup: submodules,
      tasks: (dir) => [
        git({ repo: '/srv/super', dest: `${dir}/new` }),
        git({ repo: '/srv/super', dest: `${dir}/empty` }),
        git({ repo: '/srv/super', dest: `${dir}/old` }),
        git({ repo: '/srv/super', dest: `${dir}/without`, recursive: false }),
      ],
      expect: ['changed', 'changed', 'changed', 'changed'],
      afterwards:
        'for d in new empty old; do [ "$(cat "$d/a sub/inner" "$d/a sub/deep/bottom" | xargs)" = "2 b" ]; done; [ -z "$(ls "without/a sub")" ]',
    },
    {
      name: 'what was modified in a submodule is not lost, nor another commit of it',
      setup: `${submodules}; git clone -q --recurse-submodules /srv/super m; echo mine >'m/a sub/inner'; git clone -q --recurse-submodules /srv/super o; git -C 'o/a sub' checkout -q HEAD~`,
      tasks: (dir) => [git({ repo: '/srv/super', dest: `${dir}/o` })],
      expect: ['failed'],
      again: ['failed'],
      says: /would be lost: M a sub/,
    },
    {
      name: 'what comes below is open, what stays is known',
      setup: `git clone -q ${up} r; cd r; mkdir etc; echo a >same; echo a >etc/conf; git add .; git commit -qm a; git clone -q . ../c; echo b >f; mkdir -p more/deep; echo n >more/deep/n; git add .; git commit -qm b; cd ..; echo local >c/local; mkdir c/data; echo d >c/data/d`,
      tasks: (dir) => [
        git({ repo: `${dir}/r`, dest: `${dir}/c` }),
        copy({ dest: `${dir}/c/local`, content: 'other\n' }),
        copy({ dest: `${dir}/c/same`, content: 'a\n' }),
        copy({ dest: `${dir}/c/more/deep/own`, content: 'x\n' }),
        copy({ dest: `${dir}/c/etc/own`, content: 'x\n' }),
        file({ path: `${dir}/c/none`, state: 'absent' }),
      ],
      expect: ['changed', 'changed', 'ok', 'changed', 'changed', 'ok'],
    },
    {
      name: 'filled submodules leave all else as it is',
      setup: submodules,
      tasks: (dir) => [
        git({ repo: '/srv/super', dest: `${dir}/empty` }),
        copy({ dest: `${dir}/empty/own`, content: 'x\n' }),
        slurp({ src: `${dir}/empty/.gitmodules` }),
        stat({ path: `${dir}/empty/a sub/inner` }),
      ],
      expect: ['changed', 'changed', 'ok', 'ok'],
      open: 1,
    },
    {
      name: 'what a fresh copy brings is open',
      tasks: (dir) => [
        git({ repo: up, dest: `${dir}/c` }),
        copy({ dest: `${dir}/c/f`, content: '2\n' }),
        slurp({ src: `${dir}/c/f` }),
        copy({ dest: `${dir}/c/.env`, content: 'x\n' }),
      ],
      expect: ['changed', 'ok', 'ok', 'changed'],
      open: 2,
    },
    {
      name: 'what an update brings is open',
      setup: `git clone -q ${up} c; git -C c reset -q --hard v1`,
      tasks: (dir) => [git({ repo: up, dest: `${dir}/c` }), slurp({ src: `${dir}/c/f` }), find({ paths: `${dir}/c` })],
      expect: ['changed', 'ok', 'ok'],
      open: 2,
    },
  ]);
});
