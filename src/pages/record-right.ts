import * as v from 'valibot';
import type { RecordEntry, ShownTaskEvent } from '../report/index.ts';

const text = v.fallback(v.string(), '');
/** Numbers of hosts: of a thousand hosts each is looked up for each task. */
const hosts = v.fallback(
  v.pipe(
    v.union([v.literal('all'), v.array(v.number())]),
    v.transform((on): ReadonlySet<number> | 'all' => (on === 'all' ? on : new Set(on))),
  ),
  new Set<number>(),
);
const task = v.object({
  kind: v.picklist(['task', 'handler']),
  role: v.fallback(v.nullable(v.string()), null),
  task: text,
  nth: v.fallback(v.number(), 0),
  resource: text,
  tags: v.fallback(v.array(v.string()), []),
  gate: v.fallback(v.optional(v.picklist(['before', 'after', 'healthy'])), undefined),
  ok: hosts,
  skipped: hosts,
});
const ofPlay = v.object({ event: v.literal('tasks'), play: text, hosts: v.array(v.string()), tasks: v.array(task) });

interface HostWay {
  readonly play: string;
  readonly host: string;
  /** Its number in the play's list. */
  readonly number: number;
  readonly tasks: readonly v.InferOutput<typeof task>[];
  /** How far it has been told. */
  at: number;
}

/** The tasks that a record says were right, each where its host had it among those with entries of their own. */
export class RecordedRight {
  readonly #ways = new Map<string, HostWay>();

  constructor(entries: readonly RecordEntry[]) {
    for (const entry of entries) {
      const read = v.safeParse(ofPlay, entry);
      if (!read.success) continue;
      const { play, hosts, tasks } = read.output;
      for (const [number, host] of hosts.entries())
        this.#ways.set(keyOf({ play, host }), { play, host, number, tasks, at: 0 });
    }
  }

  /** What was right on a host before a task that has an entry, and its tags. */
  *before(
    wanted: Pick<ShownTaskEvent, 'event' | 'play' | 'host' | 'role' | 'task'>,
    nth: number,
  ): Generator<ShownTaskEvent, readonly string[]> {
    const way = this.#ways.get(keyOf(wanted));
    const at = way?.tasks.findIndex(
      (one) => one.kind === wanted.event && one.role === wanted.role && one.task === wanted.task && one.nth === nth,
    );
    if (way === undefined || at === undefined || at < 0) return [];
    yield* told(way, at);
    way.at = Math.max(way.at, at + 1);
    return way.tasks[at]?.tags ?? [];
  }

  /** What is left of a host in a play; of all of them without one. */
  *rest(of?: { readonly play: string; readonly host: string }): Generator<ShownTaskEvent> {
    const ways = of === undefined ? [...this.#ways.values()] : [this.#ways.get(keyOf(of))];
    for (const way of ways) if (way !== undefined) yield* told(way, way.tasks.length);
  }
}

const keyOf = ({ play, host }: { readonly play: string; readonly host: string }): string => `${play}\0${host}`;

function* told(way: HostWay, end: number): Generator<ShownTaskEvent> {
  const { play, host, number, tasks } = way;
  const isOn = (on: ReadonlySet<number> | 'all'): boolean => on === 'all' || on.has(number);
  for (; way.at < end; way.at++) {
    const one = tasks[way.at];
    const status = one === undefined ? undefined : isOn(one.ok) ? 'ok' : isOn(one.skipped) ? 'skipped' : undefined;
    if (one === undefined || status === undefined) continue;
    yield {
      event: one.kind,
      host,
      play,
      role: one.role,
      task: one.task,
      resource: one.resource,
      tags: one.tags,
      ...(one.gate === undefined ? {} : { gate: one.gate }),
      status,
      changed: false,
      changes: [],
      may: null,
      assumed: [],
      message: null,
      error: null,
      seconds: 0,
      hidden: false,
      ignored: false,
      rescued: false,
    };
  }
}
