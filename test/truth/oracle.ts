/**
 * Runs a round and says where play broke its word:
 *
 * - check mode touches nothing;
 * - what check mode foretells of a task comes true, unless it is marked `may` or `assumed`;
 * - a second run says `ok` only where nothing changes, and settles;
 * - no temporary file is left.
 */
import type { Connection, Lane } from '../../src/connection/index.ts';
import type { Change } from '../../src/contract/index.ts';
import type { TaskEvent } from '../../src/engine/index.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { saidThen } from '../support/said-then.ts';
import { buildPlay } from './build-play.ts';
import type { TruthHost } from './host.ts';
import { tasksOf, type Round } from './round.ts';
import { readBy } from './values.ts';

export interface Finding {
  readonly law:
    | 'check mode touches nothing'
    | 'check mode foretells the run'
    | 'ok changes nothing'
    | 'a second run settles'
    | 'no temporary files'
    | 'play does not break';
  /** The task it shows at: `t3 copy`. */
  readonly task: string;
  /** The run it shows in. */
  readonly turn: number;
  readonly details: readonly string[];
}

export interface Verdict {
  readonly finding: Finding | undefined;
  /** How many tasks were foretold, and how many of them with a mark. */
  readonly tasks: number;
  readonly marked: number;
}

/** Seconds a run may take. */
const longest = 240;

/** @param turns how often it is run; what shows at the first need not be sought at the second */
export async function judgeRound(host: TruthHost, round: Round, turns: 1 | 2 = 2): Promise<Verdict> {
  const counts = { tasks: 0, marked: 0 };
  const find = (): Promise<Finding | undefined> => findFault(host, round, turns, counts);
  // A busy machine loses connections: what breaks for good breaks again.
  const again = async (): Promise<Finding | undefined> => {
    await host.close();
    Object.assign(counts, { tasks: 0, marked: 0 });
    return find();
  };
  const finding = await find()
    .catch(again)
    .catch((error: unknown): Finding => ({
      law: 'play does not break',
      task: '',
      turn: 1,
      details: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }));
  return { finding, ...counts };
}

/**
 * The connection for one run. As where one run follows another over one connection (`play apply`), lanes end with the
 * run: those of other accounts would be in the way of what the next does to these.
 */
function lent(connection: Connection): Connection {
  const others = new Set<Lane>();
  return {
    target: connection.target,
    description: connection.description,
    async lane(become) {
      const lane = await connection.lane(become);
      if (become !== undefined && become.user !== 'root') others.add(lane);
      return lane;
    },
    live: (command) => connection.live(command),
    close: async () => void (await Promise.all([...others].map((lane) => lane.close()))),
  };
}

async function findFault(
  host: TruthHost,
  round: Round,
  turns: 1 | 2,
  counts: { tasks: number; marked: number },
): Promise<Finding | undefined> {
  let before = await host.begin(round);
  const run = async (check: boolean): Promise<PlayRun> => {
    // Lanes keep what they fetched of packages: as any run does, each has its own then.
    if (round.uses.includes('packages')) await host.close();
    const connection = await host.connection();
    const signal = AbortSignal.timeout(longest * 1000);
    const came = await runPlay(buildPlay(round), { check, signal, connect: async () => lent(connection) });
    if (signal.aborted) throw new Error(`a run took longer than ${longest} s`);
    return came;
  };

  for (let turn = 1; turn <= turns; turn++) {
    const foretold = await run(true);
    if (turn === 1) {
      counts.tasks += foretold.tasks.length;
      counts.marked += foretold.tasks.filter(isMarked).length;
    }
    const untouched = difference(before.there, (await host.look(round)).there);
    if (untouched.length > 0) return { law: 'check mode touches nothing', task: '', turn, details: untouched };
    const done = await run(false);
    const wrong = compare(foretold.tasks, done.tasks);
    if (wrong) return { ...wrong, turn };
    const after = await host.look(round);
    if (after.left !== '') return { law: 'no temporary files', task: '', turn, details: [after.left] };
    if (
      turn === 2 &&
      done.tasks.every(({ status }) => status === 'ok' || status === 'skipped') &&
      !tasksOf(round.items).some((task) => task.again)
    ) {
      const changed = difference(before.there, after.there);
      if (changed.length > 0) return { law: 'ok changes nothing', task: '', turn, details: changed };
    }
    if (turn === 2) {
      const restless = await unsettled(round, done, run);
      if (restless !== undefined) return restless;
    }
    before = after;
  }
  return undefined;
}

/** What findings of one cause have in common, roughly: the names and numbers of the round taken out. */
export function kindOf({ law, task, details }: Finding): string {
  const text = details
    .filter((line) => !line.includes('"before"'))
    .map((line) =>
      line
        .replaceAll(/\/(?:srv\/truth|run\/play)[^|]*/g, 'PATH')
        .replaceAll(/"(?:[^"\\]|\\.)*"/g, 'TEXT')
        .replaceAll(/\d+/g, 'N')
        .replaceAll(/tNe? /g, '')
        .trim(),
    )
    .filter((line) => !line.startsWith('at ') && line !== 'foretold:');
  if (/Permission denied|not permitted|cannot be read$/.test(text.join('\n'))) return `${law}: permissions`;
  return `${law}: ${task.replace(/^\S+ /, '')}: ${[...new Set(text)].join(' ').slice(0, 200)}`;
}

