/** Tasks that only look, and tasks that read what others said. */
import { Reading, type TaskSpec } from '../round.ts';
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';

const statOf: Make = (world) =>
  task('stat', { path: world.anything(), ...(world.dice.chance(0.5) && { follow: true }) });
const slurpOf: Make = (world) =>
  task('slurp', { src: world.file() }, { keywords: world.dice.chance(0.6) ? { ignoreErrors: true } : {} });
const findBelow: Make = (world) => {
  const { dice } = world;
  // Copies that are kept beside a file have the time in their names.
  return task('find', {
    paths: [world.folder()],
    excludes: ['*~'],
    ...(dice.chance(0.4) && { recurse: true }),
    fileType: dice.one(['file', 'any', 'directory', 'link']),
    ...(dice.chance(0.3) && { hidden: true }),
    ...(dice.chance(0.15) && { contains: 'o' }),
  });
};

/** What of a result is worth telling: times, inodes and random names are not foretold. */
export function telling(world: World, spec: TaskSpec): Reading {
  const one = (...ways: string[][]): Reading => new Reading(spec.name, world.dice.one(ways), 'text');
  switch (spec.resource) {
    case 'stat':
      return one(['stat']);
    case 'slurp':
      return one(['text'], ['failed']);
    case 'find':
      return world.dice.chance(0.3) ? one(['matched']) : new Reading(spec.name, ['files'], 'paths');
    case 'command':
    case 'shell':
      return one(['stdout'], ['rc'], ['changed'], ['skipped']);
    default:
      return one(['changed'], ['failed'], ['skipped']);
  }
}

const tell: Make = (world) => {
  const { dice } = world;
  const looked = world.made.filter(({ resource }) => ['stat', 'slurp', 'find', 'command', 'shell'].includes(resource));
  const from = looked.length > 0 && dice.chance(0.8) ? looked : world.made;
  return from.length === 0 ? statOf(world) : task('debug', { msg: telling(world, dice.one(from)) });
};

const hold: Make = (world) => {
  const { dice } = world;
  const stats = world.made.filter(({ resource }) => resource === 'stat');
  if (stats.length === 0) return statOf(world);
  return task(
    'assert',
    { that: new Reading(dice.one(stats).name, ['stat', dice.one(['exists', 'isreg', 'isdir', 'islnk'])]) },
    { keywords: { ignoreErrors: true } },
  );
};

const copyRead: Make = (world) => {
  const { dice } = world;
  const read = world.made.filter(({ resource }) => ['slurp', 'command', 'shell', 'stat'].includes(resource));
  if (read.length === 0) return slurpOf(world);
  const from = dice.one(read);
  const dest = dice.chance(0.5) ? world.file() : world.place();
  world.add('files', dest);
  return task('copy', {
    dest,
    content:
      from.resource === 'stat'
        ? new Reading(
            from.name,
            ['stat', dice.one(['mode', 'exists', 'checksum', 'pwName', 'size', 'lnkTarget'])],
            'text',
          )
        : new Reading(from.name, [from.resource === 'slurp' ? 'text' : 'stdout'], 'text'),
  });
};

export const lookTasks: readonly (readonly [weight: number, make: Make])[] = [
  [5, statOf],
  [4, slurpOf],
  [4, findBelow],
  [7, tell],
  [2, hold],
  [4, copyRead],
];
