import { Secret } from '../../../src/secrets/index.ts';
import { copy, file, htpasswd } from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('correct horse battery staple', 'a test');

export const fileCases: readonly LawCase[] = [
  {
    name: 'a directory with all above it, each with the permissions asked for',
    tasks: (dir) => [file({ path: `${dir}/a/b/c`, state: 'directory', mode: '0750', owner: 'daemon', group: 'daemon' })],
    expect: ['changed'],
    afterwards: `for d in a a/b a/b/c; do [ "$(stat -c '%a %U %G' "$d")" = '750 daemon daemon' ]; done`,
  },
  {
    name: 'what stood above a new directory stays as it is',
    setup: 'mkdir -m 0700 a',
    tasks: (dir) => [file({ path: `${dir}/a/b`, state: 'directory', mode: '0755' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c %a a)" = 700 ]`,
  },
  {
    name: 'a directory through a link',
    setup: 'mkdir real; ln -s real link',
    tasks: (dir) => [file({ path: `${dir}/link`, state: 'directory', mode: '0700' }), file({ path: `${dir}/link/sub`, state: 'directory' })],
    expect: ['changed', 'changed'],
    afterwards: `[ -L link ]; [ "$(stat -c %a real)" = 700 ]; [ -d real/sub ]`,
  },
  {
    name: 'below a set-group-ID directory',
    setup: 'mkdir g; chgrp daemon g; chmod 2775 g',
    tasks: (dir) => [file({ path: `${dir}/g/a`, state: 'directory' }), copy({ dest: `${dir}/g/a/f`, content: 'x' }), file({ path: `${dir}/g/a/f`, group: 'daemon' }), file({ path: `${dir}/g`, state: 'directory', mode: '0775' })],
    expect: ['changed', 'changed', 'ok', 'changed'],
    afterwards: `[ "$(stat -c '%a %G' g/a)" = '2755 daemon' ]; [ "$(stat -c %a g)" = 775 ]`,
  },
  {
    name: 'a file where a directory shall be',
    setup: 'echo x >a',
    tasks: (dir) => [file({ path: `${dir}/a/b`, state: 'directory' })],
    expect: ['failed'], again: ['failed'], says: /is a file/,
  },
  {
    name: 'permissions of a whole tree, only where they are wrong',
    setup: 'mkdir -p t/a/b; echo 1 >t/a/f; echo 2 >t/a/b/g; chmod 0600 t/a/f; ln -s /etc/passwd t/l; chown -h daemon t/a',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'root', group: 'daemon' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U %G' t/a/f)" = '640 root daemon' ]; [ "$(stat -c '%a %U %G' t/a/b)" = '750 root daemon' ]; [ "$(stat -c %G t/l)" = daemon ]; [ "$(stat -c %G /etc/passwd)" = root ]`,
  },
  {
    name: 'an octal mode for a whole tree, set-user-ID bits and all',
    setup: 'mkdir -p t/a; touch t/s t/-n; chmod 4755 t/s; chmod 2755 t/a',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'directory', recurse: true, mode: '0755', owner: 'daemon' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' t/s)" = '755 daemon' ]; [ "$(stat -c %a t/a)" = 755 ]; [ "$(stat -c %a t/-n)" = 755 ]`,
  },
  {
    name: 'a tree counts what was planned into it before',
    setup: 'mkdir t; echo old >t/old',
    tasks: (dir) => [
      copy({ dest: `${dir}/t/new`, content: 'n', mode: '0600' }), copy({ dest: `${dir}/t/old`, content: 'o', owner: 'daemon' }), file({ path: `${dir}/t/sub`, state: 'directory' }),
      file({ path: `${dir}/t`, recurse: true, state: 'directory', owner: 'daemon' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
  },
  {
    name: 'nothing at a path any more: a file, a link, a tree, nothing',
    setup: 'echo x >f; mkdir -p t/a/b keep; echo y >t/a/b/c; ln -s ../keep t/out; ln -s keep l; touch keep/k',
    tasks: (dir) => ['f', 't', 'l', 'none'].map((name) => file({ path: `${dir}/${name}`, state: 'absent' })),
    expect: ['changed', 'changed', 'changed', 'ok'],
    afterwards: `[ "$(ls)" = keep ]; [ -e keep/k ]`,
  },
  {
    name: 'a tree removed and made anew is empty',
    setup: 'mkdir -p t/a; echo x >t/f',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'absent' }), file({ path: `${dir}/t/a`, state: 'directory' }), copy({ dest: `${dir}/t/f`, content: 'x\n' })],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed'],
  },
  {
    name: 'a mount point below is not crossed',
    setup: 'mkdir -p t/m; mountpoint -q t/m || mount -t tmpfs none t/m; touch t/m/precious',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'absent' })],
    expect: ['failed'], again: ['failed'], says: /mount point/,
    afterwards: `[ -e t/m/precious ]; umount t/m; mkdir -p t/m; mount -t tmpfs none t/m`,
  },
  {
    name: 'links, relative, absolute, dangling by force, and changed',
    setup: 'mkdir -p v1 v2; ln -s v1 current; echo x >f',
    tasks: (dir) => [
      file({ path: `${dir}/current`, state: 'link', src: 'v2' }), file({ path: `${dir}/abs`, state: 'link', src: `${dir}/f` }),
      file({ path: `${dir}/gone`, state: 'link', src: './no where\n', force: true, owner: 'daemon' }), file({ path: `${dir}/f2`, state: 'link', src: './v1/../f' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: `[ "$(readlink current)" = v2 ]; [ "$(cat abs)" = x ]; [ "$(stat -c %U gone)" = daemon ]; [ "$(readlink f2)" = ./v1/../f ]`,
  },
  {
    name: 'a file below a link that was planned before',
    setup: 'mkdir -p v1 v2; ln -s v1 current; echo old >v2/f; echo v1 >v1/f',
    tasks: (dir) => [file({ path: `${dir}/current`, state: 'link', src: 'v2' }), copy({ dest: `${dir}/current/f`, content: 'new\n' }), copy({ dest: `${dir}/current/g`, content: 'g\n' })],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ "$(cat v2/f)" = new ]; [ "$(cat v1/f)" = v1 ]; [ -e v2/g ]`,
  },
  { name: 'a file in the way of a link', setup: 'echo x >l; echo y >f', tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f' })], expect: ['failed'], again: ['failed'], says: /`force` replaces it/, afterwards: '[ -f l ]' },
  { name: 'a full directory in the way of a link, even by force', setup: 'mkdir l; echo y >f; echo z >l/z', tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f', force: true })], expect: ['failed'], again: ['failed'], says: /not empty/, afterwards: '[ -f l/z ]' },
  { name: 'a file and an empty directory replaced by links', setup: 'mkdir d; echo x >l; echo y >f', tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f', force: true }), file({ path: `${dir}/d`, state: 'link', src: 'f', force: true })], expect: ['changed', 'changed'], afterwards: '[ "$(cat l d)" = "y\ny" ]' },
  { name: 'bytes that are no text, given in base64', tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'AP8K/g==\n', encoding: 'base64', mode: '0600' })], expect: ['changed'], afterwards: `printf '\\000\\377\\n\\376' | cmp - f` },
  { name: 'a link to what a task before makes', tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), file({ path: `${dir}/l`, state: 'link', src: 'f' })], expect: ['changed', 'changed'] },
  { name: 'a link to nothing', setup: 'ln -s none there', tasks: (dir) => [file({ path: `${dir}/there`, state: 'link', src: 'none', force: true }), file({ path: `${dir}/l`, state: 'link', src: 'none' })], expect: ['ok', 'failed'], again: ['ok', 'failed'], says: /is not there: .*none; `force`/s },
  { name: 'a hard link', setup: 'echo x >f; echo y >other', tasks: (dir) => [file({ path: `${dir}/h`, state: 'hard', src: `${dir}/f`, mode: '0600' }), file({ path: `${dir}/other`, state: 'hard', src: `${dir}/f`, force: true })], expect: ['changed', 'changed'], afterwards: `[ h -ef f ]; [ other -ef f ]; [ "$(stat -c %a f)" = 600 ]` },
  { name: 'touch with times kept', tasks: (dir) => [file({ path: `${dir}/t`, state: 'touch', mode: '0600', accessTime: 'preserve', modificationTime: 'preserve' })], expect: ['changed'], afterwards: `[ "$(stat -c '%a %s' t)" = '600 0' ]` },
  { name: 'touch every time', setup: 'touch -d 2001-01-01 t', tasks: (dir) => [file({ path: `${dir}/t`, state: 'touch' })], expect: ['changed'], again: ['changed'], afterwards: `[ "$(find t -mmin -5)" = t ]` },
  { name: 'permissions of a file that is there', setup: 'echo x >f; chmod 4755 f; ln -s f l', tasks: (dir) => [file({ path: `${dir}/l`, owner: 'daemon', mode: 'u-s,go=' })], expect: ['changed'], afterwards: `[ "$(stat -c '%a %U' f)" = '700 daemon' ]; [ -L l ]` },
  { name: 'permissions of a file that is not', tasks: (dir) => [file({ path: `${dir}/f`, state: 'file', mode: '0600' })], expect: ['failed'], again: ['failed'], says: /is not there/ },
  {
    name: 'htpasswd: users added, kept, changed and removed, no hash in sight',
    setup: `printf '%s\\n' '# people' 'bob:$2y$04$GsL.u6j17Sh0HEHTEpVq9eZ9ReHRnFNHy0I36chuMZIYzEBiQ1Uxe' 'old:$apr1$x$yyyyyyyyyyyyyyyyyyyyyy' >p; chmod 0640 p`,
    tasks: (dir) => [htpasswd({ path: `${dir}/p`, users: [{ name: 'älice', password: secret }, { name: 'bob', password: 'other' }], exclusive: true, cost: 4 })],
    expect: ['changed'],
    hidden: ['correct horse', '$2y$', '$apr1$'],
    afterwards: `[ "$(wc -l <p)" = 3 ]; grep -q '^# people$' p; grep -q '^älice:[$]2y[$]04' p; [ "$(stat -c %a p)" = 640 ]; ! grep old p`,
  },
  { name: 'htpasswd: a new file', tasks: (dir) => [htpasswd({ path: `${dir}/p`, users: [{ name: 'a', password: secret }], mode: '0600', owner: 'daemon', cost: 4 })], expect: ['changed'], hidden: ['correct horse', '$2y$'], afterwards: `[ "$(stat -c '%a %U' p)" = '600 daemon' ]` },
];
