/** Makes a round from a seed: a state of the host, and tasks that lean on one another. */
import { Dice } from '../support/dice.ts';
import { makeHostState } from './host-states.ts';
import { Reading, type HandlerSpec, type ItemSpec, type KeywordSpec, type Round, type TaskSpec } from './round.ts';
import { accountTasks, makeAccounts } from './tasks/accounts.ts';
import { byHandTasks } from './tasks/by-hand.ts';
import { commandTasks } from './tasks/commands.ts';
import { editTasks } from './tasks/edits.ts';
import { fetchedTasks, makeFetched } from './tasks/fetched.ts';
import { fileTasks, type Make } from './tasks/files.ts';
import { lookTasks, telling } from './tasks/looks.ts';
import { makePackages, packageTasks } from './tasks/packages.ts';
import { makeSystem, systemTasks } from './tasks/system.ts';
import { addArchive, treeTasks } from './tasks/trees.ts';
import { makeUnits, unitTasks } from './tasks/units.ts';
import { task, World } from './world.ts';

type Weighted = readonly (readonly [weight: number, make: Make])[];

export interface Theme {
  readonly name: string;
  /** How often it is taken. */
  readonly weight: number;
  /** Lists of tasks, and how much each counts. */
  readonly tasks: readonly (readonly [share: number, list: Weighted])[];
  readonly host: readonly ((world: World) => void)[];
}

const first: readonly Theme[] = [
  {
    name: 'files',
    weight: 4,
    host: [makeHostState, addArchive],
    tasks: [
      [5, fileTasks],
      [3, editTasks],
      [3, lookTasks],
      [2, commandTasks],
      [2, treeTasks],
    ],
  },
  {
    name: 'trees',
    weight: 2,
    host: [makeHostState, addArchive],
    tasks: [
      [3, fileTasks],
      [1, editTasks],
      [3, lookTasks],
      [1, commandTasks],
      [6, treeTasks],
    ],
  },
  {
    name: 'accounts',
    weight: 3,
    host: [makeAccounts, makeHostState],
    tasks: [
      [8, accountTasks],
      [2, fileTasks],
      [1, editTasks],
      [2, lookTasks],
      [0.5, commandTasks],
      [0.5, treeTasks],
    ],
  },
  {
    name: 'units',
    weight: 2,
    host: [makeUnits],
    tasks: [
      [8, unitTasks],
      [1, fileTasks],
      [2, lookTasks],
    ],
  },
  {
    name: 'system',
    weight: 2,
    host: [makeHostState, makeSystem],
    tasks: [
      [6, systemTasks],
      [3, fileTasks],
      [1, editTasks],
      [2, lookTasks],
      [1, commandTasks],
    ],
  },
];

const themes: readonly Theme[] = [
  ...first,
  {
    name: 'packages',
    weight: 2,
    host: [makePackages],
    tasks: [
      [9, packageTasks],
      [2, lookTasks],
      [0.3, commandTasks],
    ],
  },
  {
    name: 'fetched',
    weight: 2,
    host: [makeHostState, makeFetched],
    tasks: [
      [5, fetchedTasks],
      [3, fileTasks],
      [2, editTasks],
      [2, lookTasks],
      [1, treeTasks],
      [1, commandTasks],
    ],
  },
  {
    name: 'by hand',
    weight: 2,
    host: [makeAccounts, makeHostState],
    tasks: [
      [5, byHandTasks],
      [5, accountTasks],
      [2, fileTasks],
      [2, lookTasks],
    ],
  },
];
/** Seeds up to here are of the themes there were first: those that are kept go on showing what they are kept for. */
const lastFirst = 100_000;

/**
 * @param sources the folder of `buildSources`
 * @param only the theme's name; default any
 */
