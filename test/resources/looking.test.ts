import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import {
  assert,
  command,
  copy,
  debug,
  file,
  find,
  lineinfile,
  script,
  slurp,
  stat,
  tempfile,
} from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const host = useLawHost('looking');
const here = temporaryFolder('looking');
const program = join(here, `-o 'q'.sh`);
writeFileSync(program, '#!/bin/sh\nprintf "%s|" "$@" "$TOKEN" >>out\nprintf "%s|" "$@"\n[ -z "$FAIL" ] || exit 7\n');

describe('what only looks', () => {
  holdToLaws(host, [
    {
      name: 'stat: a file, a link, a directory, nothing',
      setup: 'echo x >f; chmod 0640 f; ln -s f l',
      tasks: (dir) => {
        const [one, link, followed, folder, none] = [
          stat({ path: `${dir}/f` }),
          stat({ path: `${dir}/l` }),
          stat({ path: `${dir}/l`, follow: true }),
          stat({ path: dir }),
          stat({ path: `${dir}/none` }),
        ];
        return [
          one,
          link,
          followed,
          folder,
          none,
          debug({
            msg: ({ results }) =>
              JSON.stringify(
                [one, link, followed, folder, none]
                  .map((task) => results(task).stat)
                  .map((at) => [
                    at.exists,
                    at.isreg,
                    at.islnk,
                    at.isdir,
                    at.mode,
                    at.lnkTarget,
                    at.checksum.slice(0, 8),
                    at.isreg ? at.size : 0,
                  ]),
              ),
          }),
          assert({
            that: ({ results }) => [
              results(one).stat.isreg,
              results(followed).stat.isreg,
              results(link).stat.lnkTarget === 'f',
              results(folder).stat.isdir,
              !results(none).stat.exists,
              results(one).stat.checksum.startsWith('73cb3858'),
            ],
          }),
        ];
      },
      expect: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
    },
    {
      name: 'stat and slurp see what is planned',
      tasks: (dir) => {
        const [at, text] = [stat({ path: `${dir}/f` }), slurp({ src: `${dir}/f` })];
        return [
          copy({ dest: `${dir}/f`, content: 'größe', mode: '0600' }),
          at,
          text,
          copy({ dest: `${dir}/g`, content: ({ results }) => `${results(text).text} ${results(at).stat.mode}` }),
        ];
      },
      expect: ['changed', 'ok', 'ok', 'changed'],
      afterwards: '[ "$(cat g)" = "größe 0600" ]',
    },
    {
      name: 'slurp: a file that is not there',
      tasks: (dir) => [slurp({ src: `${dir}/none` })],
      expect: ['failed'],
      again: ['failed'],
      says: /does not exist/,
    },
    {
      name: 'find: by name, type, age, size, depth and content',
      setup: `mkdir -p sub/deep; echo "key=1" >a.log; echo "no" >sub/b.log; head -c 5000 /dev/zero >big.log; touch -d '3 days ago' old.log; echo x >.hid.log; echo key >"sub/deep/-c
x.log"; ln -s a.log l.log`,
      tasks: (dir) => {
        const names = (options: Omit<Parameters<typeof find>[0], 'paths'>) => find({ paths: dir, ...options });
        const all = [
          names({ patterns: '*.log' }),
          names({ patterns: ['*.log'], recurse: true }),
          names({ patterns: '*.log', recurse: true, depth: 2, excludes: 'b*' }),
          names({ age: '2d' }),
          names({ age: '-2d', size: '1k' }),
          names({ contains: 'key', recurse: true }),
          names({ hidden: true, patterns: '\\.h', useRegex: true }),
          names({ fileType: 'link' }),
          names({ fileType: 'directory', recurse: true }),
          find({ paths: `${dir}/none` }),
        ];
        return [
          ...all,
          debug({
            msg: ({ results }) =>
              all
                .map((task) =>
                  results(task)
                    .files.map((one) => one.path.slice(dir.length + 1))
                    .sort()
                    .join(),
                )
                .join(';'),
          }),
          assert({ that: ({ results }) => all.map((task) => results(task).matched).join() === '3,5,2,1,1,2,1,1,2,0' }),
        ];
      },
      expect: Array.from({ length: 12 }, () => 'ok'),
    },
    {
      name: 'find sees what is planned; of its times a message tells only in the run',
      setup: 'mkdir -p gone/deep s; echo x >gone/deep/x; echo y >s/y; chmod 0600 s/y',
      tasks: (dir) => {
        const [all, deep, old] = [
          find({ paths: dir, recurse: true, fileType: 'any' }),
          find({ paths: dir, fileType: 'any', size: '-3b' }),
          find({ paths: dir, age: '-1d' }),
        ];
        const told = debug({
          msg: ({ results }) =>
            `${results(all)
              .files.map((one) => `${one.path.slice(dir.length + 1)} ${one.type} ${one.mode} ${one.pwName}`)
              .sort()
              .join()}; ${results(deep).matched}`,
        });
        return [
          copy({ dest: `${dir}/f`, content: 'x', mode: '0640' }),
          file({ path: `${dir}/gone`, state: 'absent' }),
          file({ path: `${dir}/s`, recurse: true, owner: 'daemon' }),
          file({ path: `${dir}/l`, state: 'link', src: 'f' }),
          all,
          deep,
          told,
          old,
          debug({ msg: ({ results }) => String(results(old).matched) }),
        ];
      },
      expect: ['changed', 'changed', 'changed', 'changed', 'ok', 'ok', 'ok', 'ok', 'ok'],
    },
    {
      name: 'stat: owners by name and number, links, sizes, as they will be',
      setup: 'mkdir real; echo x >real/f; ln -s real/f here; chown daemon real/f',
      tasks: (dir) => {
        const looks = [
          stat({ path: `${dir}/new` }),
          stat({ path: `${dir}/numbered` }),
          stat({ path: `${dir}/l` }),
          stat({ path: `${dir}/l`, follow: true }),
          stat({ path: `${dir}/l2`, follow: true }),
          stat({ path: `${dir}/here`, follow: true }),
        ];
        return [
          copy({ dest: `${dir}/new`, content: 'größe', owner: 'daemon', group: '60' }),
          file({
            path: `${dir}/numbered`,
            state: 'touch',
            accessTime: 'preserve',
            modificationTime: 'preserve',
            owner: '1',
            group: '54321',
          }),
          file({ path: `${dir}/l`, state: 'link', src: 'new' }),
          file({ path: `${dir}/l2`, state: 'link', src: 'here' }),
          copy({ dest: `${dir}/real/f`, content: 'longer\n', group: 'games' }),
          ...looks,
          copy({
            dest: `${dir}/told`,
            content: ({ results }) =>
              looks
                .map((one) => results(one).stat)
                .map((at) =>
                  [
                    at.uid,
                    at.gid,
                    at.pwName,
                    at.grName,
                    at.size,
                    at.isreg,
                    at.lnkTarget,
                    at.checksum.slice(0, 6),
                  ].join(),
                )
                .join('\n'),
          }),
        ];
      },
      expect: [...Array<string>(5).fill('changed'), ...Array<string>(6).fill('ok'), 'changed'],
    },
    {
      name: 'names that are not UTF-8 are found, read, changed and removed',
      setup: `mkdir d; echo one >"d/$(printf 'a\\351')"; echo two >"d/$(printf 'b\\377\\303')"; ln -s "$(printf 'a\\351')" "d/$(printf 'l\\200')"`,
      tasks: (dir) => {
        const all = find({ paths: `${dir}/d`, fileType: 'any' });
        const nth =
          (n: number) =>
          ({ results }: { results: (task: typeof all) => { files: readonly { path: string }[] } }): string =>
            results(all).files[n]?.path ?? '';
        const text = slurp({ src: nth(2) });
        return [
          all,
          text,
          copy({ dest: `${dir}/told`, content: ({ results }) => results(text).text }),
          lineinfile({ path: nth(1), line: 'three' }),
          file({ path: nth(0), mode: '0600' }),
          file({ path: nth(2), state: 'absent' }),
          copy({ dest: ({ results }) => `${results(all).files[0]?.path ?? ''}.new`, content: 'x' }),
          file({
            path: ({ results }) => `${results(all).files[1]?.path ?? ''}.l`,
            state: 'link',
            src: ({ results }) => results(all).files[0]?.path.split('/').at(-1) ?? '',
          }),
        ];
      },
      expect: ['ok', 'ok', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
      again: ['ok', 'ok', 'changed', 'changed', 'ok', 'changed', 'changed', 'changed'],
      afterwards: `[ "$(cat told)" = one ]; [ "$(ls d | LC_ALL=C tr -dc '\\200-\\377' | od -An -to1 | tr -d ' \\n')" = 351351377303377303 ]; [ "$(cat d/b*.l)" = one ]`,
    },
    {
      name: 'what a command may make by then is open',
      setup: 'mkdir d',
      tasks: (dir) => {
        const [at, all] = [
          stat({ path: `${dir}/d/x` }, { ignoreErrors: true }),
          find({ paths: `${dir}/d` }, { ignoreErrors: true }),
        ];
        return [
          command({ cmd: 'touch d/x d/y', chdir: dir, creates: `${dir}/d/y` }),
          at,
          all,
          copy({ dest: `${dir}/told`, content: ({ results }) => `${results(at).stat.exists}` }),
          copy({ dest: `${dir}/found`, content: ({ results }) => `${results(all).matched}` }),
        ];
      },
      expect: ['changed', 'ok', 'ok', 'changed', 'changed'],
      open: 2,
      afterwards: '[ "$(cat told found)" = true2 ]',
    },
    {
      name: 'files of the kernel',
      tasks: (dir) => {
        const [version, size, text] = [
          slurp({ src: '/proc/version' }),
          slurp({ src: '/sys/kernel/mm/transparent_hugepage/enabled' }, { ignoreErrors: true }),
          slurp({ src: '/etc/hostname' }),
        ];
        return [
          version,
          size,
          text,
          assert({
            that: ({ results }) => results(version).text.startsWith('Linux version') && results(text).text.length > 1,
          }),
          stat({ path: dir }),
        ];
      },
      expect: ['ok', 'ok', 'ok', 'ok', 'ok'],
    },
  ]);
});

describe('scripts and temporary files', () => {
  holdToLaws(host, [
    {
      name: 'script: odd arguments and a secret',
      tasks: (dir) => [
        script({
          src: program,
          args: ['a b', `'"$x`, '', '-n'],
          chdir: dir,
          creates: 'out',
          environment: { TOKEN: new Secret('t0ken-t0ken', 'a test') },
        }),
      ],
      expect: ['changed'],
      hidden: ['t0ken-t0ken'],
      afterwards: `[ "$(cat out)" = "a b|'\\"\\$x||-n|t0ken-t0ken|" ]; [ -z "$(ls /tmp)" ] || { ls -la /tmp; ! ls -d /tmp/tmp.*; }`,
    },
    {
      name: 'script: with a program of its own, failing',
      tasks: (dir) => [
        script({ src: program, executable: 'sh', chdir: dir, changes: 'always', environment: { FAIL: '1' } }),
      ],
      expect: ['failed'],
      again: ['failed'],
      says: /Could not run/,
      open: 0,
    },
    {
      name: 'tempfile: one of each, removed again',
      tasks: (dir) => {
        const [one, folder] = [
          tempfile({ path: dir, prefix: '-o ', suffix: '.x' }),
          tempfile({ path: dir, state: 'directory' }),
        ];
        return [
          one,
          folder,
          assert({
            that: ({ results }) => results(one).path.startsWith(`${dir}/-o `) && results(one).path.endsWith('.x'),
          }),
          file({ path: ({ results }) => results(one).path, state: 'absent' }),
          file({ path: ({ results }) => results(folder).path, state: 'absent' }),
        ];
      },
      expect: ['changed', 'changed', 'ok', 'changed', 'changed'],
      again: ['changed', 'changed', 'ok', 'changed', 'changed'],
      open: 3,
      afterwards: '[ -z "$(ls -A)" ]',
    },
  ]);
});
