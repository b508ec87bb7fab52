/** What check mode once told wrongly of what comes along and is left behind, made small. */
import type { TaskSpec } from './round.ts';
import { dir, heard, ignored, type Told } from './told.ts';
import { task } from './world.ts';

const units = '/etc/systemd/system';
const service = '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n';
const put = (path: string, text: string): string => `printf %b '${text.replaceAll('\n', '\\n')}' >${path}`;
const look = (...paths: string[]): TaskSpec => task('find', { paths, recurse: true, hidden: true, fileType: 'any' });
const stat = (path: string): TaskSpec => task('stat', { path });

export const ofTraces: Readonly<Record<string, Told>> = {
  'folders of links that systemd makes and removes': {
    uses: ['units'],
    host: [
      put('/run/systemd/system/t9a.service', `${service}Also=t9b.service\n`),
      put('/run/systemd/system/t9b.service', service),
      `rm -r ${units}; mkdir ${units}; systemctl daemon-reload`,
    ],
    tasks: heard([
      task('systemd', { name: 't9a', enabled: true }),
      look(units),
      task('systemd', { name: 't9a', enabled: false }),
      stat(`${units}/multi-user.target.wants`),
      task('file', { path: units, state: 'absent' }),
      task('systemd', { name: 't9b', masked: true }),
      look(units),
    ]),
  },
  'links of which the files of a unit do not tell any more': {
    uses: ['units'],
    host: [put(`${units}/t9a.service`, service)],
    tasks: heard([
      task('systemdUnit', { name: 't9a.service', dropIn: 'more', content: '[Install]\nWantedBy=graphical.target\n' }),
      task('systemd', { name: 't9a', enabled: true }),
      look(units),
      task('systemdUnit', { name: 't9a.service', dropIn: 'more', state: 'absent' }, { keywords: { when: true } }),
      task('systemd', { name: 't9a', enabled: false }),
      look(units),
    ]),
  },
  'other names of an instance': {
    uses: ['units'],
    host: [put(`${units}/t9w@.service`, `${service}Alias=t9x@.service\n`)],
    tasks: heard([
      task('systemd', { name: 't9w@i', enabled: true }),
      look(units),
      task('systemd', { name: 't9w@i', enabled: false }),
      look(units),
    ]),
  },
  'a unit that is known by a link to its file': {
    uses: ['units'],
    host: [put('t9l.service', service), 'systemctl link "$PWD/t9l.service"'],
    tasks: heard([
      task('systemd', { name: 't9l', enabled: true }),
      ignored(task('systemd', { name: 't9l', enabled: false })),
      look(units),
    ]),
  },
  'folders that go with a package': {
    uses: ['packages'],
    host: ['DEBIAN_FRONTEND=noninteractive apt-get install -qy t0a t0c'],
    tasks: heard([
      task('copy', { dest: '/usr/share/t0a/mine', content: 'x\n' }),
      task('apt', { name: ['t0a', 't0c'], state: 'absent', purge: true }),
      stat('/usr/share/t0c'),
      look('/usr/share/t0a'),
    ]),
  },
  'folders that come with a package, and go with it': {
    uses: ['packages'],
    tasks: heard([
      task('apt', { name: ['t0a', 't0c'] }),
      task('apt', { name: ['t0a', 't0c'], state: 'absent' }),
      stat('/usr/share/t0a'),
      stat('/usr/share/t0c'),
    ]),
  },
  'a link in the place of a folder of a package': {
    uses: ['packages'],
    host: ['mkdir d'],
    tasks: heard([
      task('file', { path: '/usr/share/t0c', state: 'link', src: `${dir}/d` }),
      task('apt', { name: ['t0c'] }),
      look(dir),
      task('apt', { name: ['t0c'], state: 'absent' }),
      stat('/usr/share/t0c'),
    ]),
  },
  'a mailbox in the hands of others': {
    uses: ['accounts'],
    host: ['useradd -m t9m; echo x >/var/mail/t9m'],
    tasks: [ignored(task('user', { name: 't9m', state: 'absent', remove: true }))],
  },
  'folders above a mount point': {
    uses: ['mounts'],
    tasks: heard([task('mount', { path: `${dir}/x/y`, src: 'none', fstype: 'tmpfs', state: 'mounted' }), look(dir)]),
  },
  'processes of an account, as another asks': {
    uses: ['accounts'],
    host: ['useradd -m t9a'],
    tasks: [
      task('find', { paths: ['/home/t9a'] }, { keywords: { becomeUser: 't9a' } }),
      ignored(task('user', { name: 't9a', uid: 4242 }, { keywords: { becomeUser: 'nobody' } })),
    ],
  },
};
