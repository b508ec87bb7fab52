import type { Task } from '../../../src/playbook/index.ts';
import { command, copy, debug, file, group, hostname, user } from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const hash = new Secret('$6$saltsalt$Zc0W1l3cJ4sM5yJ0a4v6uV1uZ7mBq2hJt5vJc0b9oXrG3n8aPq', 'a test');

/** Each leaves the accounts as it found them, or uses names of its own. */
/** A command that only looks, and what it said. */
const told = (line: string): Task[] => {
  const asked = command({ argv: line.split(' '), changes: 'never' });
  return [asked, debug({ msg: ({ results }) => results(asked).stdout })];
};

export const accountCases: readonly LawCase[] = [
  {
    name: 'a group, its number, a system group',
    tasks: () => [group({ name: 'law1', gid: 4001 }), group({ name: 'law1s', system: true })],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(getent group law1)" = law1:x:4001: ]',
  },
  {
    name: 'another number for a group',
    setup: 'groupdel law2 2>/dev/null; groupadd -g 4002 law2',
    tasks: () => [group({ name: 'law2', gid: 4012 })],
    expect: ['changed'],
  },
  {
    name: 'a checker that asks for accounts which are only planned',
    tasks: () => [
      group({ name: 'law2g', system: true }),
      user({ name: 'law2u', group: 'law2g', system: true, createHome: false }),
      copy({
        dest: '/etc/law2',
        content: 'x',
        mode: '0644',
        validate:
          '[ -s %s ] && [ "$(id -gn law2u)" = law2g ] && getent group law2g && [ "$(getent passwd | cut -d: -f1 | sort | uniq -d)" = "" ]',
      }),
    ],
    expect: ['changed', 'changed', 'changed'],
  },
  {
    name: 'a checker that wants a planned folder and file to be of a planned user',
    tasks: () => [
      user({ name: 'law2o', system: true, createHome: false }),
      file({ path: '/etc/law2o.d', state: 'directory', owner: 'law2o', group: 'law2o', mode: '2700' }),
      copy({ dest: '/etc/law2o.d/ key', content: 'x', owner: 'law2o', mode: '0600' }),
      copy({
        dest: '/etc/law2o',
        content: 'x',
        mode: '0644',
        validate: `[ -s %s ] && [ "$(stat -c '%a %U:%G' /etc/law2o.d)" = '2700 law2o:law2o' ] && [ "$(stat -c %U '/etc/law2o.d/ key')" = law2o ]`,
      }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
  },
  {
    name: 'no such group any more',
    setup: 'groupadd -f law3',
    tasks: () => [group({ name: 'law3', state: 'absent' }), group({ name: 'law3never', state: 'absent' })],
    expect: ['changed', 'ok'],
  },
  {
    name: 'users that end one day or no more, and homes filled from elsewhere',
    setup:
      'mkdir -p /etc/skel-law; echo s >"/etc/skel-law/.a b"; chmod 0750 "/etc/skel-law/.a b"; useradd -M -e 2031-05-06 law4e; useradd -M -e 2031-05-06 law4f',
    tasks: () => [
      user({ name: 'law4d', expires: 1896048000, skeleton: '/etc/skel-law' }),
      user({ name: 'law4e', expires: 'never', skeleton: '/etc/skel-law' }),
      user({ name: 'law4f', expires: '2031-05-07', createHome: false }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `set -e; [ "$(getent shadow law4d law4e law4f | cut -d: -f8 | xargs)" = '21945 22406' ]; [ "$(cat "/home/law4d/.a b" "/home/law4e/.a b" | xargs)" = 's s' ]; [ "$(stat -c '%a %U' "/home/law4e/.a b")" = '750 law4e' ]; [ ! -e /home/law4d/.bashrc ]`,
  },
  {
    name: 'a user with all there is, and a file of theirs',
    setup: 'groupadd -f law4a; groupadd -f law4b',
    tasks: (dir) => [
      user({
        name: 'law4',
        uid: 4004,
        groups: ['law4b', 'law4a'],
        comment: `-q O'Law ü`,
        shell: '/bin/bash',
        password: hash,
      }),
      copy({ dest: `${dir}/f`, content: 'x', owner: 'law4', group: 'law4' }),
      file({ path: '/home/law4', state: 'directory', mode: '0700', owner: 'law4' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    hidden: ['saltsalt'],
    afterwards: `[ "$(id -Gn law4 | tr ' ' '\\n' | sort | xargs)" = 'law4 law4a law4b' ]; getent shadow law4 | grep -q saltsalt; [ -e /home/law4/.profile ]; [ "$(stat -c %U f)" = law4 ]`,
  },
  {
    name: 'a system user without a home',
    tasks: () => [
      user({ name: 'law5', system: true, createHome: false, home: '/var/lib/law5', shell: '/usr/sbin/nologin' }),
      debug({ msg: 'done' }),
    ],
    expect: ['changed', 'ok'],
    afterwards: '[ ! -e /var/lib/law5 ]; [ "$(id -u law5)" -lt 1000 ]',
  },
  {
    name: 'everything of a user changed',
    setup:
      'groupadd -f law6a; groupadd -f law6b; id law6 >/dev/null 2>&1 && userdel -r law6; useradd -m -G law6a -c old law6; rm -rf /srv/law6',
    tasks: () => [
      user({
        name: 'law6',
        groups: ['law6b'],
        group: 'users',
        comment: '',
        shell: '/bin/sh',
        home: '/srv/law6',
        password: hash,
        passwordLock: true,
      }),
    ],
    expect: ['changed'],
    hidden: ['saltsalt'],
    afterwards: `[ "$(id -Gn law6)" = 'users law6b' ]; getent shadow law6 | grep -q ':!.6.salt'; [ "$(stat -c '%U %G' /srv/law6)" = 'law6 users' ]`,
  },
  {
    name: 'keys of users, new and there before, and a home that moves with what is in it',
    setup: `for u in law6m law6k law6o; do id -u $u >/dev/null 2>&1 || useradd -m $u; done; echo kept >/home/law6m/f; mkdir -p /home/law6k/.ssh /home/law6o/.ssh/.play-key-left; ssh-keygen -q -t ed25519 -N '' -C there -f /home/law6k/.ssh/id_ed25519; touch /home/law6o/.ssh/own.pub; chown -R law6k: /home/law6k/.ssh; chown -R law6o: /home/law6o/.ssh; rm -rf /home/law6moved`,
    tasks: () => {
      const key = user({ name: 'law6n', generateSshKey: true, sshKeyType: 'ed25519', sshKeyComment: `a 'b' c` });
      const there = user({ name: 'law6k', generateSshKey: true, sshKeyType: 'ed25519' });
      return [
        user({ name: 'law6m', home: '/home/law6moved', moveHome: true }),
        key,
        there,
        user({
          name: 'law6o',
          generateSshKey: true,
          sshKeyFile: '.ssh/own',
          sshKeyBits: 1024,
          sshKeyPassphrase: hash,
        }),
        debug({ msg: ({ results }) => results(there).sshKey.publicKey.split(' ')[2] ?? '' }),
        file({ path: '/home/law6n/.ssh/id_ed25519', mode: '0600', owner: 'law6n' }),
      ];
    },
    expect: ['changed', 'changed', 'ok', 'changed', 'ok', 'ok'],
    hidden: ['$6$saltsalt'],
    afterwards: `set -e; [ "$(getent passwd law6m | cut -d: -f6)" = /home/law6moved ]; [ "$(cat /home/law6moved/f)" = kept ]; [ ! -e /home/law6m ]; [ "$(stat -c '%U %a' /home/law6n/.ssh /home/law6n/.ssh/id_ed25519 /home/law6n/.ssh/id_ed25519.pub | xargs)" = 'law6n 700 law6n 600 law6n 644' ]; grep -q " a 'b' c" /home/law6n/.ssh/id_ed25519.pub; cd /home/law6o/.ssh; [ "$(ls -A | xargs)" = 'own own.pub' ]; [ "$(ssh-keygen -y -P '$6$saltsalt$Zc0W1l3cJ4sM5yJ0a4v6uV1uZ7mBq2hJt5vJc0b9oXrG3n8aPq' -f own | cut -d' ' -f2)" = "$(cut -d' ' -f2 own.pub)" ]; ssh-keygen -l -f own.pub | grep -q ^1024; ! ssh-keygen -y -P '' -f own 2>/dev/null`,
  },
  {
    name: 'groups appended, none taken away; a password left alone',
    setup:
      'groupadd -f law7a; groupadd -f law7b; id law7 >/dev/null 2>&1 || useradd -m law7; usermod -G law7a law7; echo law7:x | chpasswd',
    tasks: () => [user({ name: 'law7', groups: ['law7b'], append: true, password: hash, updatePassword: 'on_create' })],
    expect: ['changed'],
    afterwards: `[ "$(id -Gn law7)" = 'law7 law7a law7b' ]; ! getent shadow law7 | grep saltsalt`,
  },
  {
    name: 'no such user any more, nor their home',
    setup: 'id law8 >/dev/null 2>&1 || useradd -m law8; touch /home/law8/x',
    tasks: () => [
      user({ name: 'law8', state: 'absent', remove: true }),
      group({ name: 'law8', state: 'absent' }),
      user({ name: 'law8never', state: 'absent' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: '[ ! -e /home/law8 ]',
  },
  {
    name: 'a group that is not there',
    tasks: () => [user({ name: 'law9', groups: ['law9none'] })],
    expect: ['failed'],
    again: ['failed'],
    says: /there is no group law9none/,
  },
  {
    name: 'groups and users that tasks before make',
    tasks: () => [
      group({ name: 'law10g' }),
      user({ name: 'law10', groups: ['law10g'], createHome: false }),
      user({ name: 'law10b', group: 'law10g', groups: ['law10'], createHome: false }),
    ],
    expect: ['changed', 'changed', 'changed'],
  },
  {
    name: 'a command about a user that is planned',
    tasks: () => [user({ name: 'law11', createHome: false }), command({ cmd: 'id law11', changes: 'never' })],
    expect: ['changed', 'ok'],
  },
  {
    name: 'the name of the host',
    tasks: () => [
      hostname({ name: 'new-name.example.org' }),
      debug({ msg: ({ facts }) => facts.hostname }),
      ...told('hostname'),
      ...told('uname -n'),
    ],
    expect: ['changed', 'ok', 'ok', 'ok', 'ok', 'ok'],
    afterwards: `[ "$(cat /etc/hostname /proc/sys/kernel/hostname | sort -u)" = new-name.example.org ]`,
  },
];
