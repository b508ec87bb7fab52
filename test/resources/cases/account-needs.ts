import type { Task } from '../../../src/playbook/index.ts';
import {
  acl,
  authorizedKey,
  blockinfile,
  command,
  copy,
  cron,
  debug,
  file,
  group,
  lineinfile,
  slurp,
  stat,
  sync,
  tempfile,
  user,
} from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

const failing = (name: string, tasks: LawCase['tasks'], says: RegExp, setup?: string): LawCase => {
  const expect = ['failed'];
  return { name, tasks, says, expect, again: expect, ...(setup === undefined ? {} : { setup }) };
};

const as = (becomeUser: string) => ({ become: true, becomeUser });

/** sh: folders and files that are root's, open or closed to others. */
const lawc =
  'rm -rf /srv/lawc; mkdir -m 0755 /srv/lawc /srv/lawc/closed /srv/lawc/dark/d -p; chmod 0700 /srv/lawc/dark; mkdir -m 0777 /srv/lawc/open; mkdir -m 1777 /srv/lawc/sticky; mkdir -m 0555 /srv/lawc/mine; chown lawc /srv/lawc/mine; echo x >/srv/lawc/open/f; echo x >/srv/lawc/sticky/f; echo x >/srv/lawc/open/own; chown lawc /srv/lawc/open/own';

/** Who is looked at, told whole: numbers, names and all. */
const look = (path: string): Task[] => {
  const at = stat({ path }, { name: `look at ${path}` });
  const told = debug({
    msg: ({ results }) => {
      const { exists, mode, uid, gid, pwName, grName, checksum } = results(at).stat;
      return JSON.stringify({ exists, mode, uid, gid, pwName, grName, checksum });
    },
  });
  return [at, told];
};
const looks = (count: number): string[] => Array.from({ length: count * 2 }, () => 'ok');

/** sh: no account of this name, whatever ran before. */
const without = (...names: readonly string[]): string =>
  names
    .map((name) => `userdel -r ${name} 2>/dev/null; groupdel ${name} 2>/dev/null; `)
    .join('')
    .concat('true;');

/**
 * What is surely refused in a run is refused in check mode; what tasks before bring is there; numbers are those the run
 * will give.
 */
