import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nearest } from '../errors/index.ts';
import { requireTrustedSource } from '../trust/index.ts';
import type { Position } from './ast.ts';
import { parseTemplate, templateError, templateText, type Source } from './source.ts';

const extension = '.hbs';

/** The partials a template may use: `partials/NAME.hbs` beside it, or given as texts. */
export class Partials {
  readonly #directory: string;
  readonly #given: Readonly<Record<string, string>>;
  readonly #found = new Map<string, Source | undefined>();

  constructor(template: string, given: Readonly<Record<string, string>> = {}) {
    this.#directory = join(dirname(template), 'partials');
    this.#given = given;
  }

  find(name: string): Source | undefined {
    if (!this.#found.has(name)) this.#found.set(name, this.#load(name));
    return this.#found.get(name);
  }

  /** @throws PlayError at the place of the call, naming the nearest */
  require(name: string, caller: Source, position: Position): Source {
    const source = this.find(name);
    if (source !== undefined) return source;
    const known = this.#names();
    const close = nearest(name, known);
    const hint =
      close.length > 0
        ? `Did you mean ${close.map((each) => `"${each}"`).join(' or ')}?`
        : known.length === 0
          ? 'There is none.'
          : `Known: ${known.join(', ')}.`;
    throw templateError(caller, position, `Unknown partial "${name}"`, {
      hint: `${hint} Partials are ${join(this.#directory, `NAME${extension}`)}.`,
    });
  }

  #load(name: string): Source | undefined {
    const given = Object.hasOwn(this.#given, name) ? this.#given[name] : undefined;
    if (given !== undefined) return parseTemplate(`partial ${name}`, given);
    // A name is one of the folder's files, never a way out of it.
    if (!this.#names().includes(name)) return undefined;
    const file = join(this.#directory, name + extension);
    requireTrustedSource(file);
    return parseTemplate(file, templateText(readFileSync(file), file));
  }

  #names(): string[] {
    return [
      ...Object.keys(this.#given),
      ...filesBelow(this.#directory).map((file) => file.slice(0, -extension.length)),
    ].sort();
  }
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(extension));
  } catch {
    // No folder, no partials.
    return [];
  }
}
