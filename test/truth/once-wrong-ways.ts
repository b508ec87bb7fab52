/** What check mode once told wrongly of links on the way and of what an account may do there, made small. */
import { quoted } from './host-states.ts';
import { Reading } from './round.ts';
import { dir, ignored, shell, type Told } from './told.ts';
import { task } from './world.ts';

export const ofWays: Readonly<Record<string, Told>> = {
  'what lies below goes only if the account may write at every level': {
    host: [
      'mkdir -p d/s/t d/v e/k e/u; echo x >d/v/f',
      'chgrp daemon d; chmod 2775 d; chown daemon e e/k; chmod 0777 e/u d/v; chmod +t d/v',
    ],
    tasks: [
      ignored(task('file', { path: `${dir}/d/s`, state: 'absent' }, { keywords: { becomeUser: 'daemon' } })),
      ignored(task('file', { path: `${dir}/d/v`, state: 'absent' }, { keywords: { becomeUser: 'daemon' } })),
      task('file', { path: `${dir}/d/s/t`, state: 'absent' }),
      task('file', { path: `${dir}/d/s`, state: 'absent' }, { keywords: { becomeUser: 'daemon', when: true } }),
      task('copy', { dest: `${dir}/e/k/f`, content: 'one\n' }),
      task('file', { path: `${dir}/e/u/n`, state: 'directory' }),
      task('file', { path: `${dir}/e/k`, mode: '0500' }),
      ignored(task('file', { path: `${dir}/e`, state: 'absent' }, { keywords: { becomeUser: 'daemon' } })),
      task('file', { path: `${dir}/e/k`, mode: '0700' }, { keywords: { when: true } }),
      task('file', { path: `${dir}/e`, state: 'absent' }, { keywords: { becomeUser: 'daemon', when: true } }),
    ],
  },
  'what lies below goes, where the way there is opened before': {
    host: [
      'mkdir -p c/d/s c/e/s; echo x >c/d/s/f; echo x >c/e/s/f; chown -R daemon c/e; chown daemon c/d; chmod 0700 c',
    ],
    tasks: [
      task('file', { path: `${dir}/c`, mode: '0755' }),
      ignored(task('file', { path: `${dir}/c/d/s`, state: 'absent' }, { keywords: { becomeUser: 'daemon' } })),
      task('file', { path: `${dir}/c/e/s`, state: 'absent' }, { keywords: { becomeUser: 'daemon' } }),
    ],
  },
  'links in folders that change hands, or are closed to others': {
    host: [
      'mkdir e d w; ln -s . e/l; ln -s "$PWD/none" e/dl; chgrp daemon e; chmod 2775 e',
      'echo x >w/f; chgrp daemon w; chmod 2775 w; ln -s ../w/f d/l',
    ],
    tasks: [
      ignored(task('slurp', { src: `${dir}/e/l/f` })),
      task('file', { path: `${dir}/e`, mode: '4755' }),
      ignored(task('copy', { dest: `${dir}/e/l/dl`, content: 'one\n' }, { keywords: { when: true } })),
      task('file', { path: `${dir}/d`, owner: 'daemon' }),
      ignored(task('slurp', { src: `${dir}/d/l` })),
    ],
  },
  'a link to nowhere in a folder that is touched': {
    host: ['mkdir d; ln -s "$PWD/none" d/l'],
    tasks: [
      task('file', { path: `${dir}/d`, state: 'touch' }, { again: true }),
      ignored(
        task(
          'file',
          { path: `${dir}/d/l`, group: 'adm' },
          { keywords: { when: new Reading('t1', ['failed'], 'not') } },
        ),
      ),
    ],
  },
  'a hard link in the place of a folder that is filled before': {
    host: ['mkdir e; ln -s e l; echo x >f'],
    tasks: [
      task('sync', { dest: `${dir}/l/s`, generated: { f: 'generated\n' } }),
      ignored(
        task('file', { path: `${dir}/e/s`, state: 'hard', src: `${dir}/f`, force: true }, { keywords: { when: true } }),
      ),
    ],
  },
  'an archive that a command may make, where nothing can be unpacked': {
    host: ['mkdir -p d e; echo x >e/a; ln -s ../e d/dl; chown daemon d'],
    tasks: [
      task('command', { cmd: 'true', changes: 'always' }, { again: true }),
      ignored(task('unarchive', { src: `${dir}/r.zip`, dest: `${dir}/e/a`, remoteSrc: true })),
      ignored(
        task('unarchive', { src: `${dir}/r.zip`, dest: `${dir}/d/dl`, remoteSrc: true }, { keywords: { when: true } }),
      ),
    ],
  },
  'two names that are one file by a link that is planned': {
    host: ['echo x >f'],
    tasks: [
      task('file', { path: `${dir}/l`, state: 'link', src: 'f' }),
      ignored(task('file', { path: `${dir}/f`, state: 'link', src: 'l', force: true }, { keywords: { when: true } })),
    ],
  },
  'a hard link by way of a link that turns': {
    host: ['mkdir -p d/s; echo x >d/s/k'],
    tasks: [
      task('file', { path: `${dir}/l2`, state: 'link', src: 'd' }),
      task(
        'file',
        { path: `${dir}/d/g`, state: 'hard', src: `${dir}/l2/s/k`, force: true },
        { keywords: { when: true } },
      ),
      task('file', { path: `${dir}/l2`, state: 'link', src: dir }, { keywords: { when: true } }),
    ],
  },
  'permissions of what is not theirs, nor open to them': {
    host: ['mkdir d; chmod 1777 d; echo x >d/f; chmod 0 d/f'],
    tasks: [ignored(task('file', { path: `${dir}/d/f`, mode: '0640' }, { keywords: { becomeUser: 'nobody' } }))],
  },
  'new times for what the account may not write to': {
    host: ['mkdir d e; chmod 777 e; echo x >d/f; echo x >e/w; chmod 666 e/w'],
    tasks: [
      ignored(
        task('file', { path: `${dir}/d/f`, state: 'touch' }, { again: true, keywords: { becomeUser: 'nobody' } }),
      ),
      task('file', { path: `${dir}/e/w`, state: 'touch' }, { again: true, keywords: { becomeUser: 'nobody' } }),
      ignored(
        task(
          'file',
          { path: `${dir}/e/w`, state: 'touch', modificationTime: 'preserve' },
          { again: true, keywords: { becomeUser: 'nobody' } },
        ),
      ),
      task('file', { path: `${dir}/d/f`, mode: '0666' }),
      task('file', { path: `${dir}/d/f`, state: 'touch' }, { again: true, keywords: { becomeUser: 'nobody' } }),
    ],
  },
  'a link in a folder that is closed before': {
    host: ['mkdir w; ln -s "$PWD" w/l'],
    tasks: [
      task('file', { path: `${dir}/w`, mode: '0664' }),
      ignored(task('copy', { dest: `${dir}/w/l/m`, content: 'x\n' }, { keywords: { becomeUser: 'daemon' } })),
    ],
  },
  'the size of a folder in which something is planned': {
    host: ["mkdir d 'e f'; echo x >d/f"],
    tasks: [
      task('copy', { dest: `${dir}/d/g`, content: 'one\n' }),
      task('copy', { dest: `${dir}/e f/g`, content: 'one\n' }),
      shell(`stat -c '%a %U %s' -- ${quoted(`${dir}/d`)}`),
      shell(`stat -c '%a %U %s' -- ${quoted(`${dir}/e f`)}/`),
      shell(`stat -c '%a %U %s' -- ${quoted(`${dir}/d/g`)}`),
      ...['t3', 't4', 't5'].map((one) => task('debug', { msg: new Reading(one, ['stdout']) })),
    ],
  },
};
