/** Accounts written into their files by hand. */
import { task } from '../world.ts';
import type { Make } from './files.ts';

const line: Make = (world) => {
  const { dice, prefix } = world;
  const name = `${prefix}${dice.one(['a', 'b', 'm'])}`;
  const uid = dice.one([4242, 4500, 4501]);
  if (!world.users.includes(name)) world.users.push(name);
  if (dice.chance(0.25)) return task('lineinfile', { path: '/etc/passwd', regexp: `^${name}:`, state: 'absent' });
  return task('lineinfile', {
    path: '/etc/passwd',
    regexp: `^${name}:`,
    line: `${name}:x:${uid}:${dice.one([1, 100, 4343])}::${dice.one([`/home/${name}`, world.folder()])}:${dice.one(['/bin/sh', '/bin/bash'])}`,
  });
};

const group: Make = (world) => {
  const { dice, prefix } = world;
  const name = `${prefix}${dice.one(['g', 'n'])}`;
  if (!world.groups.includes(name)) world.groups.push(name);
  if (dice.chance(0.25)) return task('lineinfile', { path: '/etc/group', regexp: `^${name}:`, state: 'absent' });
  return task('lineinfile', {
    path: '/etc/group',
    regexp: `^${name}:`,
    line: `${name}:x:${dice.one([4343, 4600])}:${dice.chance(0.4) ? dice.one(['daemon', ...world.users]) : ''}`,
  });
};

const shell: Make = ({ dice, prefix }) =>
  task('replace', {
    path: '/etc/passwd',
    regexp: `^(${prefix}${dice.one(['a', 'b'])}:.*):[^:]*$`,
    replace: `\\1:${dice.one(['/bin/bash', '/usr/sbin/nologin'])}`,
  });

const setting: Make = ({ dice }) =>
  task('lineinfile', {
    path: '/etc/login.defs',
    regexp: dice.one(['^#?HOME_MODE', '^UMASK']),
    line: dice.one(['HOME_MODE 0700', 'HOME_MODE 0750', 'UMASK 077']),
  });

export const byHandTasks: readonly (readonly [weight: number, make: Make])[] = [
  [5, line],
  [3, group],
  [1, shell],
  [1, setting],
];
