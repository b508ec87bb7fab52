import type { TextChange } from '../../../contract/index.ts';
import type { Event, TaskEvent } from '../../../engine/index.ts';
import { locationText } from '../../../errors/index.ts';
import { Side, type Says, type Stance } from './stance.ts';
import { taskThing, thingsOf } from './things.ts';

/** Makes of the events of check mode what play would do on each host. */
export class PlaySides {
  readonly sides = new Map<string, Side>();

  readonly listener = (event: Event): void => {
    switch (event.event) {
      case 'task':
      case 'handler':
        this.#addTask(event);
        break;
      case 'unreachable':
      case 'host-failed': {
        const side = this.#side(event.host);
        side.stopped = event.error.what;
        side.isUnreachable = event.event === 'unreachable';
        break;
      }
      case 'held':
        this.#side(event.host).stopped = event.text;
        break;
      case 'gone':
        this.#side(event.host).stopped = event.error.what;
        break;
      case 'recap':
        for (const host of Object.keys(event.hosts)) this.#side(host);
        break;
      default:
    }
  };

  #side(host: string): Side {
    const known = this.sides.get(host) ?? new Side();
    this.sides.set(host, known);
    return known;
  }

  #addTask(event: TaskEvent): void {
    const side = this.#side(event.host);
    side.tasks++;
    const failure = event.status === 'failed' || event.status === 'unreachable';
    if (failure && !event.ignored && !event.rescued)
      side.stopped = `${event.task}: ${event.error?.what ?? 'it failed'}`;
    const says = saysOf(event);
    const at = event.work?.listed.task.at;
    const stance: Stance = {
      says,
      why: says === 'failed' ? (event.error?.what ?? '') : says === 'unknown' ? (event.may ?? event.message ?? '') : '',
      speakers: [{ task: event.task, where: at === undefined ? null : locationText(at) }],
      after: undefined,
    };
    const things = managedBy(event);
    const texts = new Map<string, TextChange>(
      event.changes.flatMap(({ text }) => (text ? [[`path ${text.path}`, text] as const] : [])),
    );
    const packages = new Set(event.changes.flatMap(({ what }) => /^package ([^\s:]+)/.exec(what)?.[1] ?? []));
    for (const thing of things) {
      const name = /^package (.+)$/.exec(thing)?.[1];
      const isMeant = says !== 'changed' || name === undefined || packages.size === 0 || packages.has(name);
      const after = event.hidden ? undefined : texts.get(thing)?.after;
      side.add(thing, isMeant ? { ...stance, after: after?.toString('utf8') } : { ...stance, says: 'ok' });
    }
    if (things.length === 0 && (says === 'changed' || says === 'unknown' || says === 'failed'))
      side.add(taskThing(event.task), stance);
  }
}

function saysOf({ status, may, ignored }: TaskEvent): Says {
  if (may !== null || status === 'held') return 'unknown';
  if (status === 'failed' || status === 'unreachable') return ignored ? 'ok' : 'failed';
  return status;
}

/** By its options, as of Ansible's modules; else by the files it changes. */
function managedBy({ resource, work, changes }: TaskEvent): readonly string[] {
  const options = work?.options ?? {};
  const { module, args } = options;
  const isForeign = resource === 'ansibleModule' && typeof module === 'string';
  const things = isForeign ? thingsOf(module, isRecord(args) ? args : {}) : thingsOf(resource, options);
  if (things.length > 0) return things;
  return changes.flatMap(({ text }) => (text?.path.startsWith('/') ? [`path ${text.path}`] : []));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
