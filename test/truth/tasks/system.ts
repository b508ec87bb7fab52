/** Mounts, alternatives, the host's name and time zone, the kernel's settings, working copies of git. */
import { quoted } from '../host-states.ts';
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';

export function makeSystem(world: World): void {
  const { dice, host, dir, prefix } = world;
  world.uses.add('system').add('mounts');
  if (dice.chance(0.35))
    host.push(
      `mkdir -p ${quoted(`${dir}/m`)}; mount -t tmpfs none ${quoted(`${dir}/m`)}; echo in >${quoted(`${dir}/m/in`)}`,
    );
  if (dice.chance(0.2))
    host.push(
      `mkdir -p ${quoted(`${dir}/bound`)}; mount --bind ${quoted(dice.one(world.folders))} ${quoted(`${dir}/bound`)}`,
    );
  if (dice.chance(0.6)) {
    world.folders.push(`${dir}/m`);
    world.folders.push(`${dir}/bound`);
  }
  host.push(`printf '#!/bin/sh\\n' >alt1; cp alt1 alt2; chmod 755 alt1 alt2`);
  if (dice.chance(0.4))
    host.push(`update-alternatives --install /usr/local/bin/${prefix}alt ${prefix}alt ${quoted(`${dir}/alt1`)} 10`);
  host.push(
    `git init -q -b main origin; cd origin; git config user.name n; git config user.email e@example.org; echo one >f; echo x >x.conf; git add .; git commit -qm 1; git tag v1; echo two >f; mkdir s; echo s >s/a; git add .; git commit -qm 2; git checkout -qb dev; rm x.conf; git commit -qam 3; git checkout -q main; cd ..`,
  );
  if (dice.chance(0.4)) host.push(`git clone -q ${dice.chance(0.5) ? '-b dev ' : ''}origin work`);
  if (dice.chance(0.15)) host.push('echo mine >>work/f');
}

const mounted: Make = (world) => {
  const { dice, dir } = world;
  const path = dice.chance(0.7) ? `${dir}/${dice.one(['m', 'bound', 'm2'])}` : world.folder();
  const state = dice.one(['mounted', 'mounted', 'mounted', 'present', 'unmounted', 'absent', 'remounted', 'ephemeral']);
  const isGone = state === 'unmounted' || state === 'absent';
  world.add('folders', path);
  const what = dice.chance(0.6)
    ? { src: 'none', fstype: 'tmpfs', ...(dice.chance(0.5) && { opts: dice.one(['size=1m', 'mode=0700', 'ro']) }) }
    : { src: world.folder(), fstype: 'none', opts: 'bind' };
  return task(
    'mount',
    { path: path === dir ? `${dir}/m` : path, state, ...(isGone || state === 'remounted' ? {} : what) },
    { again: state === 'remounted' },
  );
};

const alternative: Make = (world) => {
  const { dice, dir, prefix } = world;
  return task('alternatives', {
    name: `${prefix}alt`,
    path: dice.chance(0.9) ? `${dir}/${dice.one(['alt1', 'alt2'])}` : world.file(),
    ...(dice.chance(0.8) && { link: `/usr/local/bin/${prefix}alt` }),
    ...(dice.chance(0.4) && { priority: dice.one([5, 20]) }),
    ...(dice.chance(0.6) && { state: dice.one(['present', 'selected', 'auto', 'absent']) }),
  });
};

const hostName: Make = (world) => task('hostname', { name: `${world.prefix}${world.dice.one(['h', 'i'])}` });
const zone: Make = (world) =>
  task('timezone', { name: world.dice.one(['Europe/Berlin', 'Asia/Kathmandu', 'UTC', 'Nowhere/None']) });

const setting: Make = (world) => {
  const { dice } = world;
  const path = dice.chance(0.7) ? `${world.dir}/sys.conf` : world.place();
  world.add('files', path);
  return task('sysctl', {
    name: dice.one(['net.ipv4.conf.lo.log_martians', 'net.ipv4.conf.lo.shared_media', 'net.no.such']),
    ...(dice.chance(0.25) ? { state: 'absent' } : { value: dice.one([0, 1, true]) }),
    sysctlFile: path,
    ...(dice.chance(0.2) && { reload: false }),
    ...(dice.chance(0.2) && { ignoreErrors: true }),
  });
};

const checkout: Make = (world) => {
  const { dice, dir } = world;
  const dest = dice.chance(0.7) ? `${dir}/work` : world.place();
  world.add('folders', dest);
  world.add('files', `${dest}/f`);
  return task('git', {
    repo: `${dir}/origin`,
    dest,
    ...(dice.chance(0.6) && { version: dice.one(['main', 'dev', 'v1', 'none']) }),
    ...(dice.chance(0.3) && { force: true }),
    ...(dice.chance(0.15) && { update: false }),
    ...(dice.chance(0.1) && { depth: 1 }),
  });
};

const asked: Make = (world) => {
  const { dice, prefix, dir } = world;
  if (dice.chance(0.25))
    return task('stat', {
      path: dice.one([
        `/usr/local/bin/${prefix}alt`,
        `/etc/alternatives/${prefix}alt`,
        '/etc/hostname',
        '/etc/localtime',
      ]),
      ...(dice.chance(0.5) && { follow: true }),
    });
  const cmd = dice.one([
    `readlink -f /usr/local/bin/${prefix}alt`,
    'hostname',
    'cat /etc/hostname',
    'date -d @0 +%H:%M',
    `findmnt -no FSTYPE ${quoted(`${dir}/m`)}`,
    `mountpoint -q ${quoted(world.folder())}`,
    `git -C ${quoted(`${dir}/work`)} log -1 --format=%s`,
    'cat /proc/sys/net/ipv4/conf/lo/log_martians',
    'readlink /etc/localtime',
    'cat /etc/fstab',
  ]);
  return task('shell', { cmd, changes: 'never' }, { keywords: { ignoreErrors: true } });
};

export const systemTasks: readonly (readonly [weight: number, make: Make])[] = [
  [6, mounted],
  [3, alternative],
  [1, hostName],
  [1, zone],
  [3, setting],
  [6, checkout],
  [5, asked],
];
