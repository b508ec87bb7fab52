import {
  blockinfile,
  copy,
  debug,
  file,
  htpasswd,
  lineinfile,
  slurp,
  stat,
  sync,
} from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('correct horse battery staple', 'a test');

export const fileCases: readonly LawCase[] = [
  {
    name: 'flags of files, and a file that is immutable but for its own task',
    setup: `touch f; chmod 0600 f; chattr +i f; printf x >w; chattr +i w; mkdir d; chattr +A d`,
    tasks: (dir) => [
      file({ path: `${dir}/f`, attributes: '+i', mode: '0640' }),
      copy({ dest: `${dir}/new`, content: 'new', attributes: '+ad' }),
      copy({ dest: `${dir}/w`, content: 'z', attributes: '+i', mode: '0600' }),
      file({ path: `${dir}/d`, attributes: '=d' }),
      file({ path: `${dir}/d`, attributes: 'de' }),
      ...['f', 'new', 'w'].map((name) => file({ path: `${dir}/${name}`, attributes: '-ia', owner: 'daemon' })),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'ok', 'changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed', 'ok', 'ok', 'changed', 'changed', 'changed'],
    afterwards: `set -e; [ "$(stat -c '%a %U' f)" = '640 daemon' ]; [ "$(cat w)" = z ]; lsattr new | grep -q '^[^ ]*d'; ! lsattr f new w | grep -q '^[^ ]*[ia]'; lsattr -d d | grep -q '^[^ ]*d'; ! lsattr -d d | grep -q '^[^ ]*A'`,
  },
  {
    name: "times of one's own, and a link that is not followed",
    setup: `touch f; ln -s f l; chown -h daemon l; mkdir d; touch w; touch -d @7 t "odd -n 'é"`,
    tasks: (dir) => [
      file({ path: `${dir}/l`, follow: false, group: 'daemon', owner: 'root' }),
      file({ path: `${dir}/t`, modificationTime: '1970-01-01T00:00:07Z' }),
      file({ path: `${dir}/odd -n 'é`, modificationTime: '202701311200.07', accessTime: '2027-01-31T12:00:00Z' }),
      copy({ dest: `${dir}/d/x`, content: 'x' }),
      file({ path: `${dir}/d`, state: 'directory', modificationTime: '2020-02-29T00:00:00Z' }),
      file({ path: `${dir}/d`, modificationTime: '2020-02-29T00:00:00Z' }),
      file({ path: `${dir}/fresh`, state: 'touch', modificationTime: '2020-02-29T00:00:00Z', accessTime: 'preserve' }),
      copy({ dest: `${dir}/w`, content: 'y' }),
      file({ path: `${dir}/w`, modificationTime: '2020-02-29 00', modificationTimeFormat: '%F %H' }),
    ],
    expect: ['changed', 'ok', 'changed', 'changed', 'changed', 'ok', 'changed', 'changed', 'changed'],
    afterwards: `set -e; [ "$(stat -c %U:%G l)" = root:daemon ]; [ "$(stat -c %G f)" = root ]; [ "$(stat -c %Y d fresh w | xargs)" = '1582934400 1582934400 1582934400' ]`,
  },
  {
    name: 'a directory with all above it, each with the permissions asked for',
    tasks: (dir) => [
      file({ path: `${dir}/a/b/c`, state: 'directory', mode: '0750', owner: 'daemon', group: 'daemon' }),
    ],
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
    tasks: (dir) => [
      file({ path: `${dir}/link`, state: 'directory', mode: '0700' }),
      file({ path: `${dir}/link/sub`, state: 'directory' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ -L link ]; [ "$(stat -c %a real)" = 700 ]; [ -d real/sub ]`,
  },
  {
    name: 'below a set-group-ID directory',
    setup: 'mkdir g; chgrp daemon g; chmod 2775 g',
    tasks: (dir) => [
      file({ path: `${dir}/g/a`, state: 'directory' }),
      copy({ dest: `${dir}/g/a/f`, content: 'x' }),
      file({ path: `${dir}/g/a/f`, group: 'daemon' }),
      file({ path: `${dir}/g`, state: 'directory', mode: '0775' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed'],
    afterwards: `[ "$(stat -c '%a %G' g/a)" = '2755 daemon' ]; [ "$(stat -c %a g)" = 775 ]`,
  },
  {
    name: 'a file where a directory shall be',
    setup: 'echo x >a',
    tasks: (dir) => [file({ path: `${dir}/a/b`, state: 'directory' })],
    expect: ['failed'],
    again: ['failed'],
    says: /is a file/,
  },
  {
    name: 'permissions of a whole tree, only where they are wrong',
    setup:
      'mkdir -p t/a/b; echo 1 >t/a/f; echo 2 >t/a/b/g; chmod 0600 t/a/f; ln -s /etc/passwd t/l; chown -h daemon t/a',
    tasks: (dir) => [
      file({
        path: `${dir}/t`,
        state: 'directory',
        recurse: true,
        mode: 'u=rwX,g=rX,o=',
        owner: 'root',
        group: 'daemon',
      }),
    ],
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
    name: 'trees in a folder of somebody else, who could swap what is in it',
    setup: `mkdir -p d/t/sub/deep d/s/n d/s/old/x d/gone/x; for i in 1 2 3 4 5 6 7; do touch "d/t/f $i" "d/t/sub/deep/-$i" "d/gone/x/$i"; done; touch "d/t/sub/a
b" d/s/n/b d/s/old/x/y; ln -s /etc/hosts d/t/l; ln -s /etc d/gone/l; chmod 0600 d/t/sub/a*; chown -hR daemon d; chown root d/t/sub/deep`,
    tasks: (dir) => [
      file({
        path: `${dir}/d/t`,
        state: 'directory',
        recurse: true,
        owner: 'bin',
        group: 'bin',
        mode: 'u=rwX,g=rwX,o=',
      }),
      sync({
        dest: `${dir}/d/s`,
        generated: { 'a': 'x\n', 'n/c': 'y\n', 'm/d': 'z\n' },
        delete: true,
        owner: 'games',
        mode: '0640',
      }),
      file({ path: `${dir}/d/gone`, state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ -z "$(find d/t ! -user bin -o ! -group bin)" ]; [ "$(stat -c '%a %U' "d/t/f 7" d/t/sub/a* d/t/sub d/t/sub/deep/-1 | xargs)" = '660 bin 660 bin 770 bin 660 bin' ]; [ "$(stat -c %U:%G /etc/hosts)" = root:root ]; [ "$(cd d/s; find . -type f -user games | sort | xargs)" = './a ./m/d ./n/c' ]; [ ! -e d/gone ]; [ -d /etc ]`,
  },
  {
    name: 'a tree counts what was planned into it before',
    setup: 'mkdir t; echo old >t/old',
    tasks: (dir) => [
      copy({ dest: `${dir}/t/new`, content: 'n', mode: '0600' }),
      copy({ dest: `${dir}/t/old`, content: 'o', owner: 'daemon' }),
      file({ path: `${dir}/t/sub`, state: 'directory' }),
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
    tasks: (dir) => [
      file({ path: `${dir}/t`, state: 'absent' }),
      file({ path: `${dir}/t/a`, state: 'directory' }),
      copy({ dest: `${dir}/t/f`, content: 'x\n' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed'],
  },
  {
    name: 'a mount point below is not crossed',
    setup: 'mkdir -p t/m; mountpoint -q t/m || mount -t tmpfs none t/m; touch t/m/precious',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'absent' })],
    expect: ['failed'],
    again: ['failed'],
    says: /mount point/,
    afterwards: `[ -e t/m/precious ]; umount t/m; mkdir -p t/m; mount -t tmpfs none t/m`,
  },
  {
    name: 'links, relative, absolute, dangling by force, and changed',
    setup: 'mkdir -p v1 v2; ln -s v1 current; echo x >f',
    tasks: (dir) => [
      file({ path: `${dir}/current`, state: 'link', src: 'v2' }),
      file({ path: `${dir}/abs`, state: 'link', src: `${dir}/f` }),
      file({ path: `${dir}/gone`, state: 'link', src: './no where\n', force: true, owner: 'daemon' }),
      file({ path: `${dir}/f2`, state: 'link', src: './v1/../f' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: `[ "$(readlink current)" = v2 ]; [ "$(cat abs)" = x ]; [ "$(stat -c %U gone)" = daemon ]; [ "$(readlink f2)" = ./v1/../f ]`,
  },
  {
    name: 'a file below a link that was planned before',
    setup: 'mkdir -p v1 v2; ln -s v1 current; echo old >v2/f; echo v1 >v1/f',
    tasks: (dir) => [
      file({ path: `${dir}/current`, state: 'link', src: 'v2' }),
      copy({ dest: `${dir}/current/f`, content: 'new\n' }),
      copy({ dest: `${dir}/current/g`, content: 'g\n' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ "$(cat v2/f)" = new ]; [ "$(cat v1/f)" = v1 ]; [ -e v2/g ]`,
  },
  {
    name: 'a file in the way of a link',
    setup: 'echo x >l; echo y >f',
    tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f' })],
    expect: ['failed'],
    again: ['failed'],
    says: /`force` replaces it/,
    afterwards: '[ -f l ]',
  },
  {
    name: 'a full directory in the way of a link, even by force',
    setup: 'mkdir l; echo y >f; echo z >l/z',
    tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f', force: true })],
    expect: ['failed'],
    again: ['failed'],
    says: /not empty/,
    afterwards: '[ -f l/z ]',
  },
  {
    name: 'a file and an empty directory replaced by links',
    setup: 'mkdir d; echo x >l; echo y >f',
    tasks: (dir) => [
      file({ path: `${dir}/l`, state: 'link', src: 'f', force: true }),
      file({ path: `${dir}/d`, state: 'link', src: 'f', force: true }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(cat l d)" = "y\ny" ]',
  },
  {
    name: 'bytes that are no text, given in base64',
    tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'AP8K/g==\n', encoding: 'base64', mode: '0600' })],
    expect: ['changed'],
    afterwards: `printf '\\000\\377\\n\\376' | cmp - f`,
  },
  {
    name: 'a link to what a task before makes',
    tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), file({ path: `${dir}/l`, state: 'link', src: 'f' })],
    expect: ['changed', 'changed'],
  },
  {
    name: 'a link in a set-group-ID directory has its group',
    setup: 'mkdir g; chgrp daemon g; chmod 2775 g; touch f',
    tasks: (dir) => {
      const made = stat({ path: `${dir}/g/l` });
      return [
        file({ path: `${dir}/g/l`, state: 'link', src: '../f' }),
        made,
        debug({ msg: ({ results }) => `${results(made).stat.gid} ${results(made).stat.grName}` }),
      ];
    },
    expect: ['changed', 'ok', 'ok'],
    afterwards: '[ "$(stat -c %G g/l)" = daemon ]',
  },
  {
    name: 'a link that would lead through itself',
    setup: 'mkdir d; touch d/f; ln -s d l',
    tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'l/f' })],
    expect: ['failed'],
    again: ['failed'],
    says: /would point to itself/,
  },
  {
    name: 'a link to nothing',
    setup: 'ln -s none there',
    tasks: (dir) => [
      file({ path: `${dir}/there`, state: 'link', src: 'none', force: true }),
      file({ path: `${dir}/l`, state: 'link', src: 'none' }),
    ],
    expect: ['ok', 'failed'],
    again: ['ok', 'failed'],
    says: /does not exist: .*none$/s,
  },
  {
    name: 'a hard link',
    setup: 'echo x >f; echo y >other',
    tasks: (dir) => [
      file({ path: `${dir}/h`, state: 'hard', src: `${dir}/f`, mode: '0600' }),
      file({ path: `${dir}/other`, state: 'hard', src: `${dir}/f`, force: true }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ h -ef f ]; [ other -ef f ]; [ "$(stat -c %a f)" = 600 ]`,
  },
  {
    name: 'touch with times kept',
    tasks: (dir) => [
      file({ path: `${dir}/t`, state: 'touch', mode: '0600', accessTime: 'preserve', modificationTime: 'preserve' }),
    ],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %s' t)" = '600 0' ]`,
  },
  {
    name: 'a whole tree, then tasks about paths and folders of it',
    setup:
      'mkdir -p t/sub; echo 1 >t/1; echo 2 >t/sub/2; chmod 0600 t/1 t/sub/2; echo x >t/x; chmod 4755 t/x; ln -s 1 t/l; ln -s t lt',
    tasks: (dir) => [
      file({ path: `${dir}/t`, recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'daemon' }),
      file({ path: `${dir}/t/1`, mode: '0640', owner: 'daemon' }),
      file({ path: `${dir}/t/sub`, recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'daemon' }),
      copy({ dest: `${dir}/t/sub/2`, content: '2\n', mode: '0640', owner: 'daemon' }),
      copy({ dest: `${dir}/t/sub/new`, content: 'new\n' }),
      file({ path: `${dir}/t`, recurse: true, owner: 'daemon', group: 'games' }),
      file({ path: `${dir}/t/sub/new`, group: 'games', mode: '0644' }),
      file({ path: `${dir}/t/x`, owner: 'daemon', mode: '0750' }),
      file({ path: `${dir}/t/sub`, recurse: true, owner: 'daemon', group: 'games' }),
    ],
    expect: ['changed', 'ok', 'ok', 'ok', 'changed', 'changed', 'ok', 'ok', 'ok'],
    again: ['changed', 'ok', 'ok', 'ok', 'ok', 'ok', 'changed', 'ok', 'ok'],
  },
  {
    name: 'a tree that is given away loses what sets IDs, and later tasks know',
    setup: 'mkdir -p t; for m in 4755 2755 2644 6711; do echo x >t/$m; chmod $m t/$m; done; mkdir t/d; chmod 2775 t/d',
    tasks: (dir) => [
      file({ path: `${dir}/t`, recurse: true, owner: 'daemon' }),
      ...[
        ['4755', '0755'],
        ['2755', '0755'],
        ['2644', '2644'],
        ['6711', '0711'],
        ['d', '2775'],
      ].map(([name = '', mode = '']) => file({ path: `${dir}/t/${name}`, mode })),
    ],
    expect: ['changed', 'ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    name: 'touch every time',
    setup: 'touch -d 2001-01-01 t',
    tasks: (dir) => [file({ path: `${dir}/t`, state: 'touch' })],
    expect: ['changed'],
    again: ['changed'],
    afterwards: `[ "$(find t -mmin -5)" = t ]`,
  },
  {
    name: 'permissions of a file that is there',
    setup: 'echo x >f; chmod 4755 f; ln -s f l',
    tasks: (dir) => [file({ path: `${dir}/l`, owner: 'daemon', mode: 'u-s,go=' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' f)" = '700 daemon' ]; [ -L l ]`,
  },
  {
    name: 'permissions of a file that is not',
    tasks: (dir) => [file({ path: `${dir}/f`, state: 'file', mode: '0600' })],
    expect: ['failed'],
    again: ['failed'],
    says: /is not there/,
  },
  // What nothing can be renamed over.
  {
    name: 'files that are mount points are written in place, and keep what they are',
    setup:
      'echo one >src; echo old >src2; chmod 0640 src; touch f g h; mount --bind src f; mount --bind src2 g; mount --bind src2 h',
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, line: 'two' }),
      copy({ dest: `${dir}/g`, content: 'new\n', mode: '0600', owner: 'daemon', backup: true }),
      file({ path: `${dir}/h`, state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'failed'],
    says: /h is a mount point, which cannot be removed/,
    afterwards: `set -e; [ "$(cat src)" = "one\ntwo" ]; [ "$(stat -c %a src)" = 640 ]; [ "$(cat src2)" = new ]; [ "$(stat -c '%a %U' src2)" = '600 daemon' ]; [ "$(cat g.*~)" = old ]; mountpoint -q f; mountpoint -q g; mountpoint -q h`,
  },
  {
    name: 'what is mounted there is not made a link',
    setup: 'echo x >src; touch f; mount --bind src f',
    tasks: (dir) => [file({ path: `${dir}/f`, state: 'link', src: 'src', force: true })],
    expect: ['failed'],
    again: ['failed'],
    says: /mount point/,
    afterwards: '[ -f f ]; umount f; mount --bind src f',
  },
  ...(
    [
      [
        'an immutable file is not written',
        'echo x >f; chattr +i f',
        'f',
        /f is immutable; take that off first: chattr -i/,
      ],
      ['an append-only file is not replaced', 'echo x >f; chattr +a f', 'f', /f is append-only/],
      ['nothing is made in an immutable folder', 'mkdir d; chattr +i d', 'd/f', /the folder .*d is immutable/s],
      [
        'nothing is made on a read-only file system',
        'mkdir d; mount -t tmpfs -o ro none d',
        'd/f',
        /read-only file system/,
      ],
      ['nothing is made below a link that points nowhere', 'ln -s none d', 'd/a/f', /d is a link that points nowhere/],
      ['nothing is made below a file', 'echo x >d', 'd/a/f', /d is a file/],
    ] as const
  ).map(([name, setup, path, says]): LawCase => ({
    name,
    setup,
    tasks: (dir) => [copy({ dest: `${dir}/${path}`, content: 'new\n' })],
    expect: ['failed'],
    again: ['failed'],
    says,
  })),
  ...(
    [
      ['mode', (path: string) => file({ path, mode: '0600' })],
      ['removal', (path: string) => file({ path, state: 'absent' })],
      ['link', (path: string) => file({ path, state: 'link', src: '/etc/passwd', force: true })],
      ['times', (path: string) => file({ path, state: 'touch' })],
      ['edit', (path: string) => blockinfile({ path, block: 'b' })],
    ] as const
  ).map(([name, task]): LawCase => ({
    name: `an immutable file: ${name}`,
    setup: 'echo x >f; chattr +i f',
    tasks: (dir) => [task(`${dir}/f`)],
    expect: ['failed'],
    again: ['failed'],
    says: /is immutable/,
  })),
  {
    name: 'a file in an immutable folder is written in place',
    setup: 'mkdir d; echo x >d/f; chattr +i d',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/f`, content: 'new\n' }),
      file({ path: `${dir}/d/f`, mode: '0600' }),
      file({ path: `${dir}/d/s`, state: 'directory' }),
    ],
    expect: ['changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'failed'],
    says: /the folder .*d is immutable/s,
    afterwards: '[ "$(cat d/f)" = new ]',
  },
  // A checker sees the new file in its place, in a run as in check mode.
  ...(
    [
      ['its name', 'case %s in *.conf) ;; *) exit 1;; esac', 'changed'],
      ['its path', 'cmp %s app.conf', 'changed'],
      ['its neighbours', 'cat *.conf | grep -q "^bad" && exit 1; : %s', 'failed'],
      ['scratch files', 't=$(mktemp) && echo x >"$t" && rm "$t" && : %s', 'changed'],
      ['its owner and mode', '[ "$(stat -c "%%a %%U" %s)" = "640 daemon" ]', 'changed'],
      ['the environment', '[ "$MOOD" = good ] && : %s', 'changed'],
      ['nothing on stdin', '[ -z "$(cat)" ] && : %s', 'changed'],
      ['a tool that is not there', 'no-such-tool %s', 'failed'],
    ] as const
  ).map(([name, validate, status]): LawCase => ({
    name: `a checker that looks at ${name}`,
    setup: 'echo old >app.conf; echo other >other.conf',
    tasks: (dir) => [
      copy(
        {
          dest: `${dir}/app.conf`,
          content: status === 'failed' ? 'bad\n' : 'good\n',
          mode: '0640',
          owner: 'daemon',
          validate: `cd '${dir.replaceAll("'", `'\\''`)}'; ${validate.replaceAll('%%', '%')}`,
        },
        { environment: { MOOD: 'good' } },
      ),
    ],
    expect: [status],
    ...(status === 'failed' ? { again: ['failed'], says: /is refused by: cd/ } : {}),
    afterwards: `[ "$(cat app.conf)" = ${status === 'failed' ? 'old' : 'good'} ]; [ "$(ls -A | wc -l)" = 2 ]`,
  })),
  {
    name: 'a checker sees what is mounted around the new file, and a bound file in its place',
    setup: 'mkdir m; mount -t tmpfs none m; echo keep >m/keep; echo old >src; touch bound; mount --bind src bound',
    tasks: (dir) => [
      copy({ dest: `${dir}/m/new`, content: 'new\n', validate: '[ "$(cat "$(dirname %s)/keep" %s)" = "keep\nnew" ]' }),
      copy({
        dest: `${dir}/bound`,
        content: 'new\n',
        validate: '[ "$(cat "$(dirname %s)/bound" "$(dirname %s)/m/keep")" = "new\nkeep" ]',
      }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(cat src m/new)" = "new\nnew" ]; mountpoint -q bound',
  },
  {
    name: 'a checker of a file right below the root, over which there can be no view: check mode leaves it alone',
    setup: 'rm -f /of-laws.conf',
    tasks: () => [copy({ dest: '/of-laws.conf', content: 'x\n', validate: 'grep -q x %s' })],
    expect: ['changed'],
    open: 1,
  },
  {
    name: 'a checker of who may not have a view of their own: beside its place, under a name that ends as its own',
    setup: 'mkdir d; chown daemon d; chmod 0711 .. .',
    tasks: (dir) => [
      copy(
        {
          dest: `${dir}/d/a.conf`,
          content: 'good\n',
          validate: 'case %s in */d/.play-*-a.conf) grep -q good %s;; *) exit 1;; esac',
        },
        { become: true, becomeUser: 'daemon' },
      ),
      copy(
        { dest: `${dir}/d/b.conf`, content: 'bad\n', validate: 'grep -q good %s' },
        { become: true, becomeUser: 'daemon' },
      ),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /b.conf is refused by: grep -q good %s/,
    open: 2,
    afterwards: '[ "$(ls -A d)" = a.conf ]',
  },
  // Where a file goes.
  {
    name: 'into a directory by the name of the source: one that is there, one by a link, one that a slash asks for',
    setup: 'mkdir there; ln -s there link',
    tasks: (dir) => [
      copy({ src: '/etc/hostname', dest: `${dir}/link` }),
      copy({ src: '/etc/hostname', dest: `${dir}/new/sub/`, mode: '0600' }),
      file({ path: `${dir}/planned`, state: 'directory' }),
      copy({ src: '/etc/hostname', dest: `${dir}/planned` }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: `set -e; [ -f there/hostname ]; [ "$(stat -c %a new/sub/hostname)" = 600 ]; [ "$(stat -c %a new/sub)" = 755 ]; [ -f planned/hostname ]; [ -L link ]`,
  },
  {
    name: 'files that are there already, and links in the place of files',
    setup: 'echo theirs >f; chmod 0600 f; ln -s gone dangling; echo old >real; ln -s real link; ln -s made new',
    tasks: (dir) => [
      copy({ dest: `${dir}/f`, content: 'ours', mode: '0644', force: false }),
      copy({ dest: `${dir}/dangling`, content: 'ours', force: false }),
      copy({ dest: `${dir}/none`, content: 'ours', force: false }),
      copy({ dest: `${dir}/link`, content: 'new\n', mode: '0640', follow: true }),
      copy({ dest: `${dir}/new`, content: 'n', follow: true }),
      copy({ src: '/etc/passwd', dest: `${dir}/d/e/`, directoryMode: '0700', mode: 'preserve', owner: 'daemon' }),
    ],
    expect: ['ok', 'ok', 'changed', 'changed', 'changed', 'changed'],
    afterwards: `set -e; [ "$(cat f)" = theirs ]; [ "$(stat -c %a f d d/e d/e/passwd | xargs)" = '600 700 700 644' ]; [ "$(stat -c %U d d/e d/e/passwd | xargs)" = 'daemon daemon daemon' ]; [ -L dangling ]; [ ! -e gone ]; [ "$(cat none)" = ours ]; [ -L link ]; [ "$(cat real)" = new ]; [ "$(stat -c %a real)" = 640 ]; [ "$(cat made)" = n ]`,
  },
  {
    name: 'files of the host, small and large, with odd names and through links',
    setup: `printf 'a\n' >'-a b'; chmod 0750 -- '-a b'; ln -s -- '-a b' l; head -c 3000000 /dev/zero | tr '\\0' x >large; cp large same; echo old >over; chown daemon over; mkdir d`,
    tasks: (dir) => [
      copy({ src: `${dir}/-a b`, remoteSrc: true, dest: `${dir}/small`, mode: 'preserve' }),
      copy({ src: `${dir}/l`, remoteSrc: true, dest: `${dir}/d` }),
      copy({
        src: `${dir}/large`,
        remoteSrc: true,
        dest: `${dir}/new
line`,
        mode: '0600',
        owner: 'daemon',
      }),
      copy({ src: `${dir}/large`, remoteSrc: true, dest: `${dir}/over`, backup: true }),
      copy({ src: `${dir}/large`, remoteSrc: true, dest: `${dir}/same` }),
      copy({ dest: `${dir}/planned`, content: 'p' }),
      copy({ src: `${dir}/planned`, remoteSrc: true, dest: `${dir}/planned too` }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'ok', 'changed', 'changed'],
    afterwards: `set -e; [ "$(cat small)" = a ]; [ "$(stat -c %a small)" = 750 ]; [ "$(cat d/l)" = a ]; cmp large 'new
line'; [ "$(stat -c '%a %U' 'new
line')" = '600 daemon' ]; cmp large over; [ "$(stat -c %U over)" = daemon ]; [ "$(cat over.*~)" = old ]; [ "$(cat 'planned too')" = p ]`,
  },
  {
    name: 'touch: a new file has the mode asked for, also where that is the usual one',
    setup: 'mkdir g; chgrp daemon g; chmod 2775 g',
    tasks: (dir) => [
      file({ path: `${dir}/t`, state: 'touch', mode: '0644', accessTime: 'preserve', modificationTime: 'preserve' }),
      file({ path: `${dir}/g/t`, state: 'touch', accessTime: 'preserve', modificationTime: 'preserve' }),
      file({ path: `${dir}/g/t`, group: 'daemon', mode: '0644' }),
    ],
    expect: ['changed', 'changed', 'ok'],
    afterwards: `[ "$(stat -c '%a %G' t g/t | tr '\n' ' ')" = '644 root 644 daemon ' ]`,
  },
  {
    name: 'a directory where a link points nowhere: what it points to is made',
    setup: 'ln -s real link',
    tasks: (dir) => [
      file({ path: `${dir}/link`, state: 'directory', mode: '0700' }),
      file({ path: `${dir}/link/sub`, state: 'directory' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `set -e; [ -L link ]; [ "$(stat -c %a real)" = 700 ]; [ -d real/sub ]`,
  },
  {
    name: 'a link given to somebody; what it points to stays as it is',
    setup: 'echo x >f; ln -s f l',
    tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f', owner: 'daemon' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' l f | tr '\\n' ' ')" = '777 daemon 644 root ' ]`,
  },
  {
    name: 'a hard link that is planned is read by later tasks',
    setup: 'echo x >f',
    tasks: (dir) => [
      file({ path: `${dir}/h`, state: 'hard', src: `${dir}/f` }),
      slurp({ src: `${dir}/h` }),
      lineinfile({ path: `${dir}/h`, line: 'x' }),
      stat({ path: `${dir}/h` }),
    ],
    expect: ['changed', 'ok', 'ok', 'ok'],
  },
  {
    name: 'a hard link to another file system',
    setup: 'mkdir m; mount -t tmpfs none m; echo x >m/f',
    tasks: (dir) => [file({ path: `${dir}/h`, state: 'hard', src: `${dir}/m/f` })],
    expect: ['failed'],
    again: ['failed'],
    says: /different file system/,
  },
  {
    name: 'a link whose target a task before takes away',
    setup: 'echo x >f',
    tasks: (dir) => [file({ path: `${dir}/f`, state: 'absent' }), file({ path: `${dir}/l`, state: 'link', src: 'f' })],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /does not exist/,
  },
  {
    name: 'a link to a link to nothing',
    setup: 'ln -s none l1',
    tasks: (dir) => [file({ path: `${dir}/l2`, state: 'link', src: 'l1' })],
    expect: ['failed'],
    again: ['failed'],
    says: /does not exist/,
  },
  {
    name: 'below a planned link to a link',
    setup: 'mkdir d; ln -s d l1',
    tasks: (dir) => [
      file({ path: `${dir}/l2`, state: 'link', src: 'l1' }),
      copy({ dest: `${dir}/l2/f`, content: 'x' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ -f d/f ]',
  },
  {
    name: 'htpasswd: users added, kept, changed and removed, no hash in sight',
    setup: `printf '%s\\n' '# people' 'bob:$2y$04$GsL.u6j17Sh0HEHTEpVq9eZ9ReHRnFNHy0I36chuMZIYzEBiQ1Uxe' 'old:$apr1$x$yyyyyyyyyyyyyyyyyyyyyy' >p; chmod 0640 p`,
    tasks: (dir) => [
      htpasswd({
        path: `${dir}/p`,
        users: [
          { name: 'älice', password: secret },
          { name: 'bob', password: 'other' },
        ],
        exclusive: true,
        cost: 4,
      }),
    ],
    expect: ['changed'],
    hidden: ['correct horse', '$2y$', '$apr1$'],
    afterwards: `[ "$(wc -l <p)" = 3 ]; grep -q '^# people$' p; grep -q '^älice:[$]2y[$]04' p; [ "$(stat -c %a p)" = 640 ]; ! grep old p`,
  },
  {
    name: 'htpasswd: a new file',
    tasks: (dir) => [
      htpasswd({ path: `${dir}/p`, users: [{ name: 'a', password: secret }], mode: '0600', owner: 'daemon', cost: 4 }),
    ],
    expect: ['changed'],
    hidden: ['correct horse', '$2y$'],
    afterwards: `[ "$(stat -c '%a %U' p)" = '600 daemon' ]`,
  },
];
