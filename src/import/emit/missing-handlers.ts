import { quote } from '../expressions/code.ts';
import { identifier } from '../expressions/identifiers.ts';
import type { HandlerName } from './handlers.ts';
import type { ProjectFile } from './project-file.ts';

const file = 'missing-handlers';

/** Handlers that tasks notify but that do not exist here: of a role that was not imported, say. Each is a hole. */
export class MissingHandlers {
  readonly #taken: ReadonlySet<string>;
  readonly #made = new Map<string, { readonly constant: string; readonly why: string }>();

  constructor(taken: ReadonlySet<string>) {
    this.#taken = new Set([...taken, 'handler', 'hole']);
  }

  /** @param isNowhere else several roles have one by this name */
  named(name: string, isNowhere: boolean): HandlerName {
    const known = this.#made.get(name);
    if (known !== undefined) return { constant: known.constant, file };
    const used = new Set([...this.#made.values()].map(({ constant }) => constant));
    const wanted = identifier(name, this.#taken, 'Handler');
    let constant = wanted;
    for (let i = 2; used.has(constant); i++) constant = `${wanted}${i}`;
    const why = isNowhere ? 'there is no handler with this name' : 'several roles have a handler with this name';
    this.#made.set(name, { constant, why });
    return { constant, file };
  }

  files(): ProjectFile[] {
    if (this.#made.size === 0) return [];
    const lines = [...this.#made].map(
      ([name, { constant, why }]) =>
        `export const ${constant} = handler(${quote(name)}, () => hole({ was: ${quote(`name: ${name}`)}, why: ${quote(why)} }));\n`,
    );
    const head = "import { handler, hole } from 'play';\n\n/** Handlers that tasks notify, and that are not here. */\n";
    return [{ path: `${file}.ts`, text: `${head}${lines.join('')}` }];
  }

  notes(): string[] {
    return [...this.#made].map(([name, { why }]) => `${file}.ts: the handler ${name} is a hole: ${why}`);
  }
}
