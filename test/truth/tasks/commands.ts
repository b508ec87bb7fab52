/** Tasks that run programs: what they make is what they say they make. */
import { quoted } from '../host-states.ts';
import { task } from '../world.ts';
import type { Make } from './files.ts';

const creates: Make = (world) => {
  const { dice } = world;
  const path = world.place();
  const isFolder = dice.chance(0.25);
  world.add(isFolder ? 'folders' : 'files', path);
  if (dice.chance(0.4)) return task('command', { argv: [isFolder ? 'mkdir' : 'touch', '--', path], creates: path });
  return task('shell', {
    cmd: isFolder ? `mkdir -- ${quoted(path)}; echo made` : `echo new >${quoted(path)}; echo made`,
    creates: path,
  });
};

const removes: Make = (world) => {
  const path = world.file();
  world.forget(path);
  return task('command', { argv: ['rm', '-f', '--', path], removes: path });
};

const reads: Make = (world) => {
  const { dice } = world;
  const path = world.anything();
  const cmd = dice.one([
    `cat -- ${quoted(world.file())}`,
    `stat -c '%a %U %G %s' -- ${quoted(path)}`,
    `ls -A -- ${quoted(world.folder())}`,
    `test -e ${quoted(path)}`,
    `readlink -- ${quoted(path)}`,
    `readlink -f -- ${quoted(path)}`,
    `grep -c o -- ${quoted(world.file())}`,
    `find ${quoted(world.folder())} -not -name '*~' | sort`,
    `[ ${quoted(world.file())} -ef ${quoted(world.file())} ] && echo same || echo other`,
    `stat -c %h -- ${quoted(world.file())}`,
    `getfacl -cp -- ${quoted(path)}`,
  ]);
  return task('shell', { cmd, changes: 'never' }, { keywords: dice.chance(0.7) ? { ignoreErrors: true } : {} });
};

const guarded: Make = (world) => {
  const { dice } = world;
  const look = dice.one([
    `test -e ${quoted(world.anything())}`,
    `grep -q o -- ${quoted(world.file())}`,
    `test -d ${quoted(world.folder())}`,
  ]);
  // What it leaves is nobody else's business.
  return task(
    'shell',
    { cmd: dice.one(['echo ran', 'true']), ...(dice.chance(0.5) ? { unless: look } : { onlyIf: look }) },
    { again: true },
  );
};

const always: Make = (world) =>
  task('command', { cmd: world.dice.one(['echo x', 'true', 'echo y']), changes: 'always' }, { again: true });

const scratch: Make = (world) =>
  task('tempfile', { path: world.folder(), ...(world.dice.chance(0.3) && { state: 'directory' }) }, { again: true });

export const commandTasks: readonly (readonly [weight: number, make: Make])[] = [
  [4, creates],
  [2, removes],
  [6, reads],
  [3, guarded],
  [1, always],
  [0.3, scratch],
];
