/** Users and groups, and what is theirs. */
import { quoted } from '../host-states.ts';
import { task, type World } from '../world.ts';
import { publicKey } from './edits.ts';
import type { Make } from './files.ts';

const userNames = ({ prefix }: World): string[] => [`${prefix}a`, `${prefix}b`, `${prefix}c`];
const groupNames = ({ prefix }: World): string[] => [`${prefix}g`, `${prefix}h`];

/** A user of the round who is there, mostly. */
const someUser = (world: World): string =>
  world.users.length > 0 && world.dice.chance(0.85) ? world.dice.one(world.users) : world.dice.one(userNames(world));
const someGroup = (world: World): string =>
  world.groups.length > 0 && world.dice.chance(0.85)
    ? world.dice.one(world.groups)
    : world.dice.one([...groupNames(world), 'adm', 'users']);

export function makeAccounts(world: World): void {
  const { dice, host } = world;
  world.uses.add('accounts');
  for (const name of groupNames(world)) {
    if (!dice.chance(0.4)) continue;
    host.push(`groupadd ${dice.chance(0.4) ? `-g ${dice.one([4343, 4344])} ` : ''}${name}`);
    world.groups.push(name);
  }
  for (const name of userNames(world)) {
    if (!dice.chance(0.4)) continue;
    const group = world.groups.length > 0 && dice.chance(0.3) ? `-g ${dice.one(world.groups)} ` : '';
    const groups = world.groups.length > 0 && dice.chance(0.3) ? `-G ${dice.one(world.groups)} ` : '';
    host.push(
      `useradd ${dice.chance(0.8) ? '-m ' : ''}${dice.chance(0.3) ? `-u ${dice.one([4242, 4300])} ` : ''}${group}${groups}${dice.chance(0.15) ? '-r ' : ''}${name}`,
    );
    world.users.push(name);
    if (dice.chance(0.3)) host.push(`echo '5 4 * * * true' | crontab -u ${name} -`);
    if (dice.chance(0.1)) host.push(`echo ${name}:pw | chpasswd`);
  }
  if (dice.chance(0.08)) host.push(`echo 'more' >/etc/skel/.more`);
  if (dice.chance(0.05)) host.push(`sed -i 's/^#*HOME_MODE.*/HOME_MODE 0700/' /etc/login.defs`);
}

const account: Make = (world) => {
  const { dice } = world;
  const name = dice.one(userNames(world));
  if (dice.chance(0.2)) {
    world.users.splice(0, world.users.length, ...world.users.filter((one) => one !== name || dice.chance(0.3)));
    return task('user', { name, state: 'absent', ...(dice.chance(0.5) && { remove: true }) });
  }
  if (!world.users.includes(name)) world.users.push(name);
  const home = dice.chance(0.2) ? `${world.folder()}/${dice.one(['home', 'h/deep'])}` : undefined;
  world.add('folders', home ?? `/home/${name}`);
  return task('user', {
    name,
    ...(home !== undefined && { home }),
    ...(dice.chance(0.2) && { uid: dice.one([4242, 4300, 1]) }),
    ...(dice.chance(0.25) && { group: someGroup(world) }),
    ...(dice.chance(0.3) && { groups: [someGroup(world)], ...(dice.chance(0.5) && { append: true }) }),
    ...(dice.chance(0.2) && { shell: dice.one(['/bin/bash', '/usr/sbin/nologin']) }),
    ...(dice.chance(0.15) && { comment: 'é x' }),
    ...(dice.chance(0.15) && { createHome: false }),
    ...(dice.chance(0.1) && { system: true }),
    ...(dice.chance(0.1) && { passwordLock: dice.chance(0.6) }),
    ...(dice.chance(0.1) && { local: true }),
  });
};

const team: Make = (world) => {
  const { dice } = world;
  const name = dice.one([...groupNames(world), ...groupNames(world), ...userNames(world)]);
  if (dice.chance(0.2)) return task('group', { name, state: 'absent' });
  if (!world.groups.includes(name)) world.groups.push(name);
  return task('group', {
    name,
    ...(dice.chance(0.3) && { gid: dice.one([4343, 4344, 1]) }),
    ...(dice.chance(0.1) && { system: true }),
    ...(dice.chance(0.1) && { local: true }),
  });
};

