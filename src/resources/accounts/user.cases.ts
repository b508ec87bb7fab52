import { predict } from '../../contract/index.ts';
import { shadow, shadowExpiry } from '../../probes/index.ts';
import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { noSshKey } from './user-wanted.ts';
import { user } from './user.ts';

const name = 'app';
const hash = '$6$salt$hash';
const own = { name, gid: 1000 };
const there: HostDescription = {
  users: [{ name, uid: 1000 }],
  groups: [own, { name: 'docker', gid: 998 }, { name: 'www', gid: 997 }],
  paths: { '/home/app': { type: 'directory', mode: '0700', owner: name, group: name } },
};
const member: HostDescription = {
  ...there,
  groups: [own, { name: 'docker', gid: 998, members: [name] }, { name: 'www', gid: 997 }],
};
const withShadow = (line: string): HostDescription => ({ ...there, answers: [predict(shadow(name), line)] });
const busy: HostDescription = { ...there, answersOfKind: { 'account-process': () => ({ pid: 4711, name: 'node' }) } };
const gone = { name, state: 'absent' } as const;

export const cases = planCases(user, {
  'a new user': {
    options: { name },
    changes: ['state absent -> present', 'home directory /home/app'],
    steps: ['make the user app'],
    args: [['app', '', '/home/app', '-U', '-m']],
    result: { name, state: 'present', home: '/home/app', sshKey: noSshKey },
  },
  'a user of the host itself, where LDAP has the same name': {
    options: { name, local: true },
    host: { ...there, paths: {}, answersOfKind: { 'local-user': () => null, 'local-group': () => null } },
    changes: ['state absent -> present', 'home directory /home/app'],
    args: [['app', '', '/home/app', '-P', '//', '-u', '1001', '-U', '-m']],
  },
  'a user of the host itself, by a name that only it knows': {
    options: { name, local: true },
    changes: ['state absent -> present', 'home directory /home/app'],
    args: [['app', '', '/home/app', '-U', '-m']],
  },
  'a user of the host itself goes, not one of LDAP': {
    options: { name, local: true, state: 'absent' },
    host: { ...there, answersOfKind: { 'local-user': () => null } },
  },
  'a key for a new user': {
    options: { name, generateSshKey: true },
    changes: [
      'state absent -> present',
      'home directory /home/app',
      'ssh key absent -> new rsa key /home/app/.ssh/id_rsa',
    ],
    steps: ['make the user app', 'make the ssh key /home/app/.ssh/id_rsa'],
  },
  'a key where there is no home': {
    options: { name, generateSshKey: true, createHome: false },
    fails: 'there is no directory /home/app for the ssh key',
    hint: 'With `createHome: false` an earlier task must make it.',
  },
  'a key file that leads out of the home directory': {
    options: { name, generateSshKey: true, sshKeyFile: '../x' },
    fails: 'user: option "sshKeyFile" is "../x" (a string), but must be the path of a file, without `..`',
  },
  'of a key without one': {
    options: { name, sshKeyBits: 4096 },
    fails: 'user: `sshKeyBits` needs `generateSshKey`',
  },
  'a home that moves': {
    options: { name, home: '/srv/app', moveHome: true },
    host: there,
    changes: ['home /home/app -> /srv/app', 'home directory /home/app -> moved to /srv/app'],
    steps: ['move the home directory /home/app', 'change the user app'],
  },
  'a home that does not move where something is': {
    options: { name, home: '/srv/app', moveHome: true },
    host: { ...there, paths: { ...there.paths, '/srv/app': { type: 'directory' } } },
    changes: ['home /home/app -> /srv/app'],
    steps: ['change the user app'],
  },
  'a home that would move into itself': {
    options: { name, home: '/home/app/home', moveHome: true },
    host: there,
    fails: 'the home directory /home/app cannot be moved into itself, to /home/app/home',
  },
  'right already': {
    options: { name },
    host: there,
    result: { name, state: 'present', home: '/home/app', sshKey: noSshKey },
  },
  'a new system user without a home': {
    options: { name, system: true, createHome: false, home: '/var/lib/app', shell: '/usr/sbin/nologin' },
    changes: ['state absent -> present', 'home /var/lib/app', 'shell /usr/sbin/nologin'],
    args: [['app', '', '', '-U', '-d', '/var/lib/app', '-s', '/usr/sbin/nologin', '-r', '-M']],
  },
  'a new user with all there is': {
    options: { name, uid: 2000, group: 'www', groups: ['docker'], comment: 'The app', passwordLock: true },
    host: { groups: there.groups ?? [] },
    changes: [
      'state absent -> present',
      'uid 2000',
      'group www',
      'groups docker',
      'comment The app',
      'password locked',
      'home directory /home/app',
    ],
    args: [['app', 'yes', '/home/app', '-u', '2000', '-g', 'www', '-G', 'docker', '-c', 'The app', '-m']],
  },
  'a group of that name is there, so the user gets the common one': {
    options: { name },
    host: { groups: [own] },
    changes: ['state absent -> present', 'home directory /home/app'],
    args: [['app', '', '/home/app', '-N', '-m']],
  },
  'a home that is there is taken as it is': {
    options: { name },
    host: { paths: { '/home/app': { type: 'directory' } } },
    changes: ['state absent -> present'],
  },
  'a home is made where it is missing': {
    options: { name },
    host: { users: there.users ?? [], groups: [own] },
    changes: ['home directory /home/app'],
    result: { name, state: 'present', home: '/home/app', sshKey: noSshKey },
  },
  'no home is made at /nonexistent': {
    options: { name, home: '/nonexistent' },
    changes: ['state absent -> present', 'home /nonexistent'],
  },
  'a file above the home': {
    options: { name, home: '/srv/file/app' },
    host: { paths: { '/srv/file': { type: 'file', content: '' } } },
    fails: 'the home directory /srv/file/app cannot be made: /srv/file is not a directory',
  },
  'the shell': {
    options: { name, shell: '/bin/bash' },
    host: there,
    changes: ['shell /bin/sh -> /bin/bash'],
    steps: ['change the user app'],
    args: [['', 'app', '-s', '/bin/bash']],
  },
  'the comment, with blanks and quotes': {
    options: { name, comment: `Jörg "the app" O'Neil` },
    host: there,
    changes: [`comment  -> Jörg "the app" O'Neil`],
    args: [['', 'app', '-c', `Jörg "the app" O'Neil`]],
  },
  'another number': {
    options: { name, uid: 1500 },
    host: there,
    changes: ['uid 1000 -> 1500'],
    args: [['/home/app', 'app', '-u', '1500']],
  },
  'a number that somebody else has': {
    options: { name, uid: 65_534 },
    host: there,
    fails: 'the uid 65534 is that of nobody; take another, or say `nonUnique: true`',
  },
  'a number that somebody else has, all the same': {
    options: { name, uid: 65_534, nonUnique: true },
    host: there,
    changes: ['uid 1000 -> 65534'],
  },
  'another home, which is not moved': {
    options: { name, home: '/srv/app' },
    host: there,
    changes: ['home /home/app -> /srv/app', 'home directory /srv/app'],
  },
  'the primary group': {
    options: { name, group: 'www' },
    host: there,
    changes: ['group app -> www'],
  },
  'the primary group by its number': { options: { name, group: '1000' }, host: there },
  'just these groups': {
    options: { name, groups: ['www'] },
    host: member,
    changes: ['groups docker -> www'],
    args: [['', 'app', '-G', 'www']],
  },
  'these groups too': {
    options: { name, groups: ['www'], append: true },
    host: member,
    changes: ['groups docker -> docker,www'],
  },
  'a member already': { options: { name, groups: ['docker'], append: true }, host: member },
  'no groups': { options: { name, groups: [] }, host: member, changes: ['groups docker -> '] },
  'groups in another order are the same': {
    options: { name, groups: ['www', 'docker', 'app'] },
    host: {
      ...there,
      groups: [own, { name: 'docker', gid: 998, members: [name] }, { name: 'www', gid: 997, members: [name] }],
    },
  },
  'a group that does not exist': {
    options: { name, groups: ['docker'] },
    fails: 'there is no group docker on this host',
    hint: "Make it first: group({ name: 'docker' })",
  },
  'a group by a number that no group has': {
    options: { name, groups: ['4711'] },
    fails: 'no group has the number 4711',
    hint: 'Make it first: group({ name: ..., gid: 4711 })',
  },
  'a password': {
    options: { name, password: new Secret(hash) },
    host: withShadow('!'),
    changes: ['password'],
    steps: ['set the password of app'],
    args: [['app']],
    stdin: [hash],
  },
  'the password is right already': { options: { name, password: new Secret(hash) }, host: withShadow(hash) },
  'the password of one who is there is left alone': {
    options: { name, password: new Secret(hash), updatePassword: 'on_create' },
    host: withShadow('$6$other$hash'),
  },
  'a new user has the password at once': {
    options: { name, password: new Secret(hash) },
    changes: ['state absent -> present', 'password', 'home directory /home/app'],
    stdin: [hash],
  },
  'a password is locked': {
    options: { name, passwordLock: true },
    host: withShadow(hash),
    changes: ['password open -> locked'],
    steps: ['lock the password of app'],
    stdin: [`!${hash}`],
  },
  'a password is unlocked': {
    options: { name, passwordLock: false },
    host: withShadow(`!${hash}`),
    changes: ['password locked -> open'],
    stdin: [hash],
  },
  'no password is unlocked': {
    options: { name, passwordLock: false },
    host: withShadow('!'),
    fails: 'the password of app cannot be unlocked: there is none; give `password`, or leave it locked',
  },
  'a password in plain text': {
    options: { name, password: 'geheim' },
    fails: 'user: `password` is not a crypt(5) hash; make one with: mkpasswd -m yescrypt',
  },
  'a secret in plain text is not shown': {
    options: { name, password: new Secret('geheim-geheim') },
    fails: '`password` is not a crypt(5) hash; make one with: mkpasswd -m yescrypt',
  },
  'a user goes': {
    options: gone,
    host: there,
    changes: ['state present (uid 1000) -> absent'],
    steps: ['remove the user app'],
    result: { name, state: 'absent', home: '/home/app', sshKey: noSshKey },
  },
  'a user goes with the home': {
    options: { ...gone, remove: true },
    host: there,
    changes: ['state present (uid 1000) -> absent', 'home directory /home/app -> absent'],
    args: [['/home/app', 'app', '-r']],
  },
  'gone already': { options: gone, result: { name, state: 'absent', home: '', sshKey: noSshKey } },
  'a home of somebody else is not removed': {
    options: { ...gone, remove: true },
    host: { ...there, paths: { '/home/app': { type: 'directory' } } },
    fails:
      'the home directory /home/app belongs to root, not to app: remove the user without `remove`, and the directory with file() if it should go',
  },
  'a mailbox of somebody else is not removed': {
    options: { ...gone, remove: true },
    host: { ...there, paths: { '/var/mail/app': { type: 'file', content: '' } } },
    fails:
      'the mailbox /var/mail/app belongs to root, not to app: remove the user without `remove`, and the mailbox with file() if it should go',
  },
  'a process of the user runs': {
    options: gone,
    host: busy,
    fails: 'a process of app runs (4711 node)',
    hint: 'Stop it first.',
  },
  'a process that something before may stop': {
    options: gone,
    host: busy,
    behind: {},
    changes: ['state present (uid 1000) -> absent'],
    assumed: ['the process node of app has ended by then ("a task" changes the host before)'],
  },
  'a process is in nobody’s way where the shell changes': {
    options: { name, shell: '/bin/bash' },
    host: busy,
    changes: ['shell /bin/sh -> /bin/bash'],
  },
  'who is not root': {
    options: { name: 'other' },
    host: { ...there, as: name },
    fails: 'only root may change accounts, and this runs as app',
    hint: 'Run the task with `become: true`.',
  },
  'a name that useradd would refuse': {
    options: { name: 'x'.repeat(33) },
    fails: `"${'x'.repeat(33)}" cannot be the name of an account: it has more than 32 bytes`,
  },
  'a name with a blank': {
    options: { name: 'a b' },
    fails: 'user: option "name" is "a b" (a string), but must be a name without blanks, colons, commas and slashes',
  },
  'append without groups': { options: { name, append: true }, fails: 'user: `append` needs `groups`' },
  'a home to remove of one who stays': {
    options: { name, remove: true },
    fails: "user: `remove` needs state 'absent'",
  },
  'a new user who goes one day, with a home filled from elsewhere': {
    options: { name, expires: '2027-01-31', skeleton: '/etc/skel-app' },
    host: { paths: { '/etc/skel-app': { type: 'directory' } }, answers: [predict(shadowExpiry(name), null)] },
    changes: ['state absent -> present', 'expires 2027-01-31', 'home directory /home/app'],
    args: [['app', '', '/home/app', '-U', '-e', '2027-01-31', '-k', '/etc/skel-app', '-m']],
  },
  'seconds since 1970, as in Ansible': {
    options: { name, expires: 1422403387 },
    host: { ...there, answers: [predict(shadowExpiry(name), null)] },
    changes: ['expires never -> 2015-01-28'],
    args: [['', 'app', '-e', '2015-01-28']],
  },
  'it ends on that day already': {
    options: { name, expires: 1422403387 },
    host: { ...there, answers: [predict(shadowExpiry(name), 16_463)] },
    steps: [],
  },
  'it ends no more': {
    options: { name, expires: -1 },
    host: { ...there, answers: [predict(shadowExpiry(name), 16_463)] },
    changes: ['expires 2015-01-28 -> never'],
    args: [['', 'app', '-e', '']],
  },
  'a day that is none': {
    options: { name, expires: '2027-02-30' },
    fails: `user: option "expires" is "2027-02-30" (a string), but must be a day, such as '2027-01-31', or 'never'`,
  },
  'nothing to fill the home from': {
    options: { name, skeleton: '/etc/skel-app' },
    fails: 'there is no directory /etc/skel-app to fill the home directory from (`skeleton`)',
  },
  'a home that is there needs no skeleton': { options: { name, skeleton: '/etc/skel-app' }, host: there, steps: [] },
});
