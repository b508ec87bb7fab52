/** What check mode once told wrongly, made small: plays as data. What cases of one resource can show is with them. */
import { Reading, type Part, type Round, type TaskSpec } from './round.ts';
import { publicKey } from './tasks/edits.ts';
import { task } from './world.ts';

interface Told {
  readonly uses?: readonly Part[];
  /** Lines of sh that bring the host into its state, as root, in `dir`. */
  readonly host?: readonly string[];
  readonly tasks: readonly TaskSpec[];
}

const dir = '/srv/truth/t9 it\'s "ü"';
const units = '/etc/systemd/system';
const service = '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n';
const shell = (cmd: string): TaskSpec => task('shell', { cmd, changes: 'never' }, { keywords: { ignoreErrors: true } });
const ignored = (one: TaskSpec): TaskSpec => ({ ...one, keywords: { ...one.keywords, ignoreErrors: true } });

const told: Readonly<Record<string, Told>> = {
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
    host: ['mkdir -p d e', `ln -s "$PWD/d" e/l`, 'mkdir w'],
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
  'what is in the hands of others by then': {
    uses: ['accounts'],
    host: [
      'useradd -m t9c; mkdir d; echo x >i; chattr +i i',
      'git init -q -b main origin; cd origin; git config user.name n; git config user.email e@example.org',
      'echo one >f; git add .; git commit -qm 1; cd ..',
    ],
    tasks: [
      task('authorizedKey', { user: 't9c', key: `${publicKey} c1` }, { keywords: { becomeUser: 't9c' } }),
      ignored(task('file', { path: `${dir}/h`, state: 'hard', src: `${dir}/i` })),
      task('file', { path: `${dir}/d`, owner: 'daemon' }),
      ignored(task('git', { repo: `${dir}/origin`, dest: `${dir}/d/work`, version: 'main' })),
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
    host: [
      'git init -q -b main origin; cd origin; git config user.name n; git config user.email e@example.org',
      'echo one >f; git add .; git commit -qm 1; echo two >f; git commit -qam 2; cd ..',
    ],
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
  'an instance that is masked, then unmasked': {
    uses: ['units'],
    host: [`printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >${units}/t9w@.service`],
    tasks: [
      task('systemd', { name: 't9w@x.service', masked: true }),
      task('systemd', { name: 't9w@x.service', state: 'started', masked: false }),
    ],
  },
  'a mask that comes as a file': {
    uses: ['units'],
    host: [
      `printf '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`,
      'systemctl daemon-reload',
      'systemctl start t9a',
    ],
    tasks: [
      task('file', { path: `${units}/t9a.service`, state: 'link', src: '/dev/null', force: true }),
      ignored(task('systemd', { name: 't9a', state: 'stopped', enabled: true })),
    ],
  },
  'systemd, asked about a planned unit': {
    uses: ['units'],
    tasks: [task('systemdUnit', { name: 't9b.service', content: service }), shell('systemctl is-enabled t9b.service')],
  },
  'homes behind links that lead where others may write': {
    uses: ['accounts'],
    host: ['mkdir d; chmod 1777 d', 'ln -s d l'],
    tasks: [task('user', { name: 't9m', home: `${dir}/l/h/deep` })],
  },
  'a link that a mount would hide': {
    uses: ['mounts'],
    host: ['mkdir w', 'ln -s ../w w/l'],
    tasks: [ignored(task('mount', { path: `${dir}/w/l`, state: 'ephemeral', src: 'none', fstype: 'tmpfs' }))],
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
  'keys in a home that a line of /etc/passwd gives': {
    uses: ['accounts'],
    host: ['mkdir d'],
    tasks: [
      task('lineinfile', { path: '/etc/passwd', line: `t9m:x:4500:100::${dir}/d:/bin/sh` }),
      task('authorizedKey', { user: 't9m', key: `${publicKey} c1`, exclusive: true }),
      task('authorizedKey', { user: 't9m', key: `${publicKey} c2`, exclusive: true }),
      task('copy', { dest: `${dir}/d/.ssh/authorized_keys`, content: '# none\n' }),
      task('authorizedKey', { user: 't9m', key: `${publicKey} c1` }),
    ],
  },
  'work of a user whom a line of /etc/passwd makes': {
    uses: ['accounts'],
    host: ['useradd t9n', 'install -d -o 4500 d'],
    tasks: [
      task('lineinfile', { path: '/etc/passwd', line: `t9m:x:4500:100::${dir}/d:/bin/sh` }),
      ignored({ ...task('copy', { dest: `${dir}/f`, content: 'x\n' }), keywords: { becomeUser: 't9m' } }),
      { ...task('copy', { dest: `${dir}/d/f`, content: 'x\n' }), keywords: { becomeUser: 't9m' } },
      task('file', { path: `${dir}/d/f`, owner: 't9n', mode: '0600' }),
      task('lineinfile', { path: '/etc/passwd', regexp: '^t9n:', state: 'absent' }),
      ignored({ ...task('copy', { dest: `${dir}/d/g`, content: 'x\n' }), keywords: { becomeUser: 't9n' } }),
      task('file', { path: `${dir}/d/f`, owner: 't9m' }),
    ],
  },
  'work of a user whom a command makes': {
    uses: ['accounts'],
    tasks: [
      task('shell', { cmd: 'id t9m || useradd -m t9m', changes: 'always' }, { again: true }),
      { ...task('copy', { dest: '/home/t9m/f', content: 'x\n' }), keywords: { becomeUser: 't9m' } },
    ],
  },
  'files of a package that nobody looks into': {
    uses: ['packages'],
    tasks: [
      task('apt', { name: ['t0a=1.1'] }),
      ignored(task('slurp', { src: '/usr/share/t0a/f' })),
      ignored(task('lineinfile', { path: '/usr/share/t0a/f', line: 'more' })),
    ],
  },
  'a conffile that somebody edited before': {
    uses: ['packages'],
    host: [
      'DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades t0a=1.0',
      'echo mine >>/etc/t0a.conf; chmod 0600 /etc/t0a.conf; chown daemon /etc/t0a.conf',
    ],
    tasks: [
      task('apt', { name: ['t0a=1.1'] }),
      task('file', { path: '/etc/t0a.conf.dpkg-dist', mode: '0640' }),
      task('lineinfile', { path: '/etc/t0a.conf.dpkg-dist', line: 'more' }),
      task('apt', { name: ['t0a'], state: 'absent', purge: true }),
      ignored(task('slurp', { src: '/etc/t0a.conf.dpkg-dist' })),
    ],
  },
  'conffiles that a task edits, or removes': {
    uses: ['packages'],
    host: ['DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades t0a=1.0'],
    tasks: [
      task('apt', { name: ['t0b'] }),
      task('file', { path: '/etc/t0b.conf', state: 'absent' }),
      task('apt', { name: ['t0b'], state: 'absent' }),
      task('lineinfile', { path: '/etc/t0a.conf', line: 'mine' }),
      task('apt', { name: ['t0a=1.1', 't0b'] }),
      task('lineinfile', { path: '/etc/t0a.conf', line: 'more' }),
      task('lineinfile', { path: '/etc/t0a.conf.dpkg-dist', line: 'more' }),
      ignored(task('slurp', { src: '/etc/t0b.conf' })),
    ],
  },
  'a conffile that keeps its owner and mode': {
    uses: ['packages'],
    host: [
      'DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades t0a=1.0',
      'chmod 0600 /etc/t0a.conf; chown daemon /etc/t0a.conf',
    ],
    tasks: [
      task('apt', { name: ['t0a=1.1'] }),
      task('file', { path: '/etc/t0a.conf', mode: '0640', owner: 'root' }),
      task('copy', { dest: '/etc/t0a.conf', content: 'version = 1.1\n' }),
    ],
  },
  'packages that do not go together': {
    uses: ['packages'],
    host: ['DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades t0a=1.0'],
    tasks: [ignored(task('apt', { name: ['t0a=1.1', 't0d'] }))],
  },
  'links that go are read with the rest': {
    uses: ['units'],
    host: [`printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`, 'systemctl enable t9a'],
    tasks: [
      task('systemd', { name: 't9a', state: 'started', enabled: false }),
      task('systemd', { daemonReload: true }),
    ],
  },
  'unit files that are read on the way to a failure': {
    uses: ['units'],
    host: [
      `printf '[Service]\\nUser=nosuchuser\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n' >${units}/t9b.service`,
    ],
    tasks: [
      ignored(task('systemd', { name: 't9b.service', state: 'restarted', enabled: true }, { again: true })),
      task('systemd', { daemonReload: true }),
    ],
  },
  'a source with a newer version': {
    uses: ['packages'],
    tasks: [
      task('aptRepository', { name: 't9s', uris: ['file:/srv/truth-repo2'], suites: ['./'], trusted: true }),
      task('apt', { name: ['t0a', 't0e'] }),
      shell('cat /usr/share/t0a/f'),
    ],
  },
};

export const onceWrong: readonly (readonly [what: string, round: Round])[] = Object.entries(told).map(
  ([what, { uses = [], host = [], tasks }]) => [
    what,
    {
      seed: 0,
      prefix: 't9',
      dir,
      uses,
      host,
      items: tasks.map((one, i) => ({ ...one, name: `t${i + 1}` })),
      handlers: [],
    },
  ],
);
