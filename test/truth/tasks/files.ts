/** Tasks about files, folders and links. */
import { relative } from '../host-states.ts';
import type { TaskSpec } from '../round.ts';
import { task, texts, type World } from '../world.ts';

export type Make = (world: World) => TaskSpec;

const directory: Make = (world) => {
  const { dice } = world;
  const path = dice.chance(0.5) ? world.folder() : `${world.folder()}/${dice.one(['s', 'n', 'n/m', 'a', 'l'])}`;
  const recurse = dice.chance(0.2);
  const made = task('file', {
    path,
    state: 'directory',
    ...(recurse && { recurse }),
    ...world.attributes(() => world.folderMode()),
  });
  world.add('folders', path);
  return made;
};

const absent: Make = (world) => {
  const path = world.dice.chance(0.85) ? world.anything() : world.folder();
  if (path !== world.dir) world.forget(path);
  return task('file', { path: path === world.dir ? `${path}/d` : path, state: 'absent' });
};

const link: Make = (world) => {
  const { dice } = world;
  const path =
    dice.chance(0.4) && world.links.length > 0
      ? dice.one(world.links)[0]
      : `${world.folder()}/${dice.one(['l', 'l2', 'dl', 'a'])}`;
  const isFolder = dice.chance(0.6);
  const target = isFolder ? world.folder() : dice.chance(0.8) ? world.file() : `${world.dir}/none`;
  if (isFolder) world.links.push([path, target]);
  else world.add('files', path);
  return task('file', {
    path,
    state: 'link',
    src: dice.chance(0.6) ? target : relative(path, target),
    ...(dice.chance(0.3) && { force: true }),
    ...(dice.chance(0.1) && { owner: world.owner() }),
  });
};

const hardLink: Make = (world) => {
  const src = world.file();
  const path = world.place();
  world.add('files', path);
  return task('file', {
    path,
    state: 'hard',
    src,
    ...(world.dice.chance(0.3) && { force: true }),
    ...(world.dice.chance(0.2) && { mode: world.mode() }),
  });
};

const touch: Make = (world) => {
  const path = world.dice.chance(0.4) ? world.file() : world.place();
  world.add('files', path);
  const isKept = world.dice.chance(0.6);
  return task(
    'file',
    {
      path,
      state: 'touch',
      ...world.attributes(),
      ...(isKept && { accessTime: 'preserve', modificationTime: 'preserve' }),
    },
    { again: !isKept },
  );
};

const permissions: Make = (world) => {
  const { dice } = world;
  const attributes = world.attributes();
  return task('file', {
    path: dice.chance(0.6) ? world.file() : world.anything(),
    ...(dice.chance(0.4) && { state: 'file' }),
    ...attributes,
    ...(Object.keys(attributes).length === 0 && { mode: world.mode() }),
  });
};

export function validator(world: World): string {
  const { dice } = world;
  return dice.one([
    'test -s %s',
    'grep -q e %s',
    'test -e %s',
    `test -e '${world.dir}/d' -a -e %s`,
    'case %s in *.conf) ;; *) grep -q o %s;; esac',
    'cat %s | grep -c . >/dev/null',
    'test "$(wc -l <%s)" -ge 1',
  ]);
}

const copy: Make = (world) => {
  const { dice } = world;
  const dest = dice.chance(0.5) ? world.file() : world.place();
  world.add('files', dest);
  return task('copy', {
    dest,
    content: dice.one(texts),
    ...world.attributes(),
    ...(dice.chance(0.07) && { backup: true }),
    ...(dice.chance(0.08) && { validate: validator(world) }),
  });
};

export const fileTasks: readonly (readonly [weight: number, make: Make])[] = [
  [10, directory],
  [6, absent],
  [7, link],
  [4, hardLink],
  [4, touch],
  [6, permissions],
  [12, copy],
];
