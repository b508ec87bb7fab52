import { changeText, undoneText, type FoundUnconfirmed, type UndoneChange } from '../../../engine/index.ts';

type Waiting = FoundUnconfirmed['waiting'][number];

/** A change that stands only once a new login works: what becomes of it, and that there is nothing to do. */
export function waitingLine(one: Waiting): string {
  return `waits for a new login: ${changeText(one)}. Its run deals with that; if that run is gone, the host puts it back in ${one.left} s, or the next run does at once`;
}

/** One that was put back, and how that goes off the list. */
export function undoneLine(host: string, one: UndoneChange): string {
  const drop = `play owed ${host} --drop ${one.id.slice(0, 8)}`;
  return one.errors === ''
    ? `${undoneText(one)}. The next run will report it again. To stop that: ${drop}`
    : `${undoneText(one)}. Do it by hand, then: ${drop}`;
}

/** The same for programs. */
export function waitingForm({ id, play, by, tasks, left }: Waiting): object {
  return { id, play, by, tasks, left };
}

/** The same for programs. */
export function undoneForm({ id, play, by, tasks, at, why, errors }: UndoneChange): object {
  const notRestored = errors === '' ? null : errors;
  return { id, play, by, tasks, at: new Date(at * 1000).toISOString(), why, notRestored };
}
