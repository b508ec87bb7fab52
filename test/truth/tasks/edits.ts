/** Tasks that edit files. */
import { task, type World } from '../world.ts';
import { validator, type Make } from './files.ts';

function common(world: World): Record<string, string | boolean> {
  const { dice } = world;
  return {
    ...(dice.chance(0.2) && world.attributes()),
    ...(dice.chance(0.06) && { backup: true }),
    ...(dice.chance(0.06) && { validate: validator(world) }),
  };
}

function create(world: World, path: string): { create?: true } {
  if (!world.dice.chance(0.4)) return {};
  world.add('files', path);
  return { create: true };
}

const line: Make = (world) => {
  const { dice } = world;
  const path = world.file();
  const line = dice.one(['one', 'two = 2', 'key = other', 'x = 1', 'é']);
  const isAbsent = dice.chance(0.25);
  const how = isAbsent
    ? dice.one([{ line }, { regexp: '^o' }, { searchString: 'e' }])
    : dice.one([
        { line },
        { line, regexp: `^${line.slice(0, 2)}` },
        { line, insertAfter: '^one' },
        { line, insertBefore: 'BOF' },
        { line, searchString: line.slice(0, 2) },
        { line, insertAfter: '^t', firstMatch: true },
      ]);
  return task('lineinfile', {
    path,
    ...how,
    ...(isAbsent && { state: 'absent' }),
    ...(!isAbsent && create(world, path)),
    ...common(world),
  });
};

const blockOf: Make = (world) => {
  const { dice } = world;
  const path = world.file();
  const isAbsent = dice.chance(0.2);
  return task('blockinfile', {
    path,
    ...(isAbsent ? { state: 'absent' } : { block: dice.one(['b1', 'b1\nb2', 'é', '']) }),
    ...(dice.chance(0.3) && { insertAfter: dice.one(['^one', 'EOF', 'nothing']) }),
    ...(dice.chance(0.2) && { marker: '# {mark} m' }),
    ...create(world, path),
    ...common(world),
  });
};

const replacement: Make = (world) => {
  const [regexp = '', replace = ''] = world.dice.one([
    ['two', 'zwei'],
    ['^one$', 'uno'],
    ['=\\s*', '= '],
    ['\\r', ''],
    ['x = 1', 'x = 2'],
    ['(k)ey', '\\1'],
  ]);
  return task('replace', { path: world.file(), regexp, replace, ...common(world) });
};

const ini: Make = (world) => {
  const { dice } = world;
  const path = world.fileOf('.ini');
  world.add('files', path);
  const section = dice.one(['a', 'b', 'new', '']);
  const how = dice.chance(0.25)
    ? { state: 'absent', ...((section === '' || dice.chance(0.7)) && { option: 'x' }) }
    : { option: dice.one(['x', 'y', 'top']), value: dice.one(['1', 2, true, 'a b']) };
  return task('iniFile', { path, section, ...how, ...(dice.chance(0.2) && { noExtraSpaces: true }), ...common(world) });
};

const data =
  (resource: 'jsonFile' | 'yamlFile', suffix: string): Make =>
  (world) => {
    const { dice } = world;
    const path = world.fileOf(suffix);
    world.add('files', path);
    const key = dice.one(['a', 'b', 'c.d', 'new.deep.key', 'a.x']);
    const how = dice.chance(0.2)
      ? { state: 'absent' }
      : dice.one([
          { value: dice.one([1, 'q', true, null, 'yes']) },
          { value: [1, 'x'] },
          { value: { x: 1, z: 'y' }, merge: true },
          { value: 'x', append: true },
        ]);
    return task(resource, { path, key, ...how, ...common(world) });
  };

const xml: Make = (world) => {
  const { dice } = world;
  const how = dice.one([
    { xpath: '/a/b', value: 'v' },
    { xpath: '/a/b/@c', value: '2' },
    { xpath: '/a', addChildren: ['<n x="1"/>'] },
    { xpath: '/a/b', state: 'absent' },
    { xpath: '/a/new', value: 'é' },
  ]);
  return task('xmlFile', { path: world.fileOf('.xml'), ...how, ...common(world) });
};

const password: Make = (world) => {
  const path = world.place();
  world.add('files', path);
  return task('htpasswd', {
    path,
    users: [{ name: world.dice.one(['ann', 'bob']), password: 'pw' }],
    cost: 4,
    ...world.attributes(),
  });
};

const hostKey: Make = (world) => {
  const { dice } = world;
  const path = world.dice.chance(0.5) ? world.file() : world.place();
  const isAbsent = dice.chance(0.3);
  if (!isAbsent) world.add('files', path);
  return task('knownHosts', {
    path,
    name: dice.one(['h1', 'h2', '[h1]:22']),
    ...(isAbsent ? { state: 'absent' } : { key: publicKey }),
  });
};

export const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm';

const rootKey: Make = (world) => {
  const { dice } = world;
  const path = world.place();
  world.add('files', path);
  return task('authorizedKey', {
    user: dice.one(['root', 'daemon', ...world.users]),
    path,
    key: `${publicKey} ${dice.one(['c1', 'c2'])}`,
    ...(dice.chance(0.5) && { manageDir: false }),
    ...(dice.chance(0.2) && { state: 'absent' }),
  });
};

const cronFile: Make = (world) => {
  const { dice } = world;
  const path = dice.chance(0.3) ? world.file() : world.place();
  world.add('files', path);
  const isAbsent = dice.chance(0.3);
  return task('cron', {
    cronFile: path,
    user: 'root',
    name: dice.one(['j1', 'j2']),
    ...(isAbsent ? { state: 'absent' } : { job: dice.one(['true', 'echo x']), minute: dice.below(60) }),
    ...(dice.chance(0.1) && { backup: true }),
  });
};

export const editTasks: readonly (readonly [weight: number, make: Make])[] = [
  [7, line],
  [5, blockOf],
  [4, replacement],
  [3, ini],
  [3, data('jsonFile', '.json')],
  [3, data('yamlFile', '.yml')],
  [2, xml],
  [1, password],
  [1, hostKey],
  [2, rootKey],
  [1, cronFile],
];
