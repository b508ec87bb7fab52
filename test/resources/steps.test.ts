import { beforeAll, describe, expect, test } from 'vitest';
import {
  confirm,
  copy,
  debug,
  file,
  getUrl,
  lineinfile,
  local,
  pause,
  reboot,
  stat,
  waitFor,
} from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';

const host = useLawHost('steps', ['acl', 'busybox', 'curl']);
const web = 'http://127.0.0.1:8099';
const sum = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'; // of "x"

beforeAll(async () => {
  await host.sh(
    `mkdir -p '/srv/www'; printf x >/srv/www/x; printf y >'/srv/www/a b'; systemd-run --unit=www busybox httpd -f -p 127.0.0.1:8099 -h /srv/www`,
  );
});

describe('from the web', () => {
  holdToLaws(host, [
    {
      name: 'a file with a checksum, modes and owners',
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/x`, checksum: `sha256:${sum}`, mode: '0640', owner: 'daemon' }),
      ],
      expect: ['changed'],
      afterwards: `[ "$(cat x)" = x ]; [ "$(stat -c '%a %U' x)" = '640 daemon' ]`,
    },
    {
      name: 'another one is there',
      setup: 'echo old >x; chown daemon x; chmod 0600 x',
      tasks: (dir) => [getUrl({ url: `${web}/x`, dest: `${dir}/x`, checksum: `sha256:${sum}` })],
      expect: ['changed'],
      afterwards: `[ "$(cat x)" = x ]; [ "$(stat -c '%a %U' x)" = '600 daemon' ]`,
    },
    {
      name: 'the wrong one is never put in place',
      setup: 'echo old >x',
      tasks: (dir) => [getUrl({ url: `${web}/a%20b`, dest: `${dir}/x`, checksum: `sha256:${sum}` })],
      expect: ['failed'],
      again: ['failed'],
      says: /Could not download/,
      afterwards: '[ "$(cat x)" = old ]',
    },
    {
      name: 'checksums of other kinds, and from a list',
      setup: `printf x >x5; (cd /srv/www && sha256sum x 'a b' >SUMS && sha1sum <x | cut -d ' ' -f 1 >x.sha1 && printf 'SHA1 (x) = 0\n%s *./x\n' "$(md5sum <x | cut -d ' ' -f 1)" >MD5SUMS)`,
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/x1`, checksum: `sha256:${web}/SUMS` }),
        getUrl({ url: `${web}/a%20b`, dest: `${dir}/x2`, checksum: `SHA256:${web}/SUMS` }),
        getUrl({ url: `${web}/x`, dest: `${dir}/x3`, checksum: `sha1:${web}/x.sha1` }),
        getUrl({ url: `${web}/x`, dest: `${dir}/x4`, checksum: `md5:${web}/MD5SUMS` }),
        getUrl({
          url: `${web}/none`,
          dest: `${dir}/x5`,
          checksum:
            'sha512:A4ABD4448C49562D828115D13A1FCCEA927F52B4D5459297F8B43E42DA89238BC13626E43DCB38DDB082488927EC904FB42057443983E88585179D50551AFE62',
        }),
      ],
      expect: ['changed', 'changed', 'changed', 'changed', 'ok'],
      afterwards: '[ "$(cat x1 x2 x3 x4)" = xyxx ]',
    },
    {
      name: 'a list of several kinds with their names, as --tag and openssl write it',
      setup: `(cd /srv/www && { sha512sum --tag x 'a b'; sha256sum --tag x 'a b'; printf 'SHA2-224(x)= %s\\n' "$(sha224sum <x | cut -d ' ' -f 1)"; } >TAGGED)`,
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/x1`, checksum: `sha256:${web}/TAGGED` }),
        getUrl({ url: `${web}/a%20b`, dest: `${dir}/x2`, checksum: `sha512:${web}/TAGGED` }),
        getUrl({ url: `${web}/x`, dest: `${dir}/x3`, checksum: `sha224:${web}/TAGGED` }),
      ],
      expect: ['changed', 'changed', 'changed'],
      afterwards: '[ "$(cat x1 x2 x3)" = xyx ]',
    },
    {
      name: 'a list without the file',
      tasks: (dir) => [getUrl({ url: `${web}/y`, dest: `${dir}/y`, checksum: `sha256:${web}/SUMS` })],
      expect: ['failed'],
      again: ['failed'],
      says: /has no sha256 for/,
      open: 0,
      afterwards: '[ ! -e y ]',
    },
    {
      name: 'without a checksum what is there stays',
      setup: 'echo old >x',
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/x` }),
        getUrl({ url: `${web}/x`, dest: `${dir}/y`, headers: { 'X-Token': new Secret('t0ken-t0ken', 'a test') } }),
      ],
      expect: ['ok', 'changed'],
      hidden: ['t0ken-t0ken'],
      afterwards: '[ "$(cat x y)" = "old\nx" ]',
    },
    {
      name: 'forced: replaced where it differs',
      setup: 'echo old >x; printf x >y',
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/y`, force: true }),
        getUrl({ url: `${web}/x`, dest: `${dir}/x`, force: true }),
      ],
      expect: ['ok', 'changed'],
      afterwards: '[ "$(cat x)" = x ]',
    },
    {
      name: 'what later tasks see of it',
      setup: 'mkdir p; chgrp games p; chmod 2755 p',
      tasks: (dir) => {
        const seen = stat({ path: `${dir}/p/x` });
        return [
          getUrl({ url: `${web}/x`, dest: `${dir}/p/x` }),
          seen,
          copy({
            dest: `${dir}/told`,
            content: ({ results }) =>
              `${results(seen).stat.size} ${results(seen).stat.checksum} ${results(seen).stat.grName}`,
          }),
          lineinfile({ path: `${dir}/p/x`, line: 'y' }),
        ];
      },
      expect: ['changed', 'ok', 'changed', 'changed'],
      again: ['ok', 'ok', 'changed', 'ok'],
      afterwards: `[ "$(cat told)" = "1 ${sum} games" ]`,
    },
    {
      name: 'an address that is not there, and no server',
      tasks: (dir) => [
        file({ path: `${dir}/d`, state: 'directory' }),
        getUrl({ url: 'http://127.0.0.1:9/x', dest: `${dir}/d/x` }),
      ],
      expect: ['changed', 'failed'],
      again: ['ok', 'failed'],
      says: /Could not download/,
    },
    {
      name: 'no such file at all',
      tasks: (dir) => [getUrl({ url: `${web}/none`, dest: `${dir}/x` })],
      expect: ['failed'],
      again: ['failed'],
      says: /Could not download/,
    },
    {
      name: 'what a server of this host will only give out by then',
      tasks: (dir) => [
        copy({ dest: '/srv/www/later', content: 'x' }),
        getUrl({ url: `${web}/later`, dest: `${dir}/x`, checksum: `sha256:${sum}` }),
      ],
      expect: ['changed', 'changed'],
      open: 1,
    },
    {
      name: 'into a directory, by the last part of the address',
      setup: 'mkdir d',
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/d` }),
        getUrl({ url: `${web}/a%20b`, dest: `${dir}/d/` }),
      ],
      expect: ['changed', 'changed'],
      afterwards: '[ "$(cat d/x d/a%20b)" = xy ]',
    },
    {
      name: 'what the old file had beside its bytes stays',
      setup:
        'echo old >x; setfacl -m u:daemon:r x; chmod 0640 x; touch y; mount --bind x y; printf old >z; chattr +i z',
      tasks: (dir) => [
        getUrl({ url: `${web}/x`, dest: `${dir}/x`, checksum: `sha256:${sum}` }),
        getUrl({ url: `${web}/a%20b`, dest: `${dir}/y`, force: true }),
        getUrl({ url: `${web}/x`, dest: `${dir}/z`, force: true }),
      ],
      expect: ['changed', 'changed', 'failed'],
      again: ['ok', 'ok', 'failed'],
      says: /z is immutable/,
      afterwards:
        'set -e; [ "$(cat x)" = x ]; getfacl -cp x | grep -q user:daemon:r; [ "$(cat y)" = y ]; mountpoint -q y',
    },
    {
      name: 'forced: an address that is not there',
      setup: 'echo old >x',
      tasks: (dir) => [getUrl({ url: `${web}/none`, dest: `${dir}/x`, force: true })],
      expect: ['failed'],
      again: ['failed'],
      says: /cannot be fetched.*404/,
    },
  ]);
});

