import type { Question } from '../contract/index.ts';
import { askedOf, pathOf } from './subjects.ts';

/** Check mode: new names that planned changes give to files of the host, which is asked about the names these have now. */
export class AddedNames {
  /** The new name, and one of now. */
  readonly #sources = new Map<string, string>();

  get all(): readonly { readonly from: string; readonly to: string }[] {
    return [...this.#sources].map(([to, from]) => ({ from, to }));
  }

  /** The question whose answer from the host holds for this one. */
  source<A>(question: Question<A>): Question<A> {
    const path = pathOf(question);
    const from = path === undefined ? undefined : this.#sources.get(path);
    return path === undefined || from === undefined ? question : (askedOf(question, path, from) as Question<A>);
  }

  add(name: string, of: string): void {
    this.#sources.set(name, this.#sources.get(of) ?? of);
  }

  forget(isMeant: (path: string) => boolean): void {
    for (const name of this.#sources.keys()) if (isMeant(name)) this.#sources.delete(name);
  }
}
