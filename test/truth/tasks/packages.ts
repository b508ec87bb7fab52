/** Packages of a small repository on the host, and what apt, dpkg and debconf are told of them. */
import { quoted } from '../host-states.ts';
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';

const names = ['t0a', 't0a', 't0b', 't0c', 't0d'];
const confs = ['/etc/t0a.conf', '/etc/t0b.conf'];

export function makePackages(world: World): void {
  const { dice, host } = world;
  world.uses.add('packages');
  const install = (what: string): void =>
    void host.push(`DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades ${what}`);
  if (dice.chance(0.4)) install(dice.one(['t0a=1.0', 't0a', 't0b', 't0c', 't0a=1.0 t0d']));
  if (dice.chance(0.15)) host.push(`DEBIAN_FRONTEND=noninteractive apt-get remove -qy ${dice.one(names)}`);
  if (dice.chance(0.2))
    host.push(
      dice.one([
        'apt-mark hold t0a',
        'echo mine >>/etc/t0a.conf',
        'rm -f /etc/t0a.conf',
        `echo 't0a t0a/q string old' | debconf-set-selections`,
      ]),
    );
  for (const path of [...confs, '/usr/share/t0a/f', '/usr/bin/t0b', '/var/lib/t0c/made']) world.add('files', path);
  world.add('folders', '/etc');
}

const apt: Make = (world) => {
  const { dice } = world;
  const name = dice.one([...names, ...names, 't0a=1.0', 't0a=1.1', 't0a=9.*', 't0e', 't0none']);
  const state = dice.one(['present', 'present', 'present', 'absent', 'absent', 'latest']);
  const more = dice.chance(0.2) ? [dice.one(names)] : [];
  const some = [name, ...more.filter((one) => one !== name.replace(/=.*/, ''))];
  const wanted = state === 'present' ? some : some.map((one) => one.replace(/=.*/, ''));
  return task('apt', {
    name: [...new Set(wanted)],
    state,
    ...(state === 'absent' && dice.chance(0.4) && { purge: true }),
    ...(dice.chance(0.15) && { allowDowngrade: true }),
    ...(dice.chance(0.1) && { updateCache: true }),
    ...(dice.chance(0.1) && { autoremove: true }),
  });
};

const selection: Make = ({ dice }) =>
  task('dpkgSelections', {
    name: dice.one(names),
    selection: dice.one(['hold', 'hold', 'install', 'deinstall', 'purge']),
  });

const pin: Make = (world) => {
  const { dice, prefix } = world;
  const name = `${prefix}${dice.one(['p', 'q'])}`;
  if (dice.chance(0.25)) return task('aptPin', { name, state: 'absent' });
  return task('aptPin', {
    name,
    package: dice.one([['t0a'], ['t0*'], ['t0b', 't0d']]),
    pin: dice.one(['version 1.0', 'version 1.*', 'version 9.*', 'release *']),
    priority: dice.one([-1, 500, 990, 1001]),
  });
};

const answer: Make = ({ dice }) =>
  task('debconf', {
    name: dice.one(['t0a', 't0b']),
    question: dice.one(['t0a/q', 't0a/q', 't0a/flag']),
    ...dice.one([
      { vtype: 'string', value: 'x' },
      { vtype: 'string', value: 'y' },
      { vtype: 'boolean', value: true },
      { vtype: 'seen', value: dice.chance(0.5) },
      { vtype: 'multiselect', value: 'b, a' },
    ]),
    ...(dice.chance(0.15) && { unseen: true }),
  });

const source: Make = (world) => {
  const { dice, prefix } = world;
  const name = `${prefix}${dice.one(['s', 's', 't'])}`;
  if (dice.chance(0.25)) return task('aptRepository', { name, state: 'absent' });
  return task('aptRepository', {
    name,
    uris: [
      dice.one(['file:/srv/truth-repo2', 'file:/srv/truth-repo2', 'file:/srv/truth-repo', 'file:/srv/truth-none']),
    ],
    suites: ['./'],
    ...(dice.chance(0.85) && { trusted: true }),
    ...(dice.chance(0.3) && { updateCache: false }),
    ...(dice.chance(0.15) && { enabled: false }),
  });
};

const conf: Make = (world) => {
  const { dice } = world;
  const path = dice.one(confs);
  return dice.one([
    task('copy', { dest: path, content: dice.one(['mine\n', 'a = 1\n']), ...world.attributes() }),
    task('lineinfile', { path, line: 'more' }),
    task('file', { path, state: 'absent' }),
    task('slurp', { src: path }),
    task('file', { path, mode: world.mode() }),
  ]);
};

const asked: Make = (world) => {
  const { dice } = world;
  const name = dice.one(names);
  if (dice.chance(0.3))
    return task('stat', { path: dice.one(['/etc/t0a.conf', '/usr/share/t0a/f', '/usr/bin/t0b', '/var/lib/t0c/made']) });
  const cmd = dice.one([
    `dpkg-query -W -f '\${Status} \${Version}' ${name}`,
    'cat /etc/t0a.conf',
    'apt-mark showhold',
    't0b',
    `test -e ${quoted('/usr/share/t0a/f')}`,
    'echo GET t0a/q | debconf-communicate',
    'apt-cache policy t0a | sed -n 3p',
  ]);
  return task('shell', { cmd, changes: 'never' }, { keywords: { ignoreErrors: true } });
};

export const packageTasks: readonly (readonly [weight: number, make: Make])[] = [
  [8, apt],
  [3, selection],
  [2, pin],
  [3, answer],
  [2, source],
  [5, conf],
  [5, asked],
];
