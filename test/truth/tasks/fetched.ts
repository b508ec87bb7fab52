/** Downloads, zip archives, secrets in values; files that are immutable or have attributes of their own. */
import { quoted } from '../host-states.ts';
import { SecretText } from '../round.ts';
import { servedFiles, served, zipOnHost } from '../sources.ts';
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';

export function makeFetched(world: World): void {
  const { dice, host } = world;
  for (const path of world.files) {
    if (dice.chance(0.15)) host.push(`setfattr -n user.note -v "a b" ${quoted(path)}`);
    if (dice.chance(0.06)) host.push(`setcap cap_net_raw+ep ${quoted(path)}`);
    if (dice.chance(0.1)) host.push(`chattr +${dice.one(['i', 'i', 'a'])} ${quoted(path)}`);
  }
  for (const path of world.folders.slice(1)) if (dice.chance(0.05)) host.push(`chattr +i ${quoted(path)}`);
  if (dice.chance(0.6)) host.push(`printf %s ${zipOnHost.toString('base64')} | base64 -d >r.zip`);
  if (dice.chance(0.3)) host.push('printf "served a\\n" >got');
  world.add('files', `${world.dir}/got`);
}

const download: Make = (world) => {
  const { dice } = world;
  const name = dice.one([...Object.keys(servedFiles), ...Object.keys(servedFiles), 'none']);
  const dest = dice.chance(0.3) ? `${world.dir}/got` : dice.chance(0.5) ? world.file() : world.place();
  world.add('files', dest);
  const isChecked = dice.chance(0.4);
  return task('getUrl', {
    url: `${served}/${name}`,
    dest,
    ...(isChecked && {
      checksum: `sha256:${dice.chance(0.8) ? (servedFiles[name]?.sha256 ?? '0'.repeat(64)) : '1'.repeat(64)}`,
    }),
    ...(!isChecked && dice.chance(0.3) && { force: true }),
    ...world.attributes(),
  });
};

const unzip: Make = (world) => {
  const { dice } = world;
  const isThere = dice.chance(0.5);
  const dest = world.folder();
  world.add('files', `${dest}/f`);
  return task('unarchive', {
    src: isThere ? `${world.dir}/r.zip` : `${world.sources}/${dice.one(['a.zip', 'a.tar.gz'])}`,
    dest,
    ...(isThere && { remoteSrc: true }),
    ...(dice.chance(0.2) && { exclude: [dice.one(['s', 'f', '*.conf'])] }),
    ...(dice.chance(0.15) && { creates: `${dest}/f` }),
    ...world.attributes(() => world.folderMode()),
  });
};

const secret: Make = (world) => {
  const { dice } = world;
  const text = new SecretText(dice.one(['hunter2hunter2', 'correct horse']));
  const path = dice.chance(0.6) ? world.file() : world.place();
  world.add('files', path);
  return dice.one([
    task('copy', { dest: path, content: text, ...world.attributes() }),
    task('lineinfile', { path, line: text, create: true }),
    task('blockinfile', { path, block: text, create: true }),
    task('htpasswd', { path, users: [{ name: 'ann', password: text }], cost: 4 }),
    task('replace', { path: world.file(), regexp: 'one', replace: text }),
    task('sync', { dest: `${world.folder()}/sec`, generated: { s: text, p: 'plain\n' } }),
  ]);
};

export const fetchedTasks: readonly (readonly [weight: number, make: Make])[] = [
  [5, download],
  [4, unzip],
  [4, secret],
];
