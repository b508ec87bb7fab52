import { isUtf8 } from 'node:buffer';
import type { TextChange } from '../contract/index.ts';
import type { Event, ShownChange, TaskEvent } from '../engine/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { unifiedDiff } from './diff.ts';
import { reviewOf, type Fingerprints, type Review } from './review.ts';

/** A task's event in the form in which it may be shown: without secrets, and without what `noLog` hides. */
export interface ShownTaskEvent extends Omit<TaskEvent, 'changes' | 'shownChanges' | 'work'> {
  readonly changes: readonly ShownChange[];
  /** What a plan of the run keeps of it besides. Left out where none is made. */
  readonly review?: Review;
}

/** An event that contains no secret: the only kind that reports, records and displays receive. */
export type ShownEvent = Exclude<Event, TaskEvent> | ShownTaskEvent;

export type ShownListener = (event: ShownEvent) => void;

/**
 * What may be shown of an event. Every event of a run passes through here once, on its way out.
 *
 * @param fingerprints for runs that a plan is made of
 */
export function masked(event: Event, redactor: Redactor, fingerprints?: Fingerprints): ShownEvent {
  return isTask(event) ? maskedTask(event, redactor, fingerprints) : maskedTexts(event, redactor);
}

function isTask(event: Event): event is TaskEvent {
  return event.event === 'task' || event.event === 'handler';
}

/**
 * The same data with the secrets in its texts masked, text by text: whatever joins them (JSON's escapes) stays as it
 * is.
 */
export function maskedTexts<T>(data: T, redactor: Redactor): T {
  if (typeof data === 'string') return redactor.redact(data) as T;
  if (Array.isArray(data)) return data.map((one: unknown) => maskedTexts(one, redactor)) as T;
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, maskedTexts(value as unknown, redactor)]),
  ) as T;
}

/** What may be shown of a task's event. */
export function maskedTask(whole: TaskEvent, redactor: Redactor, fingerprints?: Fingerprints): ShownTaskEvent {
  const { changes, shownChanges, output, message, detail, error, work: _work, ...event } = whole;
  const shown = maskedTexts(
    {
      ...event,
      message: event.hidden ? null : message,
      ...(event.hidden || detail === undefined ? {} : { detail }),
      error: event.hidden && error ? { ...error, stdout: '', stderr: '' } : error,
      ...(fingerprints === undefined ? {} : { review: reviewOf(whole, redactor, fingerprints) }),
    },
    redactor,
  );
  const lazily = event.hidden || output === undefined ? {} : onDemand('output', () => maskedTexts(output, redactor));
  return Object.defineProperties(
    {
      ...shown,
      changes: event.hidden
        ? []
        : (maskedTexts(shownChanges, redactor) ?? changes.map((change) => maskedChange(change, redactor))),
    },
    lazily,
  );
}

function maskedChange({ text, ...change }: TaskEvent['changes'][number], redactor: Redactor): ShownChange {
  const shown = maskedTexts(change, redactor);
  if (text === undefined) return shown;
  const onceRead = {
    ...onDemand('diff', () => unifiedDiff(text, (part) => redactor.redact(part))),
    ...onDemand('written', () => writtenText(text, redactor)),
  };
  return {
    ...shown,
    text: Object.defineProperties({ path: redactor.redact(text.path) } as NonNullable<ShownChange['text']>, onceRead),
  };
}

/** The longest text that is kept whole in the record of a run, in bytes. */
const mostWritten = 64 * 1024;

/** What a file holds once it is written; a new one has all of it in its diff. */
function writtenText({ before, after, secret }: TextChange, redactor: Redactor): string | undefined {
  if (
    before === null ||
    !Buffer.isBuffer(after) ||
    secret !== undefined ||
    after.length > mostWritten ||
    !isUtf8(after)
  )
    return undefined;
  const text = after.toString();
  return redactor.redact(text) === text ? text : undefined;
}

/**
 * A property that is worked out when it is first read, and then kept: most runs show neither diffs nor the output of
 * commands.
 */
function onDemand(name: string, make: () => unknown): PropertyDescriptorMap {
  let made: { readonly value: unknown } | undefined;
  return { [name]: { enumerable: true, get: () => (made ??= { value: make() }).value } };
}
