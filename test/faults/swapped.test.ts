/**
 * Single files and folders in a folder that somebody else owns, who exchanges what is in it for links while root works
 * there: what root writes, gives away, opens, reads or removes never lies behind such a link. One play has several
 * resources at once, so that each gets as many rounds. `PLAY_RACE_ROUNDS=200` for the long form.
 */
import { expect, test } from 'vitest';
import {
  acl,
  blockinfile,
  certificate,
  copy,
  file,
  getUrl,
  htpasswd,
  iniFile,
  lineinfile,
  replace,
  slurp,
  tempfile,
} from '../../src/resources/index.ts';
import { writeScript } from '../../src/resources/kit/write-script.ts';
import { folder, useRaces, type Attack } from '../support/races.ts';

const races = useRaces('swapped', ['acl', 'curl', 'openssl', 'busybox']);
const dest = `${folder}/way/dest`;
const all = [
  'way',
  'way/dest',
  'way/dest/sub',
  'way/dest/sub/deep',
  'way/dest/one',
  'way/dest/sub/two',
  'way/dest/sub/deep/three',
];
const theirs = { owner: 'mallory', mode: '0666' };
// One that loses does not keep the others from being tried.
const on = { ignoreErrors: true };

const attacks: readonly Attack[] = [
  {
    name: 'files written whole',
    paths: all,
    asRoot:
      'mkdir -p /srv/www; echo new >/srv/www/index.html; systemctl -q is-active www || systemd-run -q --unit=www busybox httpd -f -p 127.0.0.1:8089 -h /srv/www',
    tasks: (round) => [
      copy({ dest: `${dest}/one`, content: `new ${round}\n`, backup: true, ...theirs }, on),
      copy({ dest: `${dest}/sub/two`, content: `new ${round}\n` }, on),
      copy({ dest: `${dest}/fresh`, content: `new ${round}\n`, ...theirs }, on),
      htpasswd({ path: `${dest}/users`, users: [{ name: 'a', password: 'b' }], cost: 4, ...theirs }, on),
      getUrl({ url: 'http://127.0.0.1:8089/index.html', dest: `${dest}/sub/deep/three`, force: true, ...theirs }, on),
      getUrl({ url: 'http://127.0.0.1:8089/index.html', dest: `${dest}/loaded`, ...theirs }, on),
    ],
  },
  {
    name: 'files edited',
    paths: all,
    layout: 'ln -s one way/dest/link',
    tasks: (round) => [
      lineinfile({ path: `${dest}/one`, line: `new ${round}`, backup: true, ...theirs }, on),
      blockinfile({ path: `${dest}/sub/two`, block: `new ${round}`, ...theirs }, on),
      replace({ path: `${dest}/sub/deep/three`, regexp: /theirs|alone/, replace: `new ${round}`, ...theirs }, on),
      iniFile({ path: `${dest}/ini`, section: 's', option: 'o', value: String(round), create: true, ...theirs }, on),
      lineinfile({ path: `${dest}/link`, line: 'more', ...theirs }, on),
    ],
  },
  {
    name: 'permissions',
    paths: all,
    asRoot: 'chown root: way/dest/one way/dest/sub/deep',
    tasks: () => [
      file({ path: `${dest}/one`, ...theirs }, on),
      file({ path: `${dest}/sub/deep`, state: 'directory', owner: 'mallory', mode: '0777' }, on),
      file({ path: `${dest}/sub/two`, state: 'touch', mode: '0666' }, on),
      acl({ path: `${dest}/sub/deep/three`, etype: 'user', entity: 'mallory', permissions: 'rw' }, on),
      acl({ path: `${dest}/sub`, etype: 'user', entity: 'mallory', permissions: 'rwx' }, on),
    ],
  },
  {
    name: 'what is made',
    paths: all,
    tasks: () => [
      file(
        { path: `${dest}/empty`, state: 'touch', accessTime: 'preserve', modificationTime: 'preserve', ...theirs },
        on,
      ),
      file({ path: `${dest}/sub/deep/a/b`, state: 'directory', owner: 'mallory', mode: '0777' }, on),
      file({ path: `${dest}/sub/link`, state: 'link', src: 'two', owner: 'mallory' }, on),
      file({ path: `${folder}/hard`, state: 'hard', src: `${dest}/one`, ...theirs }, on),
      tempfile({ path: dest, state: 'file' }, on),
      certificate(
        {
          path: `${dest}/sub/cert.pem`,
          privatekeyPath: `${dest}/sub/key.pem`,
          subjectAltName: ['DNS:host'],
          owner: 'mallory',
          privatekeyMode: '0666',
        },
        on,
      ),
    ],
  },
  {
    name: 'what is removed and read',
    paths: all,
    tasks: () => [
      file({ path: `${dest}/one`, state: 'absent' }, on),
      file({ path: `${dest}/sub/two`, state: 'absent' }, on),
      slurp({ src: `${dest}/sub/deep/three` }, on),
    ],
  },
];

test('a link where the old file is to be kept is replaced, not written through', async () => {
  const layout = `rm -rf /srv/kept; mkdir /srv/kept; cd /srv/kept; echo old >file; ln -s /srv/victims/way/dest/one 'file.then~'; chown -h mallory . file 'file.then~'`;
  const shown = `cd /srv/kept; stat -c '%n %F' * .[!.]* 2>/dev/null; cat 'file.then~'; cat /srv/victims/way/dest/one`;
  await races.host.sh(`mkdir -p /srv/victims/way/dest; echo kept >/srv/victims/way/dest/one; ${layout}`);
  await races.host.sh(
    writeScript,
    '/srv/kept/file',
    '.play-x-1',
    '.play-x-',
    'change',
    '0644',
    '',
    'mallory:',
    'then',
    '0',
    '',
  );
  expect(await races.host.sh(shown)).toBe('file regular empty file\nfile.then~ regular file\nold\nkept\n');
});

test.each(attacks)(
  '$name',
  async (attack) => {
    const figures = await races.run({ rounds: 3, ...attack });
    expect(figures).toMatchObject({ lost: [] });
    expect(figures.swaps).toBeGreaterThan(0);
  },
  3_600_000,
);
