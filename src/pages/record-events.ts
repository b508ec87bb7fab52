import * as v from 'valibot';
import type { RecordEntry, ShownEvent } from '../report/index.ts';
import { RecordedRight } from './record-right.ts';
import type { About } from './run-model.ts';

/** Lines of a record as the events they were made of. Records of other versions may lack what is optional here. */

const text = v.fallback(v.string(), '');
const orNull = v.fallback(v.nullable(v.string()), null);
const number = v.fallback(v.number(), 0);

const failure = v.object({
  what: text,
  hint: orNull,
  code: v.fallback(v.nullable(v.number()), null),
  stdout: text,
  stderr: text,
  at: orNull,
});

const change = v.object({
  what: text,
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  path: v.optional(v.string()),
  diff: v.optional(v.string()),
});

const task = v.object({
  event: v.picklist(['task', 'handler']),
  host: v.string(),
  play: text,
  role: orNull,
  task: text,
  nth: v.fallback(v.number(), 0),
  resource: text,
  gate: v.fallback(v.optional(v.picklist(['before', 'after', 'healthy'])), undefined),
  status: v.picklist(['ok', 'changed', 'skipped', 'failed', 'unreachable', 'held']),
  held: orNull,
  changes: v.fallback(v.array(change), []),
  may: orNull,
  assumed: v.fallback(v.array(v.string()), []),
  error: v.fallback(v.nullable(failure), null),
  seconds: number,
});

const out = v.object({
  event: v.picklist(['unreachable', 'host-failed', 'gone']),
  host: v.string(),
  play: text,
  error: failure,
});

const notice = v.object({ event: v.literal('notice'), host: orNull, text });
/** Records keep the words alone. */
const held = v.object({ event: v.literal('held'), host: v.string(), text });
const counts = v.object({
  ok: number,
  changed: number,
  unreachable: number,
  failed: number,
  skipped: number,
  rescued: number,
  ignored: number,
});
const recap = v.object({ event: v.literal('recap'), hosts: v.record(v.string(), counts), exit: number });
const start = v.object({
  event: v.literal('start'),
  id: text,
  kind: text,
  command: text,
  user: text,
  machine: text,
  started: text,
  check: v.fallback(v.boolean(), false),
  hosts: v.fallback(v.array(v.string()), []),
});

/** The events that a record tells of, in their order. What it does not know is left out: of a run that was killed, what was right. */
export function* recordEvents(entries: readonly RecordEntry[]): Generator<ShownEvent> {
  const begun = entries.find(({ event }) => event === 'start');
  const { hosts, check } = v.is(start, begun) ? v.parse(start, begun) : { hosts: [], check: false };
  yield { event: 'play', play: '', hosts, check };
  const ended = entries.find(({ event }) => event === 'end')?.['seconds'];
  const right = new RecordedRight(entries);
  for (const entry of entries) {
    if (v.is(task, entry)) {
      const { held: by, changes, status, gate, nth, ...rest } = v.parse(task, entry);
      const tags = yield* right.before(rest, nth);
      yield {
        ...rest,
        status,
        ...(gate === undefined ? {} : { gate }),
        tags,
        changed: status === 'changed',
        changes: changes.map(({ what, from, to, path, diff = '' }) => ({
          what,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(path === undefined ? {} : { text: { path, diff } }),
        })),
        message: by,
        hidden: false,
        ignored: false,
        rescued: false,
      };
    } else if (v.is(out, entry)) {
      const one = v.parse(out, entry);
      yield* right.rest(one);
      yield one;
    } else if (v.is(notice, entry)) yield v.parse(notice, entry);
    else if (v.is(held, entry)) yield { event: 'notice', host: entry.host, text: `held: ${v.parse(held, entry).text}` };
    else if (v.is(recap, entry)) {
      yield* right.rest();
      yield {
        ...v.parse(recap, entry),
        assumed: {},
        may: {},
        held: {},
        gone: [],
        seconds: typeof ended === 'number' ? ended : 0,
        check,
      };
    }
  }
}

/** What a record says of its run as a whole; undefined where its first line is damaged. */
export function aboutRecord(entries: readonly RecordEntry[]): About | undefined {
  const begun = entries.find(({ event }) => event === 'start');
  if (!v.is(start, begun)) return undefined;
  const { id, command, user, machine, started, check } = v.parse(start, begun);
  const commit = entries.find(({ event }) => event === 'git')?.['commit'];
  return {
    title: titleOf(command),
    command,
    by: `${user}@${machine}`,
    started,
    check,
    source: 'record',
    id,
    ...(typeof commit === 'string' ? { commit } : {}),
  };
}

/** What was run: what stands before the first option. @example titleOf('play site -l web')  // 'site' */
function titleOf(command: string): string {
  const words = command.split(' ').slice(1);
  const end = words.findIndex((word) => word.startsWith('-'));
  return words.slice(0, end < 0 ? undefined : end).join(' ') || command;
}