describe('waiting', () => {
  holdToLaws(host, [
    {
      name: 'for what is there already',
      setup: 'echo "one" >f',
      tasks: (dir) => [
        waitFor({ port: 8099 }),
        waitFor({ path: `${dir}/f`, searchRegex: '^o.e$' }),
        waitFor({ path: `${dir}/none`, state: 'absent' }),
        waitFor({ port: 8098, state: 'stopped' }),
        waitFor({ port: 8099, state: 'drained' }),
      ],
      expect: ['ok', 'ok', 'ok', 'ok', 'ok'],
    },
    {
      name: 'in vain',
      tasks: (dir) => [waitFor({ path: `${dir}/none`, timeout: 1, sleep: 0.2 })],
      expect: ['failed'],
      again: ['failed'],
      says: /not so after 1 s: [^]*none is there/,
    },
    {
      name: 'for what comes',
      setup: `rm -f /run/later; systemd-run -q --collect sh -c 'sleep 4; echo >/run/later'`,
      tasks: () => [waitFor({ path: '/run/later', timeout: 20 })],
      expect: ['ok'],
    },
    {
      name: 'for what is only planned',
      tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), waitFor({ path: `${dir}/f` })],
      expect: ['changed', 'ok'],
      open: 1,
    },
  ]);
});

