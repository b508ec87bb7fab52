import type { Below, Question } from '../contract/index.ts';
import { decides, isConcerned } from './future-rules.ts';
import { foldersOf, isBelow } from './subjects.ts';

/** Check mode: paths where planned changes decide what lies below, in ways not predicted path by path. */
export class UnknownBelow {
  readonly #parts = new Map<string, readonly Below[]>();

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  /** Whether something in these folders, or a folder they are in, is such a path. */
  touches(folders: readonly string[]): boolean {
    return [...this.#parts.keys()].some(
      (path) => isBelow(path, folders) || folders.some((folder) => isBelow(folder, [path])),
    );
  }

  /** What decides the answer to a question about a path below this one. */
  at(above: string, question: Question, path: string): Below | undefined {
    const ofWhole = foldersOf(question).length > 0;
    return this.#parts.get(above)?.find((one) => decides(one, question, path, ofWhole));
  }

  /** Why the answer to a question about all that is in these folders is not known. */
  in(folders: readonly string[], question: Question): string | undefined {
    if (folders.length === 0) return undefined;
    return [...this.#parts]
      .flatMap(([path, all]) => (isBelow(path, folders) ? all : []))
      .find((below) => isConcerned(question, below))?.unknown;
  }

  /** @param isAll whether it is about everything there, so that nothing said before counts */
  set(path: string, below: Below, isAll: boolean): void {
    this.#parts.set(path, isAll ? [below] : [...(this.#parts.get(path) ?? []), below]);
  }

  forget(isMeant: (path: string) => boolean): void {
    for (const path of this.#parts.keys()) if (isMeant(path)) this.#parts.delete(path);
  }
}
