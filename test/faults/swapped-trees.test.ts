/**
 * Whole trees in a folder that somebody else owns, who exchanges what is in it for links while root works there: what
 * root writes, gives away, opens or removes never lies behind such a link. `PLAY_RACE_ROUNDS=200` for the long form.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tar } from '../../src/formats/archive/tar.ts';
import { file, git, pip, shell, sync, unarchive, user } from '../../src/resources/index.ts';
import { folder, useRaces, type Attack } from '../support/races.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const races = useRaces('swaptree1', ['unzip', 'zip', 'git']);
const dest = `${folder}/way/dest`;
const archive = join(temporaryFolder('race'), 'tree.tar');
const entry = (name: string, mode = '0644') => ({ name, mode, content: Buffer.from('new\n') });
writeFileSync(
  archive,
  tar([
    { name: 'sub', mode: '0755', content: Buffer.alloc(0), type: 'directory' },
    entry('one', '0666'),
    entry('sub/two', '0777'),
    entry('sub/deep/three'),
  ]),
);

const all = ['way', 'way/dest', 'way/dest/sub', 'way/dest/sub/deep', 'way/dest/one', 'way/dest/sub/two'];
const ownMode = { owner: 'mallory', group: 'mallory' };
const wanted = { 'one': 'new\n', 'sub/two': 'new\n', 'sub/deep/three': 'new\n' };

// What harms where root runs it.
const harm = 'echo ran >/srv/victims/ran';
const theirRepository = `rm -rf way/dest; git init -q way/dest; cd way/dest; git config user.email a@b; git config user.name n; echo x >f; echo "* filter=harm" >.gitattributes; git add .; git commit -qm 1
git config core.fsmonitor '${harm}; false'; git config filter.harm.smudge '${harm}; cat'; git config filter.harm.clean '${harm}; cat'; git config core.sshCommand '${harm}'; printf '#!/bin/sh\n${harm}\n' | tee .git/hooks/post-checkout >.git/hooks/reference-transaction; chmod +x .git/hooks/*; echo y >>f`;

const attacks: readonly Attack[] = [
  { name: 'sync with owner', paths: all, tasks: () => [sync({ dest, generated: wanted, ...ownMode, mode: '0666' })] },
  {
    name: 'sync into an empty folder',
    paths: ['way', 'way/dest'],
    layout: 'rm -r way/dest/*',
    tasks: () => [sync({ dest, generated: wanted, ...ownMode, mode: '0666' })],
  },
  {
    name: 'sync that sets modes alone',
    paths: all,
    tasks: () => [
      sync({
        dest,
        generated: { 'one': 'theirs\n', 'sub/two': 'theirs\n', 'sub/deep/three': 'theirs\n' },
        mode: '0666',
        directoryMode: '0777',
      }),
    ],
  },
  {
    name: 'sync with delete',
    paths: all,
    tasks: () => [sync({ dest, generated: { 'sub/other': 'new\n' }, delete: true })],
  },
  { name: 'unarchive with owner', paths: all, tasks: () => [unarchive({ src: archive, dest, ...ownMode })] },
  {
    name: 'unarchive of a tar there',
    paths: all,
    asRoot:
      'umask 077; mkdir -p /srv/archives/new/sub/deep; cd /srv/archives/new; echo new | tee one sub/two >sub/deep/three; tar -cf ../tree.tar .',
    tasks: () => [unarchive({ src: '/srv/archives/tree.tar', remoteSrc: true, dest, ...ownMode, mode: 'a+rwX' })],
  },
  {
    name: 'unarchive of a zip there',
    paths: all,
    asRoot:
      'umask 077; mkdir -p /srv/archives/new/sub/deep; cd /srv/archives/new; echo new | tee one sub/two >sub/deep/three; rm -f ../tree.zip; zip -qr ../tree.zip .',
    tasks: () => [unarchive({ src: '/srv/archives/tree.zip', remoteSrc: true, dest, ...ownMode, mode: 'a+rwX' })],
  },
  { name: 'permissions below a folder', paths: all, tasks: () => [file({ path: dest, recurse: true, mode: 'a+rwX' })] },
  {
    name: 'owners below a folder',
    paths: all,
    asRoot: 'chown -R root: way/dest/sub/deep',
    tasks: () => [file({ path: dest, recurse: true, ...ownMode })],
  },
  {
    name: 'a tree removed',
    paths: ['way', 'way/dest', 'way/dest/sub', 'way/dest/sub/deep'],
    tasks: () => [file({ path: dest, state: 'absent' })],
  },
  {
    name: 'nested folders',
    paths: ['way', 'way/dest', 'way/dest/sub'],
    layout: 'rm -r way/dest/*',
    tasks: () => [file({ path: `${dest}/sub/deep/more`, state: 'directory', ...ownMode, mode: '0777' })],
  },
  {
    name: 'a home removed',
    paths: ['way', 'way/dest', 'way/dest/sub'],
    asRoot: `id gone >/dev/null 2>&1 || useradd -M -d ${dest} gone; chown -R gone: way/dest`,
    tasks: () => [user({ name: 'gone', state: 'absent', remove: true })],
  },
  {
    name: 'owners of a new home',
    paths: ['way', 'way/dest'],
    asRoot: 'userdel fresh 2>/dev/null; rm -rf /home/fresh',
    tasks: () => [user({ name: 'fresh', home: `${dest}/home` })],
  },
  {
    name: 'git in a repository of theirs',
    paths: ['way/dest'],
    layout: theirRepository,
    tasks: () => [git({ repo: '/srv/upstream', dest })],
  },
  {
    name: 'git in a new folder of theirs',
    paths: ['way', 'way/dest'],
    layout: 'rm -r way/dest/*',
    tasks: () => [git({ repo: '/srv/upstream', dest: `${dest}/copy` })],
  },
  {
    name: 'a virtual environment of theirs',
    paths: ['way/dest'],
    layout: `mkdir -p way/dest/bin; printf '#!/bin/sh\\n%s\\n' '${harm}' >way/dest/bin/python; chmod +x way/dest/bin/python`,
    tasks: () => [pip({ virtualenv: dest, name: 'anything' })],
  },
  {
    name: 'a command in a folder',
    paths: ['way', 'way/dest', 'way/dest/sub'],
    tasks: () => [shell({ cmd: 'rm -f two; echo x >made', chdir: `${dest}/sub`, changes: 'always' })],
  },
];

beforeAll(
  async () =>
    void (await races.host.sh(
      'rm -rf /srv/upstream; git init -q /srv/upstream; cd /srv/upstream; git config user.email a@b; git config user.name n; echo 1 >f; git add f; git commit -qm 1',
    )),
);

test.each(attacks)(
  '$name',
  async (attack) => {
    const figures = await races.run(attack);
    expect(figures).toMatchObject({ lost: [] });
    expect(figures.swaps).toBeGreaterThan(0);
  },
  3_600_000,
);
