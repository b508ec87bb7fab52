/** What check mode once told wrongly of accounts, units and packages, made small. */
import { Reading } from './round.ts';
import { publicKey } from './tasks/edits.ts';
import { dir, ignored, shell, type Told } from './told.ts';
import { task } from './world.ts';

const units = '/etc/systemd/system';
const service = '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n';
const asDaemon = { becomeUser: 'daemon', ignoreErrors: true } as const;

export const ofHost: Readonly<Record<string, Told>> = {
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
  'a table of cron that is planned, as crontab shows it': {
    uses: ['accounts'],
    host: ['useradd t9m'],
    tasks: [
      task('cron', { name: 'j1', user: 't9m', job: 'true' }),
      task('shell', { cmd: 'crontab -l -u t9m', changes: 'never' }),
    ],
  },
  'keys in a home that a line of /etc/passwd gives': {
    uses: ['accounts'],
    host: ['mkdir d', `useradd t9m; printf '#Ansible: j1\\n* 1 * * * true\\n' | crontab -u t9m -; userdel t9m`],
    tasks: [
      task('lineinfile', { path: '/etc/passwd', line: `t9m:x:4500:100::${dir}/d:/bin/sh` }),
      task('cron', { name: 'j1', user: 't9m', job: 'true', hour: 1 }),
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
  'questions of a user whom a line of /etc/passwd makes': {
    uses: ['accounts'],
    host: ['useradd t9n'],
    tasks: [
      task('lineinfile', { path: '/etc/passwd', line: `t9m:x:4500:100::${dir}/d:/bin/sh` }),
      { ...shell('id -un; f=$(mktemp) && rm "$f"'), keywords: { becomeUser: 't9m' } },
      task('user', { name: 't9n', comment: 'x' }),
      { ...shell('id -un; id -un t9n'), keywords: { becomeUser: 't9m' } },
    ],
  },
  'a user whose line goes, before another is added': {
    uses: ['accounts'],
    host: ['useradd t9n; groupadd t9g; mkdir d'],
    tasks: [
      task('lineinfile', { path: '/etc/passwd', regexp: '^t9n:', state: 'absent' }),
      task('lineinfile', { path: '/etc/group', regexp: '^t9g:', state: 'absent' }),
      task('user', { name: 't9m' }),
      ignored(task('file', { path: `${dir}/d`, owner: 't9n' })),
      ignored(task('file', { path: `${dir}/d`, group: 't9g' })),
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
    tasks: [
      ignored(task('apt', { name: ['t0a=1.1', 't0d'] })),
      task('apt', { name: ['t0a'], state: 'absent' }),
      task('dpkgSelections', { name: 't0a', selection: 'install' }),
      task('apt', { name: ['t0b'] }),
    ],
  },
  'packages that come for another, and go with it': {
    uses: ['packages'],
    tasks: [
      task('apt', { name: ['t0b'] }),
      task('apt', { name: ['t0b'], state: 'absent', autoremove: true }),
      task('apt', { name: ['t0b'] }),
      task('apt', { name: ['t0a=1.0'], allowDowngrade: true }),
      task('apt', { name: ['t0b'], state: 'absent', autoremove: true }),
    ],
  },
  'the newest version of what came for another': {
    uses: ['packages'],
    host: ['DEBIAN_FRONTEND=noninteractive apt-get install -qy t0b'],
    tasks: [task('apt', { name: ['t0a'], state: 'latest' }), task('apt', { autoremove: true })],
  },
  'a hold on what has left its configuration': {
    uses: ['packages'],
    tasks: [
      task('apt', { name: ['t0a'] }),
      task('apt', { name: ['t0a'], state: 'absent' }),
      task('dpkgSelections', { name: 't0a', selection: 'hold' }),
      ignored(task('apt', { name: ['t0b'] })),
    ],
  },
  'lists of packages that cannot be fetched': {
    uses: ['packages'],
    host: [`echo 'deb [trusted=yes] file:/srv/truth-none ./' >/etc/apt/sources.list.d/t9s.list`],
    tasks: [
      ignored(task('apt', { name: ['t0a'], state: 'latest', updateCache: true })),
      ignored(task('apt', { name: ['t0c'], updateCache: true })),
    ],
  },
  'a refusal that has nothing to do with lists that cannot be fetched': {
    uses: ['packages'],
    host: ['DEBIAN_FRONTEND=noninteractive apt-get install -qy t0a'],
    tasks: [
      task('aptRepository', {
        name: 't9s',
        uris: ['file:/srv/truth-none'],
        suites: ['./'],
        trusted: true,
        updateCache: false,
      }),
      ignored(task('apt', { name: ['t0a=1.0'] })),
    ],
  },
  'links that go are read with the rest': {
    uses: ['units'],
    host: [`printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`, 'systemctl enable t9a'],
    tasks: [
      task('systemd', { name: 't9a', state: 'started', enabled: false }),
      task('systemd', { daemonReload: true }),
    ],
  },
  'links of a unit that has lost its file': {
    uses: ['units'],
    host: [`printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`, 'systemctl enable t9a'],
    tasks: [
      task('file', { path: `${units}/t9a.service`, state: 'absent' }),
      task('systemd', { name: 't9a', enabled: false }),
      ignored(task('slurp', { src: `${units}/multi-user.target.wants/t9a.service` })),
    ],
  },
  'a timer that is planned, once it runs': {
    uses: ['units'],
    tasks: [
      task('systemdUnit', { name: 't9a.service', content: service }),
      task('systemdUnit', { name: 't9a.timer', content: '[Timer]\nOnCalendar=2099-01-01\n' }),
      task('systemd', { name: 't9a.timer', state: 'started' }),
      task('debug', { msg: new Reading('t3', ['active'], 'text') }),
    ],
  },
  'a service that runs to its end': {
    uses: ['units'],
    host: [`printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n' >${units}/t9a.service`],
    tasks: [task('systemd', { name: 't9a', state: 'started' })],
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
  'set-user-ID files of a user who gets another number': {
    uses: ['accounts'],
    host: [
      'useradd -m -u 4242 t9c; cd /home/t9c; for m in 4755 2755 2644 6644; do echo x >$m; chown t9c: $m; chmod $m $m; done',
    ],
    tasks: [
      task('user', { name: 't9c', uid: 4300 }),
      task('find', { paths: ['/home/t9c'] }),
      task('debug', { msg: new Reading('t2', ['files'], 'paths') }),
    ],
  },
  'a list of access control of what the account may not open': {
    host: ['mkdir e; chgrp daemon e; chmod 2775 e; echo x >e/f; chmod 0 e/f'],
    tasks: [
      task('acl', { path: `${dir}/e/f`, etype: 'group', entity: 'daemon', permissions: 'r' }, { keywords: asDaemon }),
      task('file', { path: `${dir}/e/f`, owner: 'daemon' }),
      task('file', { path: `${dir}/e/f`, mode: '0640' }, { keywords: asDaemon }),
    ],
  },
  'a tree that is reached through what goes with the rest': {
    host: ['mkdir w w/m; ln -s .. w/m/a'],
    tasks: [ignored(task('sync', { dest: `${dir}/w/m/a`, generated: { f: 'x\n' }, delete: true }))],
  },
  'capabilities of a file that has two names': {
    host: ['echo x >f; ln f h'],
    tasks: [
      task('capabilities', { path: `${dir}/f`, capability: 'cap_chown=ep' }),
      task('capabilities', { path: `${dir}/h`, capability: 'cap_kill+ep' }),
      task('capabilities', { path: `${dir}/f`, capability: 'cap_chown', state: 'absent' }),
      task('capabilities', { path: `${dir}/h`, capability: 'cap_chown', state: 'absent' }),
    ],
  },
  'a link that systemd does not know to be gone': {
    uses: ['units'],
    host: [
      `printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`,
      'systemctl enable --now t9a; systemctl show -P UnitFileState t9a',
      `rm ${units}/multi-user.target.wants/t9a.service; echo '# more' >>${units}/t9a.service`,
    ],
    tasks: [task('systemd', { name: 't9a', state: 'restarted', enabled: true }, { again: true })],
  },
  'units, by an account that systemd does not obey': {
    uses: ['units'],
    host: [`printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`],
    tasks: [
      task('systemd', { name: 't9w@x.service', masked: true }, { keywords: asDaemon }),
      task('systemd', { name: 't9a', enabled: true }, { keywords: asDaemon }),
    ],
  },
  'a timer of a service that is masked while it runs': {
    uses: ['units'],
    host: [
      `printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >${units}/t9a.service`,
      'systemctl daemon-reload; systemctl start t9a',
    ],
    tasks: [
      task('file', { path: `${units}/t9a.service`, state: 'link', src: '/dev/null', force: true }),
      task('copy', { dest: `${units}/t9a.timer`, content: '[Timer]\nOnCalendar=2099-01-01\n' }),
      ignored(task('systemd', { name: 't9a.timer', state: 'started' })),
    ],
  },
  'units whose folder is removed': {
    uses: ['units'],
    host: [`printf %b '${service.replaceAll('\n', '\\n')}' >${units}/t9a.service`, 'systemctl daemon-reload'],
    tasks: [
      task('systemd', { name: 't9a', state: 'started' }),
      task('file', { path: units, state: 'absent' }),
      ignored(task('systemd', { name: 't9a', enabled: true })),
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
