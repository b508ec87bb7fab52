/** What check mode once told wrongly of files, made small. */
import { quoted } from './host-states.ts';
import { Reading } from './round.ts';
import { served } from './sources.ts';
import { dir, ignored, origin, shell, type Told } from './told.ts';
import { task } from './world.ts';

export const ofFiles: Readonly<Record<string, Told>> = {
  'files of a list that change under other names': {
    host: ['mkdir -p d/s w', 'echo x >d/s/k', 'ln d/s/k w/h'],
    tasks: [
      task('file', { path: `${dir}/d`, recurse: true, mode: '0555' }),
      task('find', { paths: [`${dir}/w`] }),
      task('debug', { msg: new Reading('t2', ['files'], 'paths') }),
    ],
  },
  'hard links of what a link leads to': {
    host: ['echo x >f', 'ln -s f l', 'mkdir d', 'ln -s d dl'],
    tasks: [
      task('file', { path: `${dir}/h`, state: 'hard', src: `${dir}/l`, mode: '0664' }),
      ignored(task('file', { path: `${dir}/h2`, state: 'hard', src: `${dir}/dl` })),
    ],
  },
  'a written file that becomes another name of another': {
    host: ['echo x >f'],
    tasks: [
      task('copy', { dest: `${dir}/g`, content: 'one\n' }),
      task('file', { path: `${dir}/g`, state: 'hard', src: `${dir}/f`, force: true }, { keywords: { when: true } }),
      task('lineinfile', { path: `${dir}/g`, line: 'more' }),
    ],
  },
  'a name of a file that becomes another file': {
    host: ['echo x >k', 'ln k h'],
    tasks: [
      task('file', { path: `${dir}/n`, state: 'hard', src: `${dir}/h`, mode: '0640' }),
      task('copy', { dest: `${dir}/h`, content: 'one\n', mode: '0600' }),
      task('lineinfile', { path: `${dir}/k`, line: 'one' }),
      task('file', { path: `${dir}/k`, mode: 'o+r' }),
    ],
  },
  'a folder that an account may not enter any more': {
    host: ['mkdir -p d e', `ln -s "$PWD/d" e/l`, 'mkdir w; echo x >d/g; ln -s d/g g'],
    tasks: [
      task('file', { path: `${dir}/d`, mode: '0750' }),
      ignored(
        task(
          'command',
          { argv: ['touch', `${dir}/d/f`], creates: `${dir}/d/f` },
          { keywords: { becomeUser: 'daemon' } },
        ),
      ),
      ignored(
        task(
          'capabilities',
          { path: '/usr/bin/id', capability: 'cap_net_raw+ep' },
          { keywords: { becomeUser: 'daemon' } },
        ),
      ),
      ignored(task('slurp', { src: `${dir}/g` }, { keywords: { becomeUser: 'daemon' } })),
      task('file', { path: `${dir}/e/l`, state: 'link', src: '../w' }),
      ignored(task('copy', { dest: `${dir}/e/l/f`, content: 'x' }, { keywords: { becomeUser: 'daemon' } })),
    ],
  },
  'a directory that is made again where all was removed': {
    host: ['mkdir w', 'echo x >w/a', 'mkdir t t/s'],
    tasks: [
      task('file', { path: `${dir}/w`, state: 'absent' }),
      task('sync', { dest: `${dir}/w/m`, generated: { 's/gen': 'generated\n' } }, { keywords: { when: true } }),
      ignored(task('copy', { dest: `${dir}/w/m/s`, content: 'one\n' }, { keywords: { when: true } })),
      ignored(
        task('lineinfile', { path: `${dir}/w/m/s`, regexp: '^o', state: 'absent' }, { keywords: { when: true } }),
      ),
    ],
  },
  'a list of what is made below a link': {
    host: ['mkdir e', 'ln -s e l'],
    tasks: [
      task('copy', { dest: `${dir}/l/f`, content: 'one\n' }),
      task('acl', { path: `${dir}/l`, etype: 'user', entity: 'daemon', permissions: 'rwx', recursive: true }),
    ],
  },
  'a link to a link that is turned': {
    host: [
      'mkdir -p d/s e',
      'echo x >d/c',
      `ln -s "$PWD/e" d/dl`,
      `ln -s "$PWD/d/dl" d/s/dl`,
      'chgrp daemon d',
      'chmod 2775 d',
    ],
    tasks: [
      task('file', { path: `${dir}/d/dl`, state: 'link', src: 'c' }),
      ignored(task('file', { path: `${dir}/d/b`, state: 'hard', src: `${dir}/d/s/dl` })),
    ],
  },
  'files that get their list from their folder': {
    host: [
      'mkdir d e',
      'chgrp daemon e',
      'chmod 2775 e',
      'echo x >e/g; chmod 0 e/g; setfacl -m u:daemon:rwx e/g',
      'setfacl -d -m u:daemon:rw d e',
    ],
    tasks: [
      task('copy', { dest: `${dir}/d/f`, content: 'one\n' }),
      task('file', { path: `${dir}/d/f`, mode: 'u+x' }),
      task('copy', { dest: `${dir}/e/f`, content: 'one\n' }),
      task('file', { path: `${dir}/e/f`, mode: 'u+x' }),
      task('copy', { dest: `${dir}/e/g`, content: 'one\n', mode: '0000' }),
    ],
  },
  'a temporary file goes with its folder': {
    host: ['mkdir e', 'echo x >e/f'],
    tasks: [
      task('tempfile', { path: `${dir}/e` }, { again: true }),
      task('tempfile', { path: `${dir}/e` }, { again: true }),
      task('file', { path: `${dir}/e`, state: 'absent' }),
    ],
  },
  'a short history, then all of it': {
    host: origin,
    tasks: [
      task('git', { repo: `${dir}/origin`, dest: `${dir}/work`, version: 'main', depth: 1 }),
      task('git', { repo: `${dir}/origin`, dest: `${dir}/work`, version: 'main' }, { keywords: { when: true } }),
      task('slurp', { src: `${dir}/work/f` }),
    ],
  },
  'a folder mounted on itself, where another was': {
    uses: ['mounts'],
    host: ['mkdir d m'],
    tasks: [
      task('mount', { path: `${dir}/m`, src: `${dir}/d`, fstype: 'none', opts: 'bind', state: 'mounted' }),
      task(
        'mount',
        { path: `${dir}/m`, src: `${dir}/m`, fstype: 'none', opts: 'bind', state: 'mounted' },
        { keywords: { when: true } },
      ),
    ],
  },
  'a bind mount under another mount': {
    uses: ['mounts'],
    host: ['mkdir d m'],
    tasks: [
      task('mount', { path: `${dir}/m`, src: `${dir}/d`, fstype: 'none', opts: 'bind', state: 'mounted' }),
      ignored(task('mount', { path: `${dir}/m`, src: 'none', fstype: 'tmpfs', state: 'mounted' })),
    ],
  },
  'a download into an immutable folder': {
    host: ['mkdir d; echo one >d/f; chattr +i d'],
    tasks: [task('getUrl', { url: `${served}/empty`, dest: `${dir}/d/f`, force: true })],
  },
  'permissions of a folder that is made again after all was removed': {
    host: ['mkdir e; echo x >e/f; echo x >e/g; chown nobody e', 'ln -s e/f l'],
    tasks: [
      task('sync', { dest: dir, generated: { 's/gen': 'generated\n' }, delete: true }),
      task('file', { path: `${dir}/e`, state: 'directory' }),
      task('file', { path: `${dir}/e`, recurse: true, mode: '0775' }),
    ],
  },
  'a checkout into a folder that is made again': {
    host: [...origin, 'mkdir -p work/x'],
    tasks: [
      task('file', { path: `${dir}/work`, state: 'absent' }),
      task('file', { path: `${dir}/work`, state: 'directory' }),
      task('git', { repo: `${dir}/origin`, dest: `${dir}/work`, version: 'v1' }),
      task('find', { paths: [`${dir}/work`], recurse: true }),
    ],
  },
  'a checkout where a list of access control lets others write': {
    host: [...origin, 'mkdir -p d/e; setfacl -d -m u:daemon:rwx d; setfacl -d -m u:daemon:r d/e'],
    tasks: [
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/d/work` })),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/d/e/work` })),
      task('file', { path: `${dir}/d/new`, state: 'directory' }),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/d/new` })),
    ],
  },
  'a download by whom the folder is closed to, of what is not what it should be': {
    tasks: [
      ignored(
        task(
          'getUrl',
          { url: `${served}/empty`, dest: `${dir}/f`, checksum: `sha256:${'1'.repeat(64)}` },
          { keywords: { becomeUser: 'daemon' } },
        ),
      ),
    ],
  },
  'work in a folder that was closed meanwhile': {
    host: ['mkdir e; chown nobody e'],
    tasks: [
      task('file', { path: dir, mode: '0700', owner: 'daemon' }),
      ignored(
        task('copy', { dest: `${dir}/e/c`, content: 'one\n', owner: '4242' }, { keywords: { becomeUser: 'nobody' } }),
      ),
    ],
  },
  'work in a folder that is opened to an account, then closed': {
    host: ['mkdir -p d/e; echo x >d/e/f; chown -R daemon d/e; chmod 0700 d'],
    tasks: [
      task('file', { path: `${dir}/d`, mode: '0755' }),
      task('lineinfile', { path: `${dir}/d/e/f`, line: 'more' }, { keywords: { becomeUser: 'daemon' } }),
      task('file', { path: `${dir}/d`, mode: '0700' }, { keywords: { when: true } }),
      ignored(
        task('lineinfile', { path: `${dir}/d/e/f`, line: 'less' }, { keywords: { becomeUser: 'daemon', when: true } }),
      ),
    ],
  },
  'a link in the place of what it leads to': {
    host: ['echo x >f; ln -s f l; echo x >g; ln g h; mkdir e'],
    tasks: [
      ignored(task('file', { path: `${dir}/f`, state: 'link', src: 'f', force: true })),
      ignored(task('file', { path: `${dir}/f`, state: 'link', src: 'l', force: true }, { keywords: { when: true } })),
      task('file', { path: `${dir}/h`, state: 'link', src: 'g', force: true }, { keywords: { when: true } }),
      ignored(task('file', { path: `${dir}/e`, state: 'link', src: `${dir}/e`, force: true })),
    ],
  },
  'two names by a bind mount': {
    uses: ['mounts'],
    host: ['mkdir -p d/s m; echo x >d/s/f', 'ln -s ../f d/s/l', 'mount --bind d/s m'],
    tasks: [
      task('file', { path: `${dir}/d/s/l`, state: 'absent' }),
      task('file', { path: `${dir}/m/l`, state: 'link', src: 'f' }),
      task('lineinfile', { path: `${dir}/m/f`, line: 'one' }),
      task('slurp', { src: `${dir}/d/s/l` }),
      task('find', { paths: [dir], recurse: true }),
      task('debug', { msg: new Reading('t5', ['files'], 'paths') }),
      shell(`cat ${quoted(`${dir}/m/f`)}`),
      task('mount', { path: `${dir}/m`, state: 'unmounted' }, { again: true }),
      task('copy', { dest: `${dir}/d/s/f`, content: 'two\n' }, { keywords: { when: true } }),
    ],
  },
  'paths in what the host answers': {
    uses: ['mounts'],
    host: [...origin, 'mkdir e bound w; mount --bind e bound; chown nobody w; ln -s w l'],
    tasks: [
      task('copy', { dest: `${dir}/a`, content: 'one\n' }),
      ignored(task('file', { path: `${dir}/bound`, state: 'absent' })),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/l/b` })),
    ],
  },
  'a checkout behind links, on whose way a folder is opened or changes hands': {
    host: [...origin, 'mkdir -p x/w y z; ln -s x/w l; ln -s y m; ln -s z n; chown nobody z'],
    tasks: [
      task('file', { path: `${dir}/x`, mode: '0777' }),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/l/b` })),
      task('file', { path: `${dir}/y`, owner: 'daemon' }),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/m/b` })),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/n/b` })),
    ],
  },
  'a link that another account could turn, where nothing is due behind it': {
    host: ['mkdir -p d w; chown daemon d; setfacl -m g:daemon:rx w'],
    tasks: [
      task('file', { path: `${dir}/d/l`, state: 'link', src: '../w' }),
      ignored(task('acl', { path: `${dir}/d/l`, etype: 'group', entity: 'daemon', permissions: 'rX' })),
    ],
  },
  'why a path leads nowhere': {
    host: ['mkdir -p d/s e', 'chgrp daemon d; chmod 2775 d', 'ln -s .. e/l', 'mkdir w; chown daemon w'],
    tasks: [
      task('file', { path: `${dir}/d/l`, state: 'link', src: `${dir}/d` }),
      ignored(task('file', { path: `${dir}/d/l/h`, state: 'hard', src: `${dir}/none` })),
      ignored(task('copy', { dest: `${dir}/e/l/e/l`, content: 'one\n' })),
      task('command', { argv: ['mkdir', `${dir}/w/b`], creates: `${dir}/w/b` }),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/w/b` })),
    ],
  },
  'lines of what a command makes': {
    tasks: [
      task('shell', { cmd: 'echo new >g', chdir: dir, creates: `${dir}/g` }),
      task('lineinfile', { path: `${dir}/g`, line: 'one', create: true }),
      task('lineinfile', { path: `${dir}/g`, line: 'two' }),
    ],
  },
  'a link to itself': {
    host: ['mkdir d'],
    tasks: [
      task('file', { path: `${dir}/a`, state: 'link', src: `${dir}/a`, force: true }),
      ignored(task('copy', { dest: `${dir}/a/b`, content: 'one\n' })),
    ],
  },
  'links that lead nowhere': {
    host: ['ln -s none l', 'ln -s none/f l2'],
    tasks: [
      task('copy', { dest: `${dir}/a`, content: 'one\n' }),
      ignored(task('slurp', { src: `${dir}/l` })),
      ignored(task('file', { path: `${dir}/l2`, state: 'touch' })),
    ],
  },
  'mounts, looked at where planned files are in place': {
    host: ['mkdir m'],
    tasks: [task('copy', { dest: `${dir}/a`, content: 'one\n' }), shell(`findmnt -no FSTYPE -T '/srv/truth'; cat a`)],
  },
  'a link that a mount would hide': {
    uses: ['mounts'],
    host: ['mkdir w', 'ln -s ../w w/l', 'mkdir -p d/s'],
    tasks: [
      ignored(task('mount', { path: `${dir}/w/l`, state: 'ephemeral', src: 'none', fstype: 'tmpfs' })),
      task('file', { path: `${dir}/d/s/a`, state: 'link', src: dir }),
      ignored(task('mount', { path: `${dir}/d/s/a/d`, state: 'ephemeral', src: 'none', fstype: 'tmpfs' })),
    ],
  },
  'odd names in folders that nobody may enter': {
    host: ['mkdir d; chmod 0700 d'],
    tasks: [`it's`, 'q \'u" é', 'plain'].map((name) =>
      ignored({
        ...task('blockinfile', { path: `${dir}/d/${name}`, block: 'b1' }),
        keywords: { becomeUser: 'daemon' },
      }),
    ),
  },
  'a directory where a file is asked for': {
    tasks: [
      task('file', { path: `${dir}/s`, state: 'directory' }),
      ignored(task('lineinfile', { path: `${dir}/s`, line: 'x' })),
      ignored(task('slurp', { src: `${dir}/s` })),
    ],
  },
  'access control lists': {
    host: ['mkdir -p d/s w', 'echo x >d/f', 'chmod 0755 d'],
    tasks: [
      task('acl', { path: `${dir}/d`, etype: 'user', entity: 'daemon', permissions: 'rwx', recursive: true }),
      task('file', { path: `${dir}/d`, mode: '0600' }),
      task('file', { path: `${dir}/d/f`, mode: '0640' }),
      ignored({
        ...task('acl', { path: `${dir}/w`, etype: 'group', permissions: 'rwx', default: true }),
        keywords: { becomeUser: 'daemon' },
      }),
      ignored({
        ...task('acl', { path: `${dir}/w`, etype: 'group', permissions: 'rwx', recursive: true }),
        keywords: { becomeUser: 'daemon' },
      }),
    ],
  },
};