export function makeRound(seed: number, sources: string, only?: string): Round {
  const dice = new Dice(seed);
  const theme = pick(
    dice,
    (only === undefined && seed <= lastFirst ? first : themes)
      .filter((one) => only === undefined || one.name === only)
      .map((one) => [one.weight, one] as const),
  );
  const prefix = `t${seed % 1_000_000}`;
  const world = new World(dice, prefix, `/srv/truth/${prefix}${dice.chance(0.2) ? ` 'q" ü` : ''}`, sources);
  for (const make of theme.host) make(world);
  const handlers = makeHandlers(world);
  const items = makeItems(world, theme, 2 + dice.below(13));
  return { seed, prefix, dir: world.dir, uses: [...world.uses], host: world.host, items, handlers };
}

function makeItems(world: World, theme: Theme, count: number): ItemSpec[] {
  const { dice } = world;
  const ignores = dice.chance(0.5);
  const items: ItemSpec[] = [];
  for (let i = 0; i < count; i++) {
    if (dice.chance(0.04)) {
      const list = (most: number): ItemSpec[] =>
        Array.from({ length: dice.below(most + 1) }, () => makeTask(world, theme, false));
      items.push({
        kind: 'block',
        tasks: [makeTask(world, theme, false), ...list(2)],
        rescue: list(2),
        always: list(1),
      });
    } else items.push(makeTask(world, theme, ignores));
  }
  // Whoever looked is heard at the end.
  for (const made of world.made
    .filter(({ resource }) => ['stat', 'slurp', 'find', 'shell'].includes(resource))
    .slice(-3)) {
    items.push({ ...task('debug', { msg: telling(world, made) }), name: `t${world.made.length + items.length}e` });
  }
  return items;
}

function makeTask(world: World, theme: Theme, ignores: boolean): TaskSpec {
  const { dice } = world;
  const list = pick(dice, theme.tasks);
  const made = pick(dice, list)(world);
  const named = {
    ...made,
    name: `t${world.made.length + 1}`,
    keywords: { ...made.keywords, ...makeKeywords(world, made, ignores) },
  };
  world.made.push(named);
  return named;
}

/** What manages a path or account whole. */
const owning = new Set([
  'copy',
  'template',
  'assemble',
  'htpasswd',
  'getUrl',
  'git',
  'sync',
  'user',
  'group',
  'hostname',
  'timezone',
  'sudoers',
  'systemdUnit',
  'aptPin',
  'aptRepository',
]);

const isOwning = ({ resource, options }: TaskSpec): boolean =>
  owning.has(resource) || (resource === 'file' && (options['state'] === 'link' || options['state'] === 'hard'));

function makeKeywords(world: World, made: TaskSpec, ignores: boolean): KeywordSpec {
  const { dice } = world;
  const { resource } = made;
  const earlier = world.made;
  const stats = earlier.filter((one) => one.resource === 'stat');
  const isCommand = resource === 'shell' || resource === 'command';
  return {
    ...((ignores ? dice.chance(0.9) : dice.chance(0.1)) && { ignoreErrors: true as const }),
    ...(isOwning(made) && earlier.some(isOwning) && { when: true as const }),
    ...(earlier.length > 0 &&
      dice.chance(0.08) && {
        when:
          stats.length > 0 && dice.chance(0.6)
            ? new Reading(dice.one(stats).name, ['stat', 'exists'], dice.one(['value', 'not']))
            : new Reading(
                dice.one(earlier).name,
                [dice.one(['changed', 'failed', 'skipped'])],
                dice.one(['value', 'not']),
              ),
      }),
    ...(world.handlers.length > 0 && dice.chance(0.2) && { notify: [dice.one(world.handlers)] }),
    ...(isCommand &&
      dice.chance(0.12) && {
        changedWhen: dice.one([
          true,
          false,
          new Reading('', ['stdout'], { is: 'made' }),
          new Reading('', ['rc'], { is: 0 }),
        ]),
      }),
    ...(isCommand &&
      dice.chance(0.08) && {
        failedWhen: dice.one([false, new Reading('', ['rc'], { is: 1 }), new Reading('', ['stdout'], { is: '' })]),
      }),
    ...(dice.chance(0.03) && { becomeUser: dice.one(['daemon', 'nobody', ...world.users]) }),
  };
}

function makeHandlers(world: World): HandlerSpec[] {
  const { dice } = world;
  if (dice.chance(0.6)) return [];
  return ['h1', 'h2'].slice(0, 1 + dice.below(2)).map((name) => {
    world.handlers.push(name);
    const body = dice.one([
      () => task('shell', { cmd: `cat '${world.dir}'/d/* 2>/dev/null | wc -c`, changes: 'never' }),
      () => task('copy', { dest: world.place(), content: 'handled\n' }),
      () => task('command', { cmd: 'true', changes: 'always' }, { again: true }),
    ]);
    return { name, task: { ...body(), name } };
  });
}

function pick<T>(dice: Dice, from: readonly (readonly [weight: number, value: T])[]): T {
  const all = from.reduce((sum, [weight]) => sum + weight, 0);
  let at = dice.share() * all;
  for (const [weight, value] of from) {
    at -= weight;
    if (at < 0) return value;
  }
  throw new Error('nothing to choose from');
}
