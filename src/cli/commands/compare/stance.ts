/** What one of the two tools would do to a thing. */
export type Says = 'changed' | 'ok' | 'skipped' | 'unknown' | 'failed';

/** A task that speaks of a thing. */
export interface Speaker {
  readonly task: string;
  /** `FILE:LINE`; null where that is not known. */
  readonly where: string | null;
}

/** What one tool says of a thing. */
export interface Stance {
  readonly says: Says;
  /** Why it fails, or cannot tell; empty else. */
  readonly why: string;
  readonly speakers: readonly Speaker[];
  /** The text that a file would have, where one task alone writes it. */
  readonly after: string | undefined;
}

/** What a tool came to on one host. */
export class Side {
  readonly #stances = new Map<string, Stance>();
  /** Tasks that were run. */
  tasks = 0;
  /** Why it went no further there, or did not get there at all. */
  stopped: string | undefined;
  isUnreachable = false;

  /** @param thing by which both sides are held together: `path /etc/motd` */
  add(thing: string, stance: Stance): void {
    const before = this.#stances.get(thing);
    this.#stances.set(thing, before === undefined ? stance : joined(before, stance));
  }

  get(thing: string): Stance | undefined {
    return this.#stances.get(thing);
  }

  things(): IterableIterator<string> {
    return this.#stances.keys();
  }
}

const weight: Readonly<Record<Says, number>> = { failed: 4, changed: 3, unknown: 2, ok: 1, skipped: 0 };

/** Several tasks may have to do with one thing: what weighs more counts, and their texts are not one. */
function joined(one: Stance, other: Stance): Stance {
  const [more, less] = weight[other.says] > weight[one.says] ? [other, one] : [one, other];
  const speakers = more.says === less.says ? [...one.speakers, ...other.speakers] : more.speakers;
  return { ...more, speakers, after: less.says === 'changed' ? undefined : more.after };
}
