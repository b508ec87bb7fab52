import { listOf, textOf, type Data } from '../ansible/data.ts';
import { namePattern } from '../ansible/source-names.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported } from '../expressions/code.ts';
import { identifier } from '../expressions/identifiers.ts';

/** A handler, or a topic that several listen to, as code knows it. */
export interface HandlerName {
  readonly constant: string;
  /** The file it is in, without its ending, from the project's folder. */
  readonly file: string;
}

/** The handlers of a role or play by the names that tasks notify. */
export class HandlerNames {
  readonly #names = new Map<string, HandlerName>();
  /** Handlers with their constants, in their order. */
  readonly handlers: readonly { readonly task: AnsibleTask; readonly name: string; readonly constant: string }[];
  readonly topics: readonly { readonly name: string; readonly constant: string; readonly members: readonly string[] }[];

  /** @param used constants that the file has already; these are added */
  constructor(
    handlers: readonly AnsibleTask[],
    file: string,
    taken: ReadonlySet<string>,
    used: Set<string> = new Set<string>(),
  ) {
    const constantOf = (name: string): string => {
      const wanted = identifier(name, taken, 'Handler');
      let constant = wanted;
      for (let i = 2; used.has(constant); i++) constant = `${wanted}${i}`;
      used.add(constant);
      return constant;
    };
    this.handlers = handlers.flatMap((task) => {
      const name = task.name === undefined ? undefined : textOf(task.name);
      // Of two with one name, the last is the one that runs.
      if (name === undefined && !task.keywords.has('listen')) return [];
      const shown = name ?? task.module;
      const constant = constantOf(shown);
      if (name !== undefined) this.#names.set(name, { constant, file });
      return [{ task, name: shown, constant }];
    });
    const listening = new Map<string, string[]>();
    for (const { task, constant } of this.handlers)
      for (const data of listOf(task.keywords.get('listen'))) {
        const name = textOf(data) ?? '';
        listening.set(name, [...(listening.get(name) ?? []), constant]);
      }
    this.topics = [...listening].map(([name, members]) => {
      const own = this.#names.get(name);
      const constant = constantOf(name);
      this.#names.set(name, { constant, file });
      return {
        name,
        constant,
        members: own === undefined ? members : [own.constant, ...members.filter((one) => one !== own.constant)],
      };
    });
  }

  /** All of them, by their names. */
  get all(): ReadonlyMap<string, HandlerName> {
    return this.#names;
  }

  find(name: string): HandlerName | undefined {
    return this.#names.get(name);
  }
}

/** What a task notifies: handlers, or one of several by a computed name. */
export type Notified = HandlerName | { readonly name: string; readonly among: ReadonlyMap<string, HandlerName> };

/** What a task notifies. @throws NotImported for a computed name that none of them fits */
export function notifiedBy(
  data: Data | undefined,
  find: (name: string) => HandlerName | undefined,
  own: ReadonlyMap<string, HandlerName>,
): readonly Notified[] {
  return listOf(data).map((one) => {
    const name = textOf(one) ?? '';
    const found = name.includes('{{') ? undefined : find(name);
    if (found !== undefined) return found;
    const pattern = namePattern(name);
    const among = new Map([...own].filter(([key]) => pattern === undefined || pattern.test(key)));
    if (among.size === 0) throw new NotImported('computed notify', `the handler's name is computed: ${name}`);
    return { name, among };
  });
}