export const accountNeedCases: readonly LawCase[] = [
  failing(
    'copy to an unknown owner',
    (dir) => [copy({ dest: `${dir}/f`, content: 'x', owner: 'law-none' })],
    /there is no user law-none/,
  ),
  failing(
    'copy to an unknown group',
    (dir) => [copy({ dest: `${dir}/f`, content: 'x', group: 'law-none' })],
    /there is no group law-none/,
  ),
  failing(
    'a directory of an unknown group',
    (dir) => [file({ path: `${dir}/d`, state: 'directory', group: 'law-none' })],
    /there is no group law-none/,
  ),
  failing(
    'a file of an unknown owner',
    (dir) => [file({ path: `${dir}/f`, owner: 'law-none' })],
    /there is no user law-none/,
    'touch f',
  ),
  failing(
    'touch, by an unknown owner',
    (dir) => [file({ path: `${dir}/f`, state: 'touch', owner: 'law-none' })],
    /there is no user law-none/,
  ),
  failing(
    'a link of an unknown owner',
    (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'f', force: true, owner: 'law-none' })],
    /there is no user law-none/,
  ),
  failing(
    'a tree of an unknown owner',
    (dir) => [file({ path: dir, recurse: true, state: 'directory', owner: 'law-none' })],
    /there is no user law-none/,
    'touch f',
  ),
  failing(
    'an edited file of an unknown owner',
    (dir) => [lineinfile({ path: `${dir}/f`, line: 'x', owner: 'law-none' })],
    /there is no user law-none/,
    'touch f',
  ),
  failing(
    'a block in a file of an unknown group',
    (dir) => [blockinfile({ path: `${dir}/f`, block: 'x', create: true, group: 'law-none' })],
    /there is no group law-none/,
  ),
  failing(
    'generated files of an unknown owner',
    (dir) => [sync({ dest: `${dir}/s`, generated: { f: 'x' }, owner: 'law-none' })],
    /there is no user law-none/,
  ),
  failing(
    'a list entry of an unknown user',
    (dir) => [acl({ path: dir, etype: 'user', entity: 'law-none', permissions: 'r' })],
    /there is no user law-none/,
  ),
  failing(
    'a crontab of an unknown user',
    () => [cron({ name: 'x', job: 'true', user: 'law-none' })],
    /there is no user law-none/,
  ),
  failing(
    'keys of an unknown user',
    () => [
      authorizedKey({
        user: 'law-none',
        key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKVAYfIBsExUSOFXYpZ8Dlr2TAtVqnBbLd1gTfjNJnU1 a',
      }),
    ],
    /there is no user law-none/,
  ),
  failing(
    'a temporary file in a folder that is not there',
    (dir) => [tempfile({ path: `${dir}/none` })],
    /none does not exist/,
  ),
  failing(
    'a number that somebody has',
    () => [user({ name: 'lawn1', uid: 0 })],
    /uid 0 is that of root/,
    without('lawn1'),
  ),
  failing(
    'a number that another group has',
    () => [group({ name: 'lawn2', gid: 0 })],
    /gid 0 is that of root/,
    without('lawn2'),
  ),
  failing(
    'another number for a user, which somebody has',
    () => [user({ name: 'lawn3', uid: 0 })],
    /uid 0 is that of root/,
    `${without('lawn3')} useradd lawn3`,
  ),
  failing(
    'no such group any more, though it is a primary one',
    () => [group({ name: 'lawn4', state: 'absent' })],
    /primary group of lawn4/,
    `${without('lawn4')} useradd lawn4`,
  ),
  failing(
    'a group by a number that none has',
    () => [user({ name: 'lawn5', group: '4321' })],
    /no group has the number 4321/,
    without('lawn5'),
  ),
  failing(
    'a home directory below a file',
    () => [user({ name: 'lawn6', home: '/etc/hosts/home' })],
    /\/etc\/hosts is not a directory/,
    without('lawn6'),
  ),
  failing('a name of 33 letters', () => [user({ name: 'l'.repeat(33) })], /more than 32 bytes/),
  failing(
    'no such user any more, though a process of theirs runs',
    () => [user({ name: 'lawn7', state: 'absent' })],
    /a process of lawn7 runs/,
    `id lawn7 2>/dev/null || { useradd lawn7; setsid runuser -u lawn7 -- sleep 3600 >/dev/null 2>&1 </dev/null & sleep 0.5; }`,
  ),
  failing(
    'another number for a user of whom a process runs',
    () => [user({ name: 'lawn8', uid: 4808 })],
    /a process of lawn8 runs/,
    `id lawn8 2>/dev/null || { useradd lawn8; setsid runuser -u lawn8 -- sleep 3600 >/dev/null 2>&1 </dev/null & sleep 0.5; }`,
  ),
  failing(
    "no such home any more, though it is somebody else's",
    () => [user({ name: 'lawn9', state: 'absent', remove: true })],
    /\/home\/lawn9 belongs to root/,
    `${without('lawn9')} useradd -m lawn9; chown root /home/lawn9`,
  ),
  failing(
    'a password unlocked that is none',
    () => [user({ name: 'lawn10', passwordLock: false })],
    /there is none/,
    `${without('lawn10')} useradd lawn10`,
  ),
  failing(
    'a new password unlocked that is none',
    () => [user({ name: 'lawn11', passwordLock: false })],
    /give `password`/,
    without('lawn11'),
  ),
  {
    name: 'files of a user who is removed before',
    setup: `${without('lawo1')} useradd lawo1`,
    tasks: (dir) => [
      user({ name: 'lawo1', state: 'absent' }),
      copy({ dest: `${dir}/f`, content: 'x', owner: 'lawo1' }),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /there is no user lawo1/,
  },
  {
    name: 'a file of a user who is removed before is of nobody',
    setup: `${without('lawo2')} useradd -u 4202 lawo2; touch f; chown lawo2: f`,
    tasks: (dir) => [
      user({ name: 'lawo2', state: 'absent' }),
      ...look(`${dir}/f`),
      file({ path: `${dir}/f`, owner: 'root', group: 'root' }),
    ],
    expect: ['changed', ...looks(1), 'changed'],
  },
  {
    name: 'groups by number',
    setup: without('lawg1'),
    tasks: (dir) => [
      user({ name: 'lawg1', group: '100', groups: ['27'] }),
      copy({ dest: `${dir}/f`, content: 'x', owner: 'lawg1', group: '27' }),
      ...look(`${dir}/f`),
    ],
    expect: ['changed', 'changed', ...looks(1)],
    afterwards: `[ "$(id -gn lawg1)" = users ]; [ "$(id -Gn lawg1)" = 'users sudo' ]`,
  },
  {
    name: 'the old primary group becomes a supplementary one',
    setup: `${without('lawg2')} groupadd -f lawg2new; useradd lawg2`,
    tasks: () => [user({ name: 'lawg2', group: 'lawg2new', groups: ['lawg2'], append: true })],
    expect: ['changed'],
    afterwards: `[ "$(id -Gn lawg2)" = 'lawg2new lawg2' ]`,
  },
  {
    name: 'the same, with all other groups taken away',
    setup: `${without('lawg3')} groupadd -f lawg3new; useradd -G users,lawg3new lawg3`,
    tasks: () => [user({ name: 'lawg3', group: 'lawg3new', groups: ['lawg3'] })],
    expect: ['changed'],
    afterwards: `[ "$(id -Gn lawg3)" = 'lawg3new lawg3' ]`,
  },
  {
    name: 'a number that two share, and files by either name',
    setup: `${without('lawd1', 'lawd1b')} useradd -u 4301 lawd1; touch f g; chown lawd1 f`,
    tasks: (dir) => [
      user({ name: 'lawd1b', uid: 4301, nonUnique: true }),
      file({ path: `${dir}/f`, owner: 'lawd1b' }),
      file({ path: `${dir}/g`, owner: 'lawd1b' }),
      ...look(`${dir}/g`),
    ],
    expect: ['changed', 'ok', 'changed', ...looks(1)],
  },
  {
    name: 'numbers that new accounts get, for people and for the system',
    setup: without('lawm1', 'lawm2', 'lawm3'),
    tasks: (dir) => [
      group({ name: 'lawm3' }),
      group({ name: 'lawm2' }),
      user({ name: 'lawm1' }),
      user({ name: 'lawm2', system: true, createHome: false }),
      user({ name: 'lawm3', group: 'lawm2' }),
      file({ path: `${dir}/a`, state: 'directory', owner: 'lawm1', group: 'lawm1' }),
      file({ path: `${dir}/b`, state: 'directory', owner: 'lawm2', group: 'lawm2' }),
      file({ path: `${dir}/c`, state: 'directory', owner: 'lawm3', group: 'lawm3' }),
      ...look(`${dir}/a`),
      ...look(`${dir}/b`),
      ...look(`${dir}/c`),
    ],
    expect: [...Array.from({ length: 8 }, () => 'changed'), ...looks(3)],
  },
  {
    name: 'another number for a user: files at home follow, others do not',
    setup: `${without('lawu1')} useradd -m -u 4401 lawu1; touch f /home/lawu1/f /home/lawu1/root; chown lawu1: f /home/lawu1/f`,
    tasks: (dir) => [
      user({ name: 'lawu1', uid: 4402 }),
      ...look(`${dir}/f`),
      ...look('/home/lawu1'),
      ...look('/home/lawu1/f'),
      ...look('/home/lawu1/root'),
      file({ path: '/home/lawu1/f', owner: 'lawu1' }),
      file({ path: `${dir}/f`, owner: 'lawu1' }),
      ...look(`${dir}/f`),
    ],
    expect: ['changed', ...looks(4), 'ok', 'changed', ...looks(1)],
  },
  {
    name: 'another number for a group, and files of it by name and number',
    setup: `${without('lawu2')} useradd -m -u 4403 lawu2; groupadd -g 4404 lawu2 2>/dev/null; groupmod -g 4404 lawu2; touch f; chown lawu2:lawu2 f`,
    tasks: (dir) => [
      group({ name: 'lawu2', gid: 4405 }),
      ...look(`${dir}/f`),
      file({ path: `${dir}/f`, group: '4404' }),
      file({ path: `${dir}/f`, group: 'lawu2' }),
      user({ name: 'lawu2', group: 'lawu2' }),
      ...look('/home/lawu2'),
    ],
    expect: ['changed', ...looks(1), 'ok', 'changed', 'ok', ...looks(1)],
    again: ['ok', ...looks(1), 'changed', 'changed', 'ok', ...looks(1)],
  },
  {
    name: 'a new home directory, what is copied into it, and edits there',
    setup: `${without('lawh1')} mkdir -p /etc/skel/sub; echo x >/etc/skel/sub/x; ln -sfn x /etc/skel/sub/l`,
    tasks: () => [
      copy({ dest: '/etc/skel/extra', content: 'extra\n' }),
      user({ name: 'lawh1' }),
      copy({ dest: '/home/lawh1/.bashrc', content: 'mine\n' }),
      lineinfile({ path: '/home/lawh1/.profile', line: 'umask 077' }),
      lineinfile({ path: '/home/lawh1/extra', line: 'more' }),
      lineinfile({ path: '/home/lawh1/sub/l', line: 'more' }),
      ...look('/home/lawh1'),
      ...look('/home/lawh1/sub'),
      ...look('/home/lawh1/sub/x'),
      ...look('/home/lawh1/.bashrc'),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed', ...looks(4)],
  },
  {
    name: 'a home directory whose parents are missing, below a set-group-ID directory',
    setup: `${without('lawh2')} rm -rf /srv/lawh2; mkdir -m 2775 /srv/lawh2; chgrp users /srv/lawh2`,
    tasks: () => [
      user({ name: 'lawh2', home: '/srv/lawh2/p/lawh2' }),
      ...look('/srv/lawh2/p'),
      ...look('/srv/lawh2/p/lawh2'),
      ...look('/srv/lawh2/p/lawh2/.profile'),
    ],
    expect: ['changed', ...looks(3)],
  },
  {
    name: 'a home directory of a user who is there, below a set-group-ID directory',
    setup: `${without('lawh3')} useradd -M lawh3; rm -rf /srv/lawh3; mkdir -m 2775 /srv/lawh3; chgrp users /srv/lawh3`,
    tasks: () => [
      user({ name: 'lawh3', home: '/srv/lawh3/p/lawh3' }),
      ...look('/srv/lawh3/p'),
      ...look('/srv/lawh3/p/lawh3'),
      ...look('/srv/lawh3/p/lawh3/.profile'),
    ],
    expect: ['changed', ...looks(3)],
  },
  {
    name: 'a group stays when its user goes, where it has others',
    setup: `${without('lawr1', 'lawr2', 'lawr3')} useradd lawr1; useradd lawr2; useradd -g lawr2 lawr3; usermod -aG lawr1 lawr3`,
    tasks: () => [
      user({ name: 'lawr1', state: 'absent' }),
      user({ name: 'lawr2', state: 'absent' }),
      group({ name: 'lawr1' }),
      group({ name: 'lawr2' }),
      user({ name: 'lawr3', groups: ['lawr1'], createHome: false }),
    ],
    expect: ['changed', 'changed', 'ok', 'ok', 'ok'],
  },
  {
    name: 'a password locked, unlocked, and locked with another hash',
    setup: `${without('lawp1', 'lawp2', 'lawp3')} for u in lawp1 lawp2 lawp3; do useradd $u; echo "$u:x" | chpasswd; done; usermod -L lawp2`,
    tasks: () => [
      user({ name: 'lawp1', passwordLock: true }),
      user({ name: 'lawp2', passwordLock: false }),
      user({ name: 'lawp3', password: '$6$salty$other1234567', passwordLock: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ "$(passwd -S lawp1 | cut -d' ' -f2)" = L ]; [ "$(passwd -S lawp2 | cut -d' ' -f2)" = P ]; getent shadow lawp3 | grep -q ':!.6.salty.other1234567:'`,
  },
  {
    name: 'a user made by the play, as whom later tasks work',
    setup: without('lawb1'),
    tasks: (dir) => {
      const who = command({ cmd: 'id', changes: 'never' }, as('lawb1'));
      return [
        file({ path: dir, mode: '1777' }),
        user({ name: 'lawb1', groups: ['users'] }),
        copy({ dest: '/home/lawb1/f', content: 'x' }, as('lawb1')),
        file({ path: `${dir}/d`, state: 'directory', group: 'users' }, as('lawb1')),
        who,
        debug({ msg: ({ results }) => results(who).stdout }),
        ...look('/home/lawb1/f'),
        ...look(`${dir}/d`),
      ];
    },
    expect: ['changed', 'changed', 'changed', 'changed', ...looks(3)],
  },
  {
    name: 'a user who is removed, though tasks before worked as them',
    setup: `${without('lawb2')} useradd -m lawb2`,
    tasks: () => [
      copy({ dest: '/home/lawb2/f', content: 'x' }, as('lawb2')),
      user({ name: 'lawb2', state: 'absent', remove: true }),
      copy({ dest: '/srv/lawb2', content: 'x' }, as('lawb2')),
    ],
    expect: ['changed', 'changed', 'failed'],
    again: ['failed'],
    says: /there is no user lawb2/,
  },
  {
    name: 'what a user may do, and what planned modes, owners and groups let them do',
    setup: `${without('lawb3')} useradd -m lawb3; rm -rf /srv/lawb3; mkdir -m 0755 /srv/lawb3; chmod 0700 .; mkdir -m 0700 /srv/lawb3/closed /srv/lawb3/listed; mkdir -m 0777 /srv/lawb3/listed/d; setfacl -m u:lawb3:x /srv/lawb3/listed; echo x >/srv/lawb3/own; chown lawb3 /srv/lawb3/own; groupadd -f lawb3g`,
    tasks: () => [
      file({ path: '/srv/lawb3/listed/d/s', state: 'directory' }, as('lawb3')),
      file({ path: '/srv/lawb3/own', mode: '0600' }, as('lawb3')),
      file({ path: '/srv/lawb3/closed', mode: '0755' }),
      file({ path: '/srv/lawb3/closed/given', state: 'directory', group: 'lawb3g', mode: '0770' }),
      user({ name: 'lawb3', groups: ['lawb3g'], append: true }),
      copy({ dest: '/srv/lawb3/closed/given/f', content: 'x', group: 'lawb3g' }, as('lawb3')),
      copy({ dest: '/srv/lawb3/closed/given/f', content: 'y' }, { ...as('lawb3'), when: () => true }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    again: ['ok', 'ok', 'ok', 'ok', 'ok', 'changed', 'changed'],
  },
  ...(
    [
      [
        'a folder they may not write in',
        'copy to',
        () => copy({ dest: '/srv/lawc/closed/f', content: 'x' }, as('lawc')),
        /lawc may not write in \/srv\/lawc\/closed \(root:root, 0755\)/,
      ],
      [
        'a folder they may not enter',
        'copy to',
        () => copy({ dest: '/srv/lawc/dark/d/f', content: 'x' }, as('lawc')),
        /Permission denied|may not write in/,
      ],
      [
        'a folder of mode 0555 of their own',
        'touch in',
        () => file({ path: '/srv/lawc/mine/f', state: 'touch' }, as('lawc')),
        /may not write in \/srv\/lawc\/mine/,
      ],
      [
        "somebody else's file",
        'edit',
        () => lineinfile({ path: '/srv/lawc/open/f', line: 'y' }, as('lawc')),
        /./,
        /may not give \/srv\/lawc\/open\/f to root/,
      ],
      [
        "somebody else's file",
        'chmod',
        () => file({ path: '/srv/lawc/open/f', mode: '0666' }, as('lawc')),
        /./,
        /may not change the permissions/,
      ],
      [
        'their own file to root',
        'give',
        () => file({ path: '/srv/lawc/open/own', owner: 'root' }, as('lawc')),
        /./,
        /may not give/,
      ],
      [
        'a group they are not in',
        'give to',
        () => file({ path: '/srv/lawc/open/own', group: 'adm' }, as('lawc')),
        /./,
        /is not in the group adm/,
      ],
      [
        "somebody else's file in a sticky folder",
        'remove',
        () => file({ path: '/srv/lawc/sticky/f', state: 'absent' }, as('lawc')),
        /is sticky/,
      ],
      [
        'a directory in a folder they may not write in',
        'make',
        () => file({ path: '/srv/lawc/closed/d/e', state: 'directory' }, as('lawc')),
        /may not write in/,
      ],
      [
        'a link in a folder they may not write in',
        'make',
        () => file({ path: '/srv/lawc/closed/l', state: 'link', src: '/etc' }, as('lawc')),
        /may not write in/,
      ],
      [
        'a tree in a folder they may not write in',
        'make',
        () => sync({ dest: '/srv/lawc/closed/s', generated: { f: 'x' } }, as('lawc')),
        /may not write in/,
      ],
      [
        'keys of somebody else',
        'add',
        () =>
          authorizedKey(
            { user: 'root', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKVAYfIBsExUSOFXYpZ8Dlr2TAtVqnBbLd1gTfjNJnU1 a' },
            as('lawc'),
          ),
        /Permission denied|may not write in/,
      ],
      ['an account', 'make', () => user({ name: 'lawc-other' }, as('lawc')), /only root may change accounts/],
    ] as const
  ).map(([what, verb, task, says, foretells]): LawCase => ({
    ...failing(
      `${verb} ${what}: not as a user who may not`,
      () => [task()],
      says,
      `id lawc >/dev/null 2>&1 || useradd -m lawc; ${lawc}`,
    ),
    ...(foretells && { foretells }),
  })),
  {
    name: 'a file that only root may read, made before',
    setup: `id lawc >/dev/null 2>&1 || useradd -m lawc; ${lawc}`,
    tasks: () => [
      copy({ dest: '/srv/lawc/secret', content: 'x', mode: '0600' }),
      slurp({ src: '/srv/lawc/secret' }, as('lawc')),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /cannot be read|may not read/,
    foretells: /lawc may not read \/srv\/lawc\/secret \(root:root, 0600\)/,
  },
  {
    name: 'a folder closed before, for a user who could write there',
    setup: `id lawc >/dev/null 2>&1 || useradd -m lawc; ${lawc}`,
    tasks: () => [
      file({ path: '/srv/lawc/open', mode: '0755' }),
      copy({ dest: '/srv/lawc/open/g', content: 'x' }, as('lawc')),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /may not write in \/srv\/lawc\/open \(root:root, 0755\)/,
  },
  {
    name: 'a folder opened by an access control list before',
    setup: `id lawc >/dev/null 2>&1 || useradd -m lawc; ${lawc}`,
    tasks: () => [
      acl({ path: '/srv/lawc/closed', etype: 'user', entity: 'lawc', permissions: 'rwx' }),
      copy({ dest: '/srv/lawc/closed/g', content: 'x' }, as('lawc')),
    ],
    expect: ['changed', 'changed'],
    open: 1,
  },
  {
    name: 'defaults and skeleton edited before',
    setup: `${without('lawe1', 'lawe2')} cp /etc/login.defs /etc/default/useradd /root; rm -rf /srv/lawe; mkdir /srv/lawe`,
    tasks: () => [
      lineinfile({ path: '/etc/login.defs', line: 'HOME_MODE 0710', regexp: '^HOME_MODE' }),
      lineinfile({ path: '/etc/default/useradd', line: 'HOME=/srv/lawe', regexp: '^HOME=' }),
      lineinfile({ path: '/etc/default/useradd', line: 'SHELL=/bin/bash', regexp: '^SHELL=' }),
      lineinfile({ path: '/etc/login.defs', regexp: '^UID_MIN', line: 'UID_MIN 7000' }),
      user({ name: 'lawe1' }),
      ...look('/srv/lawe/lawe1'),
      user({ name: 'lawe1', shell: '/bin/bash' }, { when: () => true }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', ...looks(1), 'ok'],
  },
  {
    name: 'accounts of the host itself, where LDAP or the like has the same names',
    setup: `${without('lawldap', 'lawboth')} groupdel lawldapg 2>/dev/null; sed -i '/extrausers/!s/^\\(passwd\\|group\\):.*/& extrausers/' /etc/nsswitch.conf; mkdir -p /var/lib/extrausers; printf 'lawldap:x:47110:47110::/nonexistent:/bin/false\\nlawboth:x:47112:47110::/:/bin/false\\n' >/var/lib/extrausers/passwd; printf 'lawldap:x:47110:\\nlawldapg:x:47111:\\n' >/var/lib/extrausers/group; useradd -P // -M lawboth`,
    tasks: () => [
      group({ name: 'lawldapg' }, { name: 'as everybody knows it' }),
      group({ name: 'lawldapg', local: true }),
      user({ name: 'lawldap' }, { name: 'as everybody knows it, too' }),
      user({ name: 'lawldap', local: true, shell: '/bin/sh' }, { when: () => true }),
      user({ name: 'lawboth', local: true, state: 'absent' }),
    ],
    expect: ['ok', 'changed', 'ok', 'changed', 'changed'],
    afterwards:
      "grep -q ^lawldapg: /etc/group; grep -q '^lawldap:.*/bin/sh$' /etc/passwd; [ -d /home/lawldap ]; ! grep -q 4711 /etc/passwd; ! grep -q ^lawboth: /etc/passwd; getent passwd lawboth; sed -i 's/ extrausers//' /etc/nsswitch.conf",
  },
  {
    name: 'accounts written into their files by hand before',
    setup: `${without('lawe3', 'lawe4')} cp /root/login.defs /etc/login.defs; cp /root/useradd /etc/default/useradd`,
    tasks: (dir) => [
      lineinfile({ path: '/etc/passwd', line: 'lawe3:x:7401:100::/:/bin/sh' }),
      copy({ dest: `${dir}/f`, content: 'x', owner: 'lawe3' }),
      ...look(`${dir}/f`),
      user({ name: 'lawe4', uid: 7401 }, { ignoreErrors: true }),
    ],
    expect: ['changed', 'changed', ...looks(1), 'failed'],
    again: ['ok', 'ok', ...looks(1), 'failed'],
    says: /uid 7401 is that of lawe3/,
  },
];
