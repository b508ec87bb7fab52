import { createHash } from 'node:crypto';
import { predict } from '../../contract/index.ts';
import { content, sha256, stat } from '../../probes/index.ts';
import { secret, Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { copy } from './copy.ts';

const motd = { dest: '/etc/motd', content: 'Hello\n' };
const old: PathEntry = { type: 'file', content: 'Old\n' };
const right: PathEntry = { type: 'file', content: 'Hello\n' };
const at = (entry: PathEntry): HostDescription => ({ paths: { '/etc/motd': entry } });
const app: HostDescription = { users: [{ name: 'app', uid: 1000 }], groups: [{ name: 'app', gid: 1000 }] };
const bytes = Buffer.from('planned\n');

export const cases = planCases(copy, {
  'a new file': {
    options: motd,
    changes: ['content new file'],
    writes: { '/etc/motd': 'Hello\n' },
    steps: ['write /etc/motd'],
    result: { dest: '/etc/motd' },
  },
  'right already': { options: motd, host: at(right), steps: [], result: { dest: '/etc/motd' } },
  'other content': { options: motd, host: at(old), changes: ['content'], writes: { '/etc/motd': 'Hello\n' } },
  'the end of the last line counts': { options: { ...motd, content: 'Hello' }, host: at(right), changes: ['content'] },
  'CR LF is kept as it is written': {
    options: { ...motd, content: 'a\r\nb\r\n' },
    changes: ['content new file'],
    writes: { '/etc/motd': 'a\r\nb\r\n' },
  },
  'an empty file': { options: { ...motd, content: '' }, changes: ['content new file'], writes: { '/etc/motd': '' } },
  'mode, owner and group of a new file are told': {
    options: { ...motd, mode: '0600', owner: 'app', group: 'adm' },
    host: app,
    changes: ['content new file', 'owner app', 'group adm', 'mode 0600'],
  },
  'a new file with a secret is for its owner, unless told otherwise': {
    options: { dest: '/etc/motd', content: secret`Hello ${new Secret('s3cr3t')}\n` },
    changes: ['content new file', 'mode 0600'],
  },
  'a new file with a secret and a group is for that, too': {
    options: { dest: '/etc/motd', content: new Secret('s3cr3t'), group: 'adm' },
    changes: ['content new file', 'group adm', 'mode 0640'],
  },
  'a file that is there keeps its mode when a secret comes into it': {
    options: { dest: '/etc/motd', content: new Secret('s3cr3t') },
    host: at(old),
    changes: ['content'],
  },
  'the mode alone': {
    options: { ...motd, mode: '0600' },
    host: at(right),
    changes: ['mode 0644 -> 0600'],
    steps: ['set the permissions of /etc/motd'],
  },
  'the owner alone': {
    options: { ...motd, owner: 'app' },
    host: { ...app, ...at(right) },
    changes: ['owner root -> app'],
  },
  'an owner by number that has no name': {
    options: { ...motd, owner: '4000' },
    host: at(right),
    changes: ['owner root -> 4000'],
  },
  'the owner by number is right already': { options: { ...motd, owner: '0', group: '0' }, host: at(right) },
  'an account that is gone owned it': {
    options: { ...motd, owner: 'root' },
    host: at({ ...right, owner: '1234' }),
    changes: ['owner 1234 -> root'],
  },
  'without owner and mode they stay as they are': {
    options: motd,
    host: { ...app, ...at({ ...old, owner: 'app', mode: '0640' }) },
    changes: ['content'],
  },
  'a symbolic mode goes from what is there': {
    options: { ...motd, mode: 'u+x,go=' },
    host: at(right),
    changes: ['mode 0644 -> 0700'],
  },
  'a mode of three digits': { options: { ...motd, mode: '644' }, host: at(right) },
  'an owner that does not exist': {
    options: { ...motd, owner: 'nginx' },
    fails: 'there is no user nginx on this host',
    hint: "Make it first: user({ name: 'nginx' })",
  },
  'a group that does not exist': {
    options: { ...motd, group: 'www' },
    host: at(right),
    fails: 'there is no group www on this host',
    hint: "Make it first: group({ name: 'www' })",
  },
  'an owner that a command may make': {
    options: { ...motd, owner: 'nginx' },
    behind: { command: true },
    changes: ['content new file', 'owner nginx'],
    assumed: ['the user nginx exists by then ("a command" runs before)'],
  },
  'a directory in its place': {
    options: motd,
    host: at({ type: 'directory' }),
    fails: '/etc/motd is a directory',
  },
  'a file of the role goes into a directory by its name': {
    options: { src: 'motd', dest: '/etc/motd' },
    role: { 'files/motd': 'Hello\n' },
    host: at({ type: 'directory' }),
    changes: ['content new file'],
    writes: { '/etc/motd/motd': 'Hello\n' },
    result: { dest: '/etc/motd/motd' },
  },
  'a slash makes the directory that is missing': {
    options: { src: 'sub/a.conf', dest: '/etc/app/', mode: '0600' },
    role: { 'files/sub/a.conf': 'a\n' },
    changes: ['/etc/app absent -> directory', 'content new file', 'mode 0600'],
    writes: { '/etc/app/a.conf': 'a\n' },
  },
  'a file of the role that is not there': {
    options: { src: 'nothing', dest: '/etc/motd' },
    role: { 'files/motd': '' },
    fails: 'The file nothing cannot be read',
    hint: 'It is looked for in files/ of the playbook, /role/files, then in /role.',
  },
  'a folder that is missing': {
    options: { ...motd, dest: '/opt/app/etc/motd' },
    fails: 'the directory /opt/app/etc does not exist',
    hint: "Make it first: file({ path: '/opt/app/etc', state: 'directory' })",
  },
  'a folder that a command may make': {
    options: { ...motd, dest: '/opt/app/motd' },
    behind: { command: true },
    changes: ['content new file'],
    assumed: ['/opt/app exists by then ("a command" runs before)'],
  },
  'a file where the folder should be': {
    options: { ...motd, dest: '/etc/motd/x' },
    host: at(old),
    fails: '/etc/motd is a file',
  },
  'a link in its place is replaced, and what it points to left alone': {
    options: motd,
    host: { paths: { '/etc/motd': { type: 'link', target: '/run/motd' }, '/run/motd': old } },
    changes: ['type link -> file'],
    writes: { '/etc/motd': 'Hello\n' },
  },
  'by way of a link to that same link': {
    options: { ...motd, dest: '/etc/root/etc/root' },
    host: { paths: { '/etc/root': { type: 'link', target: '/' } } },
    fails:
      '/etc/root/etc/root leads to the link /etc/root by way of that link itself: with anything else in its place, nothing is there any more',
    hint: 'Name it without links: /etc/root',
  },
  'a link to the folder is followed': {
    options: { ...motd, dest: '/etc/app/motd' },
    host: { paths: { '/etc/app': { type: 'link', target: '../srv/app' }, '/srv/app/motd': old } },
    changes: ['content'],
  },
  'an immutable file': {
    options: motd,
    host: at({ ...old, flags: '----i---------e-------' }),
    fails: '/etc/motd is immutable; take that off first: chattr -i',
  },
  'an immutable file that is right already': { options: motd, host: at({ ...right, flags: 'i' }) },
  'a folder that is immutable': {
    options: { ...motd, dest: '/srv/a/motd' },
    host: { paths: { '/srv/a': { type: 'directory', flags: 'i' } } },
    fails: 'the folder /srv/a is immutable; take that off first: chattr -i',
  },
  'a file that is a mount point is written in place': {
    options: motd,
    host: at({ ...old, isMountPoint: true }),
    changes: ['content', 'written in place: it is a mount point'],
  },
  'a secret is masked': {
    options: { ...motd, content: secret`token=${new Secret('s3cret-s3cret')}\n` },
    changes: ['content new file', 'mode 0600'],
    masked: ['/etc/motd'],
  },
  'base64': {
    options: { ...motd, content: 'SGVs\nbG8K', encoding: 'base64' },
    changes: ['content new file'],
    writes: { '/etc/motd': 'Hello\n' },
  },
  'base64 that lost a letter': {
    options: { ...motd, content: 'SGVsbG8', encoding: 'base64' },
    fails: 'copy: the content of /etc/motd is not valid base64',
    hint: 'Make it with: base64 FILE',
  },
  'a checker is asked before': {
    options: { ...motd, validate: 'check -f %s' },
    changes: ['content new file'],
    validates: 'check -f "$PLAY_STAGED"',
  },
  'a checker may have the path in double quotes': {
    options: { ...motd, validate: 'check "%s"' },
    changes: ['content new file'],
    validates: 'check "$PLAY_STAGED"',
  },
  'a checker may have the path in single quotes': {
    options: { ...motd, validate: "check '%s'" },
    changes: ['content new file'],
    validates: 'check "$PLAY_STAGED"',
  },
  'a checker may be a script in quotes': {
    options: { ...motd, validate: `sh -c 'check "%s" && lint %s'` },
    changes: ['content new file'],
    validates: `sh -c 'check "$PLAY_STAGED" && lint "$PLAY_STAGED"'`,
  },
  'a checker has nothing to do where nothing changes': {
    options: { ...motd, validate: 'check %s' },
    host: at(right),
    validates: '',
  },
  'a name with blanks, quotes and letters of its own': {
    options: { ...motd, dest: `/etc/Straße "a" 'b'` },
    changes: ['content new file'],
    writes: { [`/etc/Straße "a" 'b'`]: 'Hello\n' },
    steps: [`write /etc/Straße "a" 'b'`],
  },
  'a name that begins with a dash': {
    options: { ...motd, dest: '/etc/-rf' },
    changes: ['content new file'],
    writes: { '/etc/-rf': 'Hello\n' },
  },
  'both src and content': {
    options: { ...motd, src: 'motd' },
    fails: 'copy: give either `src` or `content`',
  },
  'content for a directory': {
    options: { ...motd, dest: '/etc/' },
    fails:
      'copy: `content` has no name of its own: `dest` must be the path of the file itself, without a slash at its end',
  },
  'a path from nowhere': {
    options: { ...motd, dest: 'etc/motd' },
    fails: 'copy: option "dest" is "etc/motd" (a string), but must be an absolute path',
  },
  'what is planned before counts': {
    options: { ...motd, content: 'planned\n' },
    behind: {
      planned: [
        predict(stat('/etc/motd'), {
          type: 'file',
          mode: '0644',
          uid: 0,
          gid: 0,
          owner: 'root',
          group: 'root',
          size: bytes.length,
        }),
        predict(sha256('/etc/motd'), createHash('sha256').update(bytes).digest('hex')),
        predict(content('/etc/motd'), { bytes }),
      ],
    },
  },
  'an account that may not write there': {
    options: motd,
    host: { ...app, as: 'app' },
    fails: 'app may not write in /etc (root:root, 0755)',
    hint: 'Run the task as an account that may (`become`, `becomeUser`), or grant the right before it.',
  },
  'an account in its own folder': {
    options: { ...motd, dest: '/home/app/motd' },
    host: { ...app, as: 'app', paths: { '/home/app': { type: 'directory', owner: 'app', group: 'app' } } },
    changes: ['content new file'],
  },
  'an account gives nothing away, which check mode tells': {
    options: { ...motd, dest: '/home/app/motd', owner: 'root' },
    host: { ...app, as: 'app', paths: { '/home/app': { type: 'directory', owner: 'app', group: 'app' } } },
    behind: {},
    fails: 'app may not give /home/app/motd to root',
  },
  'without `force` what is there stays, whatever it is': {
    options: { ...motd, force: false, mode: '0600' },
    host: at(old),
    steps: [],
    result: { dest: '/etc/motd' },
  },
  'without `force` a missing file is made': {
    options: { ...motd, force: false },
    changes: ['content new file'],
  },
  'without `force` a link stays, though it leads nowhere': {
    options: { ...motd, force: false },
    host: at({ type: 'link', target: '/nowhere' }),
    steps: [],
  },
  'without `force` the file in a directory counts': {
    options: { src: 'motd', dest: '/etc/motd', force: false },
    role: { 'files/motd': 'Hello\n' },
    host: { paths: { '/etc/motd': { type: 'directory' }, '/etc/motd/motd': old } },
    steps: [],
    result: { dest: '/etc/motd/motd' },
  },
  'a link is replaced': {
    options: motd,
    host: { paths: { '/etc/motd': { type: 'link', target: '/run/motd' }, '/run/motd': old } },
    changes: ['type link -> file'],
    writes: { '/etc/motd': 'Hello\n' },
  },
  'with `follow` what a link leads to is written': {
    options: { ...motd, follow: true },
    host: { paths: { '/etc/motd': { type: 'link', target: '/run/motd' }, '/run/motd': old } },
    changes: ['content'],
    writes: { '/run/motd': 'Hello\n' },
    result: { dest: '/etc/motd' },
  },
  'directories that are made have the mode asked for': {
    options: { src: 'a.conf', dest: '/etc/app/conf/', directoryMode: '0700' },
    role: { 'files/a.conf': 'a\n' },
    changes: [
      '/etc/app absent -> directory',
      '/etc/app/conf absent -> directory',
      'mode of /etc/app/conf 0700',
      'content new file',
    ],
  },
  'directories that are made are of whom the file is': {
    options: { src: 'a.conf', dest: '/etc/app/', owner: 'app', group: 'app' },
    host: app,
    role: { 'files/a.conf': 'a\n' },
    changes: [
      '/etc/app absent -> directory',
      'owner of /etc/app app',
      'group of /etc/app app',
      'content new file',
      'owner app',
      'group app',
    ],
  },
  'a checksum that is right, as Ansible writes it and with its algorithm': {
    options: { ...motd, checksum: '1d229271928d3f9e2bb0375bd6ce5db6c6d348d9' },
    changes: ['content new file'],
  },
  'a checksum that is wrong': {
    options: { ...motd, checksum: `sha256:${'0'.repeat(64)}` },
    fails: `copy: the content of /etc/motd has the sha256 66a045b452102c59d840ec097d59d9467e13a3f34f6494e539ffd32c1bb35f18, not ${'0'.repeat(64)} (\`checksum\`)`,
    hint: 'Either this is the wrong file, or `checksum` is out of date.',
  },
  'a checksum that is none': {
    options: { ...motd, checksum: 'abc' },
    fails:
      'copy: option "checksum" is "abc" (a string), but must be a SHA-1 of 40 hexadecimal digits, or `ALGORITHM:DIGEST`, such as `sha256:e3b0...`',
  },
  'the mode of a text written in the playbook cannot be preserved': {
    options: { ...motd, mode: 'preserve' },
    fails: "copy: mode 'preserve' is that of `src`; `content` has none",
  },
  'a file of the host': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd' },
    host: { paths: { '/usr/share/motd': { ...right, mode: '0600' }, '/etc/motd': old } },
    changes: ['content'],
    writes: { '/etc/motd': 'Hello\n' },
  },
  'a file of the host with its mode, through a link, into a directory': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/', mode: 'preserve' },
    host: {
      paths: { '/usr/share/motd': { type: 'link', target: '/opt/m' }, '/opt/m': { ...right, mode: '0640' } },
    },
    changes: ['content new file', 'mode 0640'],
    writes: { '/etc/motd': 'Hello\n' },
  },
  'a file of the host that is the same already': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd' },
    host: { paths: { '/usr/share/motd': right, '/etc/motd': right } },
    steps: [],
  },
  'a file of the host that is missing': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd' },
    fails: 'there is no file /usr/share/motd on the host',
    hint: "Without `remoteSrc` the file is looked for in the role's files/.",
  },
  'a file of the host that is missing, and not needed': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd', force: false },
    host: at(old),
    steps: [],
  },
  'a directory of the host': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd' },
    host: { paths: { '/usr/share/motd': { type: 'directory' } } },
    fails: '/usr/share/motd is not a regular file',
    hint: 'copy() takes one file; for a tree run `cp -a` with command().',
  },
  'a file of the host whose checksum is another': {
    options: { src: '/usr/share/motd', remoteSrc: true, dest: '/etc/motd', checksum: `sha256:${'0'.repeat(64)}` },
    host: { paths: { '/usr/share/motd': right } },
    fails: `/usr/share/motd has the sha256 66a045b452102c59d840ec097d59d9467e13a3f34f6494e539ffd32c1bb35f18, not ${'0'.repeat(64)} (\`checksum\`)`,
  },
  'a file of the host without an absolute path': {
    options: { src: 'motd', remoteSrc: true, dest: '/etc/motd' },
    fails: 'copy: `remoteSrc` needs `src`: an absolute path on the host',
  },
});