const key: Make = (world) =>
  task('authorizedKey', {
    user: someUser(world),
    key: `${publicKey} ${world.dice.one(['c1', 'c2'])}`,
    ...(world.dice.chance(0.2) && { state: 'absent' }),
    ...(world.dice.chance(0.2) && { exclusive: true }),
  });

const job: Make = (world) => {
  const { dice } = world;
  const isAbsent = dice.chance(0.3);
  return task('cron', {
    name: dice.one(['j1', 'j2']),
    ...(dice.chance(0.8) && { user: someUser(world) }),
    ...(isAbsent ? { state: 'absent' } : { job: dice.one(['true', 'echo é']), hour: dice.below(24) }),
  });
};

const inHome: Make = (world) => {
  const { dice } = world;
  const home = `/home/${someUser(world)}`;
  const path = `${home}/${dice.one(['.bashrc', '.profile', '.bashrc', 'f', '.ssh/config'])}`;
  world.add('files', path);
  return dice.one([
    task('lineinfile', { path, line: 'export X=1', ...(dice.chance(0.4) && { create: true }) }),
    task('copy', { dest: path, content: 'x\n', ...world.attributes() }),
    task('stat', { path: dice.one([home, path]) }),
    task('file', { path: home, state: 'directory', ...world.attributes(() => world.folderMode()) }),
    task('find', { paths: [home], hidden: true, fileType: 'any' }),
    task('slurp', { src: path }),
  ]);
};

const owned: Make = (world) => {
  const { dice } = world;
  return task('file', {
    path: dice.chance(0.5) ? world.file() : world.anything(),
    ...(dice.chance(0.7) ? { owner: someUser(world) } : { owner: dice.one(['4242', '4300']) }),
    ...(dice.chance(0.5) && { group: someGroup(world) }),
  });
};

const asked: Make = (world) => {
  const user = someUser(world);
  const group = someGroup(world);
  const cmd = world.dice.one([
    `id -un ${user}`,
    `id -Gn ${user}`,
    `getent passwd ${user} | cut -d: -f1,4-`,
    `getent group ${group} | cut -d: -f1,4`,
    `stat -c %U:%G ${quoted(world.anything())}`,
    `find ${quoted(world.dir)} -user ${user}`,
    `test -d ~${user}`,
    `crontab -l -u ${user}`,
  ]);
  return task('shell', { cmd, changes: 'never' }, { keywords: { ignoreErrors: true } });
};

const rule: Make = (world) => {
  const { dice, prefix } = world;
  if (dice.chance(0.25)) return task('sudoers', { name: `${prefix}r`, state: 'absent' });
  return task('sudoers', {
    name: `${prefix}r`,
    ...(dice.chance(0.5) ? { user: someUser(world) } : { group: someGroup(world) }),
    commands: dice.one(['ALL', '/bin/true']),
  });
};

const asUser: Make = (world) => {
  const { dice } = world;
  const user = someUser(world);
  const dest = dice.chance(0.6) ? `/home/${user}/${dice.one(['f', 'g', '.ssh/known_hosts'])}` : world.place();
  world.add('files', dest);
  const made = dice.one([
    task('copy', { dest, content: 'mine\n' }),
    task('command', { argv: ['id', '-un'], changes: 'never' }),
    task('file', { path: dest, state: 'touch', accessTime: 'preserve', modificationTime: 'preserve' }),
    task('knownHosts', { name: 'h1', key: publicKey }),
  ]);
  return { ...made, keywords: { becomeUser: user } };
};

export const accountTasks: readonly (readonly [weight: number, make: Make])[] = [
  [9, account],
  [4, team],
  [3, key],
  [3, job],
  [5, inHome],
  [4, owned],
  [4, asked],
  [1, rule],
  [1, asUser],
];
