import { questionKey, type Prediction, type Question, type Stat } from '../contract/index.ts';
import { identityOf } from '../probes/index.ts';
import { isOfFileItself } from './future-rules.ts';
import type { PlannedMap } from './planned-map.ts';
import { askedOf, pathOf } from './subjects.ts';

/**
 * Check mode: files that stay what they are and are changed where they lie, so that they change under all their names.
 * What is planned of one stands under the name it was planned under last.
 */
export class SharedFiles {
  readonly #known: PlannedMap;
  readonly #identityAt: (path: string) => string | undefined;
  /** By identity: the name under which all that is planned of the file stands. */
  readonly #names = new Map<string, string>();
  /** What was planned of a file when that name became another file's: by a name of its own. */
  readonly #former = new Map<string, Prediction>();

  /** @param identityAt which file a path will be */
  constructor(known: PlannedMap, identityAt: (path: string) => string | undefined) {
    this.#known = known;
    this.#identityAt = identityAt;
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  nameOf(identity: string | undefined): string | undefined {
    return identity === undefined ? undefined : this.#names.get(identity);
  }

  former(key: string): Prediction | undefined {
    return this.#former.get(key);
  }

  /** Another file takes a name: the one that had it stays what was planned, under the names it has left. */
  setAside(path: string, identity: string | undefined): void {
    for (const [former, name] of this.#names) {
      if (name !== path || former === identity) continue;
      const aside = `\0${former}`;
      for (const known of this.#known.values()) {
        if (pathOf(known.question) !== path) continue;
        const question = askedOf(known.question, path, aside);
        this.#former.set(questionKey(question), { ...known, question });
      }
      this.#names.set(former, aside);
    }
  }

  /** Whom a file belongs to, and what may be done with it, is planned under this name. */
  place(identity: string, path: string, at: Stat): void {
    this.#gather(identity, path);
    for (const known of this.#known.values()) {
      const isOther =
        known.question.kind.kind === 'stat' &&
        pathOf(known.question) !== path &&
        identityOf(known.answer as Stat) === identity;
      if (isOther) this.#known.set(questionKey(known.question), { ...known, answer: at });
    }
  }

  /** Something else of a file that stays is planned under this name. */
  change({ kind }: Question, path: string): void {
    const identity = this.#identityAt(path);
    if (identity === undefined) return;
    this.#gather(identity, path);
    for (const { question } of this.#known.values()) {
      const other = pathOf(question) ?? path;
      if (other !== path && question.kind.kind === kind.kind && this.#identityAt(other) === identity)
        this.#known.delete(questionKey(question));
    }
  }

  /** What was planned of it under the name before. */
  #gather(identity: string, path: string): void {
    const before = this.#names.get(identity);
    this.#names.set(identity, path);
    if (before === undefined || before === path) return;
    for (const known of [...this.#known.values(), ...this.#former.values()]) {
      if (pathOf(known.question) !== before) continue;
      const question = askedOf(known.question, before, path);
      const isOfFile = isOfFileItself(question) || question.kind.kind === 'stat';
      if (isOfFile && !this.#known.has(questionKey(question))) this.#known.put({ ...known, question });
    }
  }
}
