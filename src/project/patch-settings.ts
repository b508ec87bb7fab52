import * as v from 'valibot';
import type { TaskContext } from '../contract/index.ts';
import { commonKinds, gateKind, isBatch, type Gate, type TaskItem } from '../playbook/index.ts';

type Batch = number | string;
type Tasks = (context: TaskContext) => readonly TaskItem[];

const described = <S extends v.GenericSchema>(schema: S, meaning: string) =>
  v.optional(v.pipe(schema, v.description(meaning)));

const batches = v.union([
  v.custom<Batch>(isBatch, "must be a number of hosts, a percentage ('10%'), or a list of these"),
  v.array(v.custom<Batch>(isBatch, "must be numbers of hosts, or percentages ('10%')")),
]);
const gate = v.custom<Gate>(
  (value) => v.is(gateKind, value),
  'must be { before, after, retries, delay }: before and after are functions that return lists of tasks, retries is a whole number, delay seconds',
);
const tasks = v.custom<Tasks>(
  (value) => v.is(commonKinds.tasks, value),
  'must be a function that returns a list of tasks: () => [ ... ]',
);

/** What `play.config.ts` says of `play patch`. */
export const patchSettings = v.strictObject({
  serial: described(batches, 'Hosts at a time, if `--serial` does not say. Default: all at once.'),
  exclude: described(
    v.array(v.pipe(v.string(), v.nonEmpty())),
    'Packages that it never upgrades; shell patterns. `--exclude` names more.',
  ),
  gate: described(
    gate,
    'What must hold on each host before and after, or no further batch begins: `{ after: () => [uri({ url: ... })] }`. `retries` is 6 and `delay` 5 unless it says otherwise.',
  ),
  preTasks: described(
    tasks,
    'Run before a host is upgraded, rebooted, or has services restarted, and only if something of that is due: a drain.',
  ),
  postTasks: described(tasks, 'Run after it, on the same hosts.'),
});

/** The same, read. */
export type PatchSettings = v.InferOutput<typeof patchSettings>;
