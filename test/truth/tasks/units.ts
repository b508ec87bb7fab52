/** Units of systemd and their files. */
import { task, type World } from '../world.ts';
import type { Make } from './files.ts';

const folder = '/etc/systemd/system';
const install = '[Install]\nWantedBy=multi-user.target\n';
const services: readonly string[] = [
  `[Service]\nExecStart=/bin/sleep 1000\n${install}`,
  `[Service]\nExecStart=/bin/sleep 1001\n`,
  `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n${install}`,
  `[Service]\nType=oneshot\nExecStart=/bin/true\n`,
  `[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n${install}`,
  `[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\nAlias=ALIAS.service\n`,
  `[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\nAlso=ALSO.service\n`,
  `[Service]\nUser=nosuchuser\nExecStart=/bin/sleep 1000\n${install}`,
];
const timers: readonly string[] = [
  `[Timer]\nOnCalendar=2099-01-01\n[Install]\nWantedBy=timers.target\n`,
  `[Timer]\nOnBootSec=10h\n`,
];

const textOf = (world: World, name: string): string =>
  world.dice
    .one(name.endsWith('.timer') ? timers : name.endsWith('@.service') ? services.slice(0, 3) : services)
    .replace('ALIAS', `${world.prefix}alias`)
    .replace('ALSO', `${world.prefix}b`);

/** Files of units. */
const fileNames = ({ prefix }: World): string[] => [
  `${prefix}a.service`,
  `${prefix}a.service`,
  `${prefix}b.service`,
  `${prefix}a.timer`,
  `${prefix}w@.service`,
];
/** Units one may start. */
const unitNames = ({ prefix }: World): string[] => [
  `${prefix}a.service`,
  `${prefix}a`,
  `${prefix}a`,
  `${prefix}b.service`,
  `${prefix}a.timer`,
  `${prefix}w@x.service`,
];

export function makeUnits(world: World): void {
  const { dice, host, prefix } = world;
  world.uses.add('units');
  for (const name of new Set(fileNames(world))) {
    if (!dice.chance(0.5)) continue;
    host.push(`printf %b '${textOf(world, name).replaceAll('\n', '\\n')}' >${folder}/${name}`);
  }
  if (dice.chance(0.7)) host.push('systemctl daemon-reload');
  if (dice.chance(0.4))
    host.push(`systemctl ${dice.one(['start', 'enable', 'enable --now', 'mask', 'start'])} ${prefix}a`);
  if (dice.chance(0.2))
    host.push(
      `systemctl ${dice.one(['start', 'enable --now'])} ${dice.one([`${prefix}a.timer`, `${prefix}w@x.service`, `${prefix}b`])}`,
    );
  // Loaded, and then other on disk.
  if (dice.chance(0.15))
    host.push(dice.one([`rm -f ${folder}/${prefix}a.service`, `echo '# more' >>${folder}/${prefix}a.service`]));
  world.folders.push(folder);
  for (const name of fileNames(world)) world.add('files', `${folder}/${name}`);
}

const unitFile: Make = (world) => {
  const { dice } = world;
  const name = dice.one(fileNames(world));
  if (dice.chance(0.15)) return task('systemdUnit', { name, state: 'absent' });
  if (dice.chance(0.15))
    return task('systemdUnit', {
      name,
      dropIn: 'more',
      ...(dice.chance(0.25)
        ? { state: 'absent' }
        : { content: dice.one(['[Unit]\nDescription=more\n', `[Install]\nWantedBy=graphical.target\n`]) }),
    });
  return task('systemdUnit', { name, content: textOf(world, name) });
};

const plainFile: Make = (world) => {
  const { dice } = world;
  const name = dice.one(fileNames(world));
  const path = `${folder}/${name}`;
  return dice.one([
    task('copy', { dest: path, content: textOf(world, name), mode: '0644' }),
    task('file', { path, state: 'absent' }),
    task('lineinfile', { path, line: '# more' }),
    task('file', { path, state: 'link', src: '/dev/null', force: true }),
  ]);
};

const service: Make = (world) => {
  const { dice } = world;
  const name = dice.one(unitNames(world));
  const state = dice.chance(0.75)
    ? dice.one(['started', 'started', 'started', 'stopped', 'restarted', 'reloaded'])
    : undefined;
  const more = { ...(dice.chance(0.5) && { enabled: dice.chance(0.7) }), ...(dice.chance(0.1) && { masked: false }) };
  if (dice.chance(0.07)) return task('systemd', { name, masked: true, ...(dice.chance(0.5) && { state: 'stopped' }) });
  return task(
    'systemd',
    {
      name,
      ...(state !== undefined && { state }),
      ...more,
      ...(state === undefined && Object.keys(more).length === 0 && { enabled: true }),
    },
    { again: state === 'restarted' || state === 'reloaded' },
  );
};

const reload: Make = () => task('systemd', { daemonReload: true }, { again: true });

const asked: Make = (world) => {
  const { dice, prefix } = world;
  const name = dice.one(unitNames(world));
  if (dice.chance(0.4))
    return task('stat', {
      path: dice.one([
        `${folder}/multi-user.target.wants/${prefix}a.service`,
        `${folder}/timers.target.wants/${prefix}a.timer`,
        `${folder}/${prefix}a.service`,
        `${folder}/${prefix}alias.service`,
      ]),
    });
  return task(
    'shell',
    {
      cmd: dice.one([
        `systemctl is-active ${name}`,
        `systemctl is-enabled ${name}`,
        `systemctl show -P LoadState ${name}`,
        `cat ${folder}/${prefix}a.service`,
      ]),
      changes: 'never',
    },
    { keywords: { ignoreErrors: true } },
  );
};

export const unitTasks: readonly (readonly [weight: number, make: Make])[] = [
  [7, unitFile],
  [4, plainFile],
  [12, service],
  [1, reload],
  [3, asked],
];