describe('on this machine', () => {
  holdToLaws(host, [
    {
      name: 'what only looks is run in check mode too, with results of earlier tasks',
      tasks: (dir) => {
        const at = stat({ path: dir });
        const said = local({
          changes: 'never',
          args: ({ results }) => results(at).stat.mode,
          run: async ({ $, args, host: name }) => (await $`echo ${`${args} ${name} "q"`}`).stdout.trim(),
        });
        return [
          at,
          said,
          debug({ msg: ({ results }) => results(said).value }),
          copy({ dest: `${dir}/f`, content: ({ results }) => results(said).value }),
        ];
      },
      expect: ['ok', 'ok', 'ok', 'changed'],
      afterwards: `[ "$(cat f)" = '0755 web1 "q"' ]`,
    },
    {
      name: 'what changes something is only told of',
      tasks: (dir) => [
        copy({ dest: `${dir}/f`, content: 'x' }),
        local({ changes: 'always', title: 'build', run: () => 1 }),
        copy({ dest: `${dir}/g`, content: 'x' }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['ok', 'changed', 'ok'],
    },
    {
      name: 'a command that fails',
      tasks: () => [local({ changes: 'always', run: ({ $ }) => $`echo so it is >&2; exit 3` })],
      expect: ['failed'],
      again: ['failed'],
      says: /ended with code 3/,
      open: 0,
    },
  ]);

  test('a pause is left out in check mode, and says so; a confirmation without a terminal says what to do', async () => {
    const spec = { hosts: 'all', tasks: () => [pause({ seconds: 0.1 }), confirm({ prompt: 'Sure?' })] };
    const foretold = await runPlay(spec, { check: true });
    expect(foretold.tasks.map((task) => task.message)).toEqual([
      expect.stringContaining('left out in check mode'),
      expect.stringContaining('left out in check mode'),
    ]);
    const done = await runPlay(spec);
    expect(done.told).toEqual(['ok pause 0.1 s', 'failed confirm Sure?']);
    expect(done.tasks[1]?.error).toMatchObject({
      what: 'There is no terminal to ask at',
      hint: expect.stringContaining('--skip-tags'),
    });
  });

  test('this machine is never rebooted', async () => {
    const run = await runPlay({ hosts: 'all', tasks: () => [reboot({ rebootCommand: 'true' })] });
    expect(run.tasks[0]?.error?.what).toMatch(/reboot the machine that play itself runs on/);
  });
});
