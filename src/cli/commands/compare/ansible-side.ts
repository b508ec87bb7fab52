import * as v from 'valibot';
import { Side, type Says, type Stance } from './stance.ts';
import { plainName, taskThing, thingsOf } from './things.ts';

const taskSchema = v.object({
  event: v.literal('task'),
  host: v.string(),
  task: v.string(),
  action: v.string(),
  status: v.picklist(['changed', 'ok', 'skipped', 'unknown', 'failed', 'unreachable']),
  ignored: v.boolean(),
  handler: v.boolean(),
  where: v.string(),
  args: v.record(v.string(), v.unknown()),
  at: v.record(v.string(), v.string()),
  why: v.string(),
  stdout: v.string(),
  after: v.array(v.string()),
});
const endSchema = v.object({
  event: v.literal('end'),
  hosts: v.record(v.string(), v.looseObject({ failures: v.number(), unreachable: v.number() })),
});

/** A line of the callback plugin. */
export type AnsibleEvent = v.InferOutput<typeof taskSchema> | v.InferOutput<typeof endSchema>;

/** @returns undefined for what is no line of the plugin's */
export function ansibleEvent(line: string): AnsibleEvent | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), v.variant('event', [taskSchema, endSchema])), line);
  return read.success ? read.output : undefined;
}

/** Makes of what Ansible told what it would do on each host. */
export function ansibleSides(events: readonly AnsibleEvent[]): Map<string, Side> {
  const sides = new Map<string, Side>();
  const lastFailure = new Map<string, string>();
  for (const event of events) {
    if (event.event === 'end') {
      for (const [host, { failures, unreachable }] of Object.entries(event.hosts)) {
        const side = sideOf(sides, host);
        side.isUnreachable = unreachable > 0;
        if (failures + unreachable > 0) side.stopped = lastFailure.get(host) ?? 'it failed';
      }
      continue;
    }
    const side = sideOf(sides, event.host);
    side.tasks++;
    if (event.status === 'failed' || event.status === 'unreachable')
      lastFailure.set(event.host, `${event.task}: ${oneLine(event.why)}`);
    addTask(side, event);
  }
  return sides;
}

function sideOf(sides: Map<string, Side>, host: string): Side {
  const known = sides.get(host) ?? new Side();
  sides.set(host, known);
  return known;
}

function addTask(side: Side, event: Extract<AnsibleEvent, { event: 'task' }>): void {
  const { action, args, at, task, where, ignored, why, status } = event;
  const says: Says = status === 'unreachable' ? 'failed' : status === 'failed' && ignored ? 'ok' : status;
  const things = thingsOf(action, args, at);
  const stance: Stance = {
    says,
    why: says === 'failed' || says === 'unknown' ? oneLine(why) : '',
    speakers: [{ task, where: where === '' ? null : where }],
    after: things.length === 1 && event.after.length === 1 ? event.after[0] : undefined,
  };
  const touched = says === 'changed' ? packagesIn(event.stdout) : undefined;
  for (const thing of things) {
    const [, name] = /^package (.+)$/.exec(thing) ?? [];
    const isMeant = name === undefined || touched === undefined || touched.has(name);
    side.add(thing, isMeant ? stance : { ...stance, says: 'ok' });
  }
  // What changes nothing and names nothing has no part in this: debug, set_fact, assert.
  if (things.length === 0 && says !== 'ok' && says !== 'skipped' && !idle.has(plainName(action)))
    side.add(taskThing(task), stance);
}

/** Tasks of Ansible's own, which do nothing to hosts. */
const idle = new Set([
  'meta',
  'includetasks',
  'includerole',
  'includevars',
  'importrole',
  'importtasks',
  'addhost',
  'groupby',
]);

/** The packages of apt's simulation, which a list in one task is told apart by. */
function packagesIn(stdout: string): ReadonlySet<string> | undefined {
  const found = [...stdout.matchAll(/^(?:Inst|Remv|Purg) (\S+)/gm)].map(([, name = '']) => name.replace(/:.*/, ''));
  return found.length === 0 ? undefined : new Set(found);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 300);
}
