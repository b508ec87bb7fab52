/** Tasks about many files at once. */
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';
import { validator } from './files.ts';

const mirror: Make = (world) => {
  const { dice } = world;
  const dest = dice.chance(0.6) ? world.folder() : `${world.folder()}/m`;
  world.add('folders', dest);
  world.add('files', `${dest}/f`);
  const generated = dice.chance(0.5) ? { generated: { [dice.one(['gen', 's/gen', 'f'])]: 'generated\n' } } : {};
  return task('sync', {
    dest,
    ...(dice.chance(0.85) || Object.keys(generated).length === 0
      ? { src: `${world.sources}/${dice.one(['tree-a', 'tree-b'])}` }
      : {}),
    ...generated,
    ...(dice.chance(0.4) && { delete: true }),
    ...(dice.chance(0.25) && { exclude: [dice.one(['s', '*.conf', 'f', '.h'])] }),
    ...(dice.chance(0.2) && { mode: dice.one(['0600', '0644']) }),
    ...(dice.chance(0.15) && { directoryMode: dice.one(['0700', '2755']) }),
    ...(dice.chance(0.1) && { owner: world.owner() }),
    ...(dice.chance(0.1) && { group: world.group() }),
  });
};

const unpack: Make = (world) => {
  const { dice } = world;
  const dest = world.folder();
  world.add('files', `${dest}/f`);
  const isThere = dice.chance(0.5);
  return task('unarchive', {
    src: isThere
      ? dice.chance(0.9)
        ? `${world.dir}/r.tar.gz`
        : world.file()
      : `${world.sources}/${dice.one(['a.tar.gz', 'b.tar.gz'])}`,
    dest,
    ...(isThere && { remoteSrc: true }),
    ...(dice.chance(0.2) && { exclude: [dice.one(['s', 'f', '*.conf'])] }),
    ...(dice.chance(0.1) && { extraOpts: ['--strip-components=1'] }),
    ...(dice.chance(0.15) && { creates: `${dest}/f` }),
    ...world.attributes(() => world.folderMode()),
  });
};

const assemble: Make = (world) => {
  const { dice } = world;
  const isThere = dice.chance(0.75);
  const dest = dice.chance(0.4) ? world.file() : world.place();
  world.add('files', dest);
  return task('assemble', {
    src: isThere ? world.folder() : `${world.sources}/parts`,
    ...(isThere && { remoteSrc: true }),
    dest,
    ...(dice.chance(0.2) && { ignoreHidden: true }),
    ...(dice.chance(0.2) && { regexp: dice.one(['a', '^[a-f]$']) }),
    ...(dice.chance(0.15) && { delimiter: '--' }),
    ...world.attributes(),
    ...(dice.chance(0.05) && { backup: true }),
    ...(dice.chance(0.05) && { validate: validator(world) }),
  });
};

const rendered: Make = (world) => {
  const { dice } = world;
  const dest = dice.chance(0.5) ? world.file() : world.place();
  world.add('files', dest);
  return task('template', {
    src: `${world.sources}/text.hbs`,
    dest,
    vars: { name: dice.one(['a', 'é']), list: [1, 'x'] },
    ...world.attributes(),
    ...(dice.chance(0.1) && { validate: validator(world) }),
  });
};

const entry: Make = (world) => {
  const { dice } = world;
  const isFolder = dice.chance(0.4);
  const how = {
    etype: dice.one(['user', 'group']),
    entity: dice.one(['daemon', 'adm', '4242', ...world.users]),
    ...(dice.chance(0.3) ? { state: 'absent' } : { permissions: dice.one(['r', 'rX', 'rwx', 'rw']) }),
  };
  return task('acl', {
    path: isFolder ? world.folder() : world.anything(),
    ...how,
    ...(isFolder && dice.chance(0.4) && { default: true }),
    ...(isFolder && dice.chance(0.2) && { recursive: true }),
  });
};

const capability: Make = (world) =>
  task('capabilities', {
    path: world.file(),
    capability: world.dice.one(['cap_net_raw+ep', 'cap_chown=ep']),
    ...(world.dice.chance(0.3) && { state: 'absent' }),
  });

export const treeTasks: readonly (readonly [weight: number, make: Make])[] = [
  [5, mirror],
  [4, unpack],
  [4, assemble],
  [4, rendered],
  [3, entry],
  [1.5, capability],
];

/** An archive on the host. */
export function addArchive({ host, dice }: World): void {
  if (dice.chance(0.5))
    host.push(
      `mkdir -p r/s; echo one >r/f; echo x >r/s/x.conf; chmod ${dice.one(['0600', '0644'])} r/f; touch -d 2024-01-01 r/f r/s/x.conf; tar -czf r.tar.gz -C r .; rm -r r`,
    );
}
