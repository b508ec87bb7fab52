import { basename } from 'node:path';
import { locationText } from '../errors/index.ts';
import type { ListedTask } from './listed.ts';

/**
 * What a task at which hosts take turns goes by on all of them. Its title may differ from host to host, as what it is
 * made of does (`command migrate web1`), so it goes by the place where it is written.
 *
 * One for each list: it counts.
 */
export class SharedKeys {
  readonly #counts = new Map<string, number>();

  /** @returns undefined where the task's own key is the same everywhere, or play itself made the task */
  of({ task, role, inherited }: ListedTask): string | undefined {
    const { runOnce, throttle } = inherited;
    // A name that somebody gave says which task is meant, also where one line makes several.
    if (runOnce ? task.keywords.name !== undefined : throttle === undefined) return undefined;
    // Finding it out reads a source map: only those that need it are asked.
    const { at } = task;
    if (at === undefined) return undefined;
    // Workers have the project in folders of their own.
    const place = `${role ?? ''}\0${locationText({ ...at, file: basename(at.file) })}`;
    // All that one line makes is throttled together.
    if (!runOnce) return place;
    const count = this.#counts.get(place) ?? 0;
    this.#counts.set(place, count + 1);
    return `${place}\0${count}`;
  }
}

/** What a task goes by where hosts take turns. */
export const sharedKeyOf = ({ shared, key }: ListedTask): string => shared ?? key;
