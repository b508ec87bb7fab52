/** Random states of the round's folder: folders, files, links, permissions, access control lists. */
import { type World, texts } from './world.ts';

/** In single quotes for sh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export function makeHostState(world: World): void {
  const { dice, dir } = world;
  const say = (line: string): void => void world.host.push(line);
  for (const name of ['d', 'e', 'd/s', 'd/s/t', 'w \'ï" $x']) {
    const path = `${dir}/${name}`;
    if (
      !dice.chance(name.includes('/') ? 0.6 : 0.8) ||
      (name.includes('/') && !world.folders.includes(path.slice(0, path.lastIndexOf('/'))))
    )
      continue;
    say(`mkdir ${quoted(path)}`);
    world.add('folders', path);
  }
  for (let i = dice.below(7); i > 0; i--) {
    const path = `${dice.one(world.folders)}/${dice.one(['a', 'b', 'c', 'f', 'x.conf', 'k.ini', 'j.json', 'y.yml', 'm.xml', '.h'])}`;
    if (world.files.includes(path)) continue;
    say(`printf %b ${quoted(escaped(contentFor(world, path)))} >${quoted(path)}`);
    world.add('files', path);
  }
  for (let i = dice.below(4); i > 0; i--) addLink(world);
  if (world.files.length > 0 && dice.chance(0.3)) {
    const path = `${dice.one(world.folders)}/h${dice.below(3)}`;
    say(`ln ${quoted(dice.one(world.files))} ${quoted(path)}`);
    world.add('files', path);
  }
  addPermissions(world);
}

function addLink(world: World): void {
  const { dice, dir } = world;
  const path = `${dice.one(world.folders)}/${dice.one(['l', 'l2', 'dl'])}`;
  if (world.links.some(([link]) => link === path)) return;
  const kind = dice.one(['folder', 'folder', 'folder', 'file', 'dangling', 'link'] as const);
  const target =
    kind === 'folder'
      ? dice.one(world.folders)
      : kind === 'file' && world.files.length > 0
        ? dice.one(world.files)
        : kind === 'link' && world.links.length > 0
          ? dice.one(world.links)[0]
          : `${dir}/none`;
  if (kind === 'folder' && path.startsWith(`${target}/`) && dice.chance(0.8)) return;
  world.host.push(`ln -s ${quoted(dice.chance(0.5) ? target : relative(path, target))} ${quoted(path)}`);
  if (kind === 'folder') world.links.push([path, target]);
  else world.files.push(path);
}

/** The target from the link's own folder. */
export function relative(link: string, target: string): string {
  const from = link.split('/').slice(1, -1);
  const to = target.split('/').slice(1);
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.';
}

function addPermissions(world: World): void {
  const { dice } = world;
  const say = (line: string): void => void world.host.push(line);
  const folders = world.folders.slice(1);
  for (const path of folders) {
    if (dice.chance(0.15)) say(`chgrp daemon ${quoted(path)}; chmod 2775 ${quoted(path)}`);
    else if (dice.chance(0.2)) say(`chmod ${dice.one(['0700', '0555', '1777', '0000', '0711'])} ${quoted(path)}`);
    if (dice.chance(0.08)) say(`setfacl -d -m u:daemon:${dice.one(['rwx', 'r-x', 'rw'])} ${quoted(path)}`);
    if (dice.chance(0.1))
      say(`chown ${dice.one(['daemon:adm', 'nobody', '4242:4343', ...world.users])} ${quoted(path)}`);
  }
  for (const path of world.files) {
    if (dice.chance(0.2))
      say(`chmod ${dice.one(['0600', '0000', '0444', '4755', '0664'])} ${quoted(path)} 2>/dev/null || :`);
    if (dice.chance(0.06)) say(`setfacl -m u:daemon:${dice.one(['rwx', 'r'])} ${quoted(path)} 2>/dev/null || :`);
    if (dice.chance(0.12))
      say(`chown -h ${dice.one(['daemon:adm', 'nobody', '4242:4343', ...world.users])} ${quoted(path)}`);
  }
}

/** What a file of that name may hold. */
export function contentFor({ dice }: World, path: string): string {
  if (path.endsWith('.ini')) return dice.one(['[a]\nx = 1\n; y = 2\n[b]\nx=3\n', 'top = 1\n', '[a]\r\nx=1\r\n', '']);
  if (path.endsWith('.json'))
    return dice.one([
      '{}\n',
      '{\n  "a": 1,\n  "b": [1, 2],\n  "c": {"d": null}\n}\n',
      '[1, 2]',
      '{"a": {"x": true}} // no\n',
    ]);
  if (path.endsWith('.yml'))
    return dice.one([
      'a: 1\nb:\n  - x\n  - y\nc:\n  d: ~\n',
      '# only\n',
      'a: {x: 1}\n',
      '- 1\n- 2\n',
      'a: "q"  # c\nb: |\n  text\n',
    ]);
  if (path.endsWith('.xml'))
    return dice.one(['<a><b c="1">t</b><b/></a>\n', '<?xml version="1.0"?>\n<a>\n  <b>x</b>\n  <!-- c -->\n</a>\n']);
  return dice.one(texts);
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