/** Tasks that undo one another change both, in every run; one alone that does so is at odds with itself. */
async function unsettled(
  round: Round,
  second: PlayRun,
  run: (check: boolean) => Promise<PlayRun>,
): Promise<Finding | undefined> {
  const again = new Set(
    [...tasksOf(round.items), ...round.handlers.map(({ task }) => task)]
      .filter((task) => task.again || task.keywords.changedWhen !== undefined || readBy(task).length > 0)
      .map(({ name, resource }) => `${name} ${resource}`),
  );
  // What says that it is due in every run is no surprise.
  const saysSo = ({ changes }: TaskEvent): boolean =>
    changes.length > 0 && changes.every(({ to }) => to?.includes('in every run') === true);
  const changing = ({ tasks }: PlayRun): TaskEvent[] =>
    tasks.filter(
      (task) => task.status === 'changed' && task.event === 'task' && !again.has(task.task) && !saysSo(task),
    );
  const [only, ...others] = changing(second);
  if (!only || others.length > 0 || second.tasks.some((task) => task.status === 'failed')) return undefined;
  if (second.tasks.some((task) => task.status === 'changed' && task !== only)) return undefined;
  const third = await run(false);
  const [still, ...more] = changing(third);
  return still?.task === only.task && more.length === 0
    ? {
        law: 'a second run settles',
        task: only.task,
        turn: 2,
        details: ['changes in every run, alone:', ...show(still)],
      }
    : undefined;
}

const isMarked = (task: TaskEvent): boolean => task.may !== null || task.assumed.length > 0;

function compare(foretold: readonly TaskEvent[], done: readonly TaskEvent[]): Omit<Finding, 'turn'> | undefined {
  for (let i = 0; i < Math.max(foretold.length, done.length); i++) {
    const expected = foretold[i];
    const came = done[i];
    if (isSame(expected, came)) continue;
    if (expected && came && isFailedCommand(expected, came)) return undefined;
    if (expected && isMarked(expected)) {
      // Whether the tasks after it run at all may be another by that.
      if (came?.task !== expected.task || came.status !== expected.status) return undefined;
      continue;
    }
    return {
      law: 'check mode foretells the run',
      task: (expected ?? came)?.task ?? '',
      details: ['foretold:', ...show(expected), 'came:', ...show(came)],
    };
  }
  return undefined;
}

function isSame(expected: TaskEvent | undefined, came: TaskEvent | undefined): boolean {
  const [one, other] = [expected && comparable(saidThen(expected, came)), came && comparable(came)];
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What a program comes to is known to nobody: that it fails is no broken word. */
function isFailedCommand(expected: TaskEvent, came: TaskEvent): boolean {
  return (
    (expected.resource === 'command' || expected.resource === 'shell') &&
    // By `changedWhen: false` one that runs is `ok`.
    (expected.status === 'changed' ||
      (expected.status === 'ok' && expected.changes.some(({ what }) => what === 'run'))) &&
    came.task === expected.task &&
    came.status === 'failed' &&
    /^(?:Could not run|The change was made but did not hold)/.test(came.error?.what ?? '')
  );
}

function comparable({ task, resource, status, changes, message, error, ignored, rescued }: TaskEvent): unknown {
  // What an account may not is told beforehand in words of play's own.
  const isForbidden =
    status === 'failed' &&
    /\bmay not\b|Permission denied|Access denied|not permitted|cannot be read\s*$/m.test(
      `${error?.what} ${error?.stderr}`,
    );
  if (isForbidden) return { task, status, what: 'forbidden', ignored, rescued };
  // Why a unit does not start is said in systemd's own words where it was tried.
  if (resource === 'systemd' && status === 'failed')
    return {
      task,
      status,
      what: /^Could not \w+ [^\s:]*/.exec(error?.what ?? '')?.[0] ?? error?.what,
      ignored,
      rescued,
    };
  return {
    task,
    status,
    message,
    what: error?.what,
    ignored,
    rescued,
    changes: changes.map((change) => ({ ...change, text: change.text && sides(change.text) })),
  };
}

function sides({ path, before, after }: NonNullable<Change['text']>): unknown {
  return {
    path,
    before: Buffer.isBuffer(before) ? before.toString('latin1') : before,
    after: after?.toString('latin1'),
  };
}

function show(event: TaskEvent | undefined): string[] {
  if (!event) return ['  nothing'];
  const { status, message, error, changes, assumed, may } = event;
  return [
    `  ${status} ${event.event === 'handler' ? 'handler ' : ''}${event.task}`,
    ...(message === null ? [] : [`  says ${JSON.stringify(message)}`]),
    ...(error === null
      ? []
      : [`  ${error.what}${error.stderr === '' ? '' : ` | ${error.stderr.trim().split('\n').slice(-3).join(' | ')}`}`]),
    ...changes.map(
      ({ what, from, to, text }) =>
        `  ${what}: ${from ?? ''} -> ${to ?? ''}${text ? ` ${JSON.stringify(sides(text))}` : ''}`,
    ),
    ...assumed.map((why) => `  assumed: ${why}`),
    ...(may === null ? [] : [`  may: ${may}`]),
  ];
}

function difference(before: string, after: string): string[] {
  const old = new Set(before.split('\n'));
  const now = new Set(after.split('\n'));
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ].slice(0, 20);
}
