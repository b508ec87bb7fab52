import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { file, sync } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const host = useLawHost('transfer');
const here = temporaryFolder('transfer');

const odd = `-o 'q' "d" $x *ü\nline`;
const tree = join(here, 'tree');
mkdirSync(join(tree, 'sub', odd), { recursive: true });
mkdirSync(join(tree, 'empty'));
writeFileSync(join(tree, 'a'), 'one\n');
writeFileSync(join(tree, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(tree, 'sub', odd, odd), 'odd\n');
writeFileSync(join(tree, 'sub', 'binary'), Buffer.from([0, 255, 1, 10]));
writeFileSync(join(tree, 'skip.tmp'), 'no');
symlinkSync(odd, join(tree, 'sub', 'link'));
writeFileSync(Buffer.concat([Buffer.from(`${tree}/sub/`), Buffer.from([0x63, 0xe9])]), 'latin');
utimesSync(join(tree, 'a'), 1_000_000_000, 1_000_000_000);
utimesSync(join(tree, 'sub', 'binary'), 1_100_000_000, 1_100_000_000);

describe('sync', () => {
  holdToLaws(host, [
    {
      name: 'a new tree',
      tasks: (dir) => [sync({ src: tree, dest: `${dir}/new`, exclude: ['*.tmp'] })],
      expect: ['changed'],
      afterwards: `[ "$(cat new/sub/-o*/-o*)" = odd ]; [ "$(stat -c %a new/run.sh new/a new/sub new/empty | xargs)" = '755 644 755 755' ]; [ ! -e new/skip.tmp ]; [ -L new/sub/link ]`,
    },
    {
      name: 'a mirror: changed, extra, of another type, of other permissions; excluded and generated ones stay',
      setup: `mkdir -p d/sub d/extra/deep d/cache d/mixed; echo old >d/a; chown daemon d/a; echo x >d/extra/deep/f; echo k >d/cache/keep; echo k >d/mixed/x.tmp; echo g >d/mixed/g; mkdir d/run.sh; echo y >d/run.sh/y; ln -s /etc d/empty; printf '\\000\\377\\001\\n' >d/sub/binary; chmod 0600 d/sub/binary; ln -s elsewhere d/sub/link`,
      tasks: (dir) => [
        sync({
          src: tree,
          dest: `${dir}/d`,
          delete: true,
          exclude: ['*.tmp', 'cache/'],
          generated: { 'sub/made.json': '{}\n', 'made/x': 'x' },
        }),
      ],
      expect: ['changed'],
      afterwards: `[ "$(find d -name cache -prune -o -print0 | tr '\\0' '\\n' | wc -l)" = 18 ] || { find d; exit 1; }; [ "$(cat d/a)" = one ]; [ "$(stat -c %U d/a)" = daemon ]; [ -e d/cache/keep ]; [ -e d/mixed/x.tmp ]; [ ! -e d/mixed/g ]; [ ! -e d/extra ]; [ -x d/run.sh ]; [ "$(stat -c %a d/sub/binary)" = 644 ]; [ -d d/empty ]; [ ! -L d/empty ]; [ "$(cat d/sub/made.json)" = '{}' ]; [ -e /etc/passwd ]`,
    },
    {
      name: 'owners and modes of all',
      setup: 'mkdir d; echo one >d/a',
      tasks: (dir) => [
        sync({
          src: tree,
          dest: `${dir}/d`,
          owner: 'daemon',
          group: 'games',
          mode: '0600',
          directoryMode: '0700',
          exclude: ['*.tmp'],
        }),
      ],
      expect: ['changed'],
      afterwards: `[ -z "$(find d -mindepth 1 \\( ! -user daemon -o ! -group games \\))" ]; [ "$(stat -c %a d/a d/run.sh d/sub | xargs)" = '600 600 700' ]`,
    },
    {
      name: 'a secret among generated files',
      tasks: (dir) => [
        sync({ dest: `${dir}/d`, generated: { token: new Secret('t0ken-t0ken', 'a test') }, mode: '0400' }),
      ],
      expect: ['changed'],
      hidden: ['t0ken-t0ken'],
      afterwards: `[ "$(cat d/token)" = t0ken-t0ken ]; [ "$(stat -c %a d/token)" = 400 ]`,
    },
    {
      name: 'through a link to the directory',
      setup: 'mkdir real; ln -s real d; echo x >real/x',
      tasks: (dir) => [sync({ src: tree, dest: `${dir}/d`, delete: true })],
      expect: ['changed'],
      afterwards: '[ -L d ]; [ ! -e real/x ]; [ -e real/a ]',
    },
    {
      name: 'two trees in one place, one after the other',
      tasks: (dir) => [
        sync({ dest: `${dir}/d`, generated: { 'a': '1', 'b/c': '2' } }),
        sync({ dest: `${dir}/d`, generated: { 'b/d': '3' }, delete: true }),
        sync({ dest: `${dir}/d`, generated: { b: '4' }, delete: true }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['changed', 'changed', 'changed'],
      afterwards: '[ "$(cat d/b)" = 4 ]',
    },
    {
      name: 'times are those of the source, but where another file has the same; what is right keeps its own',
      setup: `mkdir -p d/sub; printf 'uno\n' >d/a; touch -d @1000000000 d/a; echo '#!/bin/sh' >d/run.sh; chmod 0755 d/run.sh; touch -d @5 d/run.sh`,
      tasks: (dir) => [sync({ src: tree, dest: `${dir}/d`, generated: { made: 'x' } })],
      expect: ['changed'],
      afterwards: `[ -n "$(find d/a -mmin -5)" ]; [ -n "$(find d/made -mmin -5)" ]; [ "$(stat -c %Y d/sub/binary d/run.sh | xargs)" = '1100000000 5' ]`,
    },
    {
      name: 'what is generated lies below an excluded folder',
      setup: 'mkdir -p d/sub; echo k >d/sub/kept; echo x >d/x',
      tasks: (dir) => [
        sync({
          src: tree,
          dest: `${dir}/d`,
          exclude: ['sub', '*.tmp', 'un'],
          generated: { 'sub/j': 'j', 'un/til/now': 'n' },
          delete: true,
        }),
      ],
      expect: ['changed'],
      afterwards: `[ "$(cat d/sub/j d/sub/kept d/un/til/now)" = 'jk
n' ]; [ ! -e d/x ]; [ ! -e d/sub/binary ]`,
    },
    {
      name: 'folders hand on their group, or not, at every depth; later tasks know',
      setup:
        'mkdir -p p q/in; chgrp games p; chmod 2775 p; chgrp daemon q/in; chmod 2775 q/in; echo x >q/mine; chown daemon:games q/mine',
      tasks: (dir) => [
        sync({ src: tree, dest: `${dir}/p/new` }),
        sync({
          dest: `${dir}/q`,
          generated: { 'f': '1', 'in/f': '2', 'in/sub/f': '3', 'mine': 'y' },
          owner: 'games',
          directoryMode: '2755',
        }),
        file({ path: `${dir}/p/new`, state: 'directory', group: 'games', mode: '2755' }),
        file({ path: `${dir}/p/new/sub/binary`, group: 'root' }),
        file({ path: `${dir}/p/new/a`, group: 'games' }),
        file({ path: `${dir}/p/new/sub`, group: 'games', mode: '0755' }),
        file({ path: `${dir}/q/f`, group: 'root', owner: 'games' }),
        file({ path: `${dir}/q/in/f`, group: 'daemon' }),
        file({ path: `${dir}/q/in/sub/f`, group: 'daemon' }),
        file({ path: `${dir}/q/mine`, group: 'games', owner: 'games' }),
      ],
      expect: ['changed', 'changed', ...Array<string>(8).fill('ok')],
    },
    {
      name: 'folders nobody may write to',
      tasks: (dir) => [sync({ src: tree, dest: `${dir}/d`, directoryMode: '0555' })],
      expect: ['changed'],
      afterwards: '[ "$(stat -c %a d/sub)" = 555 ]',
    },
    {
      name: 'a folder full of other things where a file is wanted',
      setup: 'mkdir -p d/a d/b; echo k >d/a/kept',
      tasks: (dir) => [
        sync({ dest: `${dir}/d`, generated: { b: '1' } }),
        sync({ dest: `${dir}/d`, generated: { a: '1' } }),
      ],
      expect: ['changed', 'failed'],
      again: ['ok', 'failed'],
      says: /a directory that holds kept, and should be a file/,
    },
    {
      name: 'a folder in which something is excluded where a file is wanted',
      setup: 'mkdir -p d/a; echo k >d/a/x.tmp',
      tasks: (dir) => [sync({ dest: `${dir}/d`, generated: { a: '1' }, delete: true, exclude: ['*.tmp'] })],
      expect: ['failed'],
      again: ['failed'],
      says: /what is excluded is not removed/,
    },
    {
      name: 'a mount below is never swept away',
      setup: 'mkdir -p d/x/m; mount -t tmpfs none d/x/m',
      tasks: (dir) => [sync({ dest: `${dir}/d`, generated: { a: '1' }, delete: true })],
      expect: ['failed'],
      again: ['failed'],
      says: /is a mount point; unmount it first/,
      afterwards: '[ ! -e d/a ]',
    },
    {
      name: 'a file system that is read-only',
      setup: 'mkdir d; mount -t tmpfs none d; mkdir d/e; echo x >d/e/f; mount -o remount,ro d',
      tasks: (dir) => [
        sync({ dest: `${dir}/d/e`, generated: { f: 'x\n' } }),
        sync({ dest: `${dir}/d/e`, generated: { 'new/f': '1' } }),
      ],
      expect: ['ok', 'failed'],
      again: ['ok', 'failed'],
      says: /read-only file system/,
    },
    {
      name: 'the link it is reached by, in the tree itself',
      setup: 'mkdir d; ln -s . d/l',
      tasks: (dir) => [sync({ dest: `${dir}/d/l`, generated: { a: '1' }, delete: true })],
      expect: ['failed'],
      again: ['failed'],
      says: /is a link that would be removed/,
    },
    {
      name: 'a parent that is a file',
      setup: 'echo x >f',
      tasks: (dir) => [sync({ dest: `${dir}/f/d`, generated: { a: '1' } })],
      expect: ['failed'],
      again: ['failed'],
      says: /f is a file/,
    },
    {
      name: 'a place that is a file, and one whose folder is missing',
      setup: 'echo x >f',
      tasks: (dir) => [sync({ dest: `${dir}/f`, generated: { a: '1' } })],
      expect: ['failed'],
      again: ['failed'],
      says: /is not a directory/,
    },
    {
      name: 'a folder above that is missing',
      tasks: (dir) => [sync({ dest: `${dir}/no/d`, generated: { a: '1' } })],
      expect: ['failed'],
      again: ['failed'],
      says: /does not exist/,
    },
  ]);
});
