import type { Event } from '../engine/index.ts';
import type { Secret } from '../secrets/index.ts';

/** The secrets an event was made with: whatever is printed of it, and after it, is searched for them. */
export function secretsOf(event: Event): readonly Secret[] {
  if (!('secrets' in event)) return [];
  if (event.event === 'sent') return event.secrets;
  return [...event.secrets, ...event.changes.flatMap(({ text }) => (text?.secret === undefined || text.secret === true ? [] : text.secret))];
}
