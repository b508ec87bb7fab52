import { randomUUID } from 'node:crypto';
import { PythonValue, mappingOf } from '../values/index.ts';

/** Values of Python's on their way into YAML, as PyYAML writes them: the library has no way to write `1.0` or a date. */
export class HeldValues {
  readonly #held: PythonValue[] = [];
  /** A word of no meaning stands for each until all is written. */
  readonly #mark = `p${randomUUID().replaceAll('-', '')}n`;

  /** The data with words in place of them. */
  hold(value: unknown): unknown {
    if (value instanceof PythonValue) return `${this.#mark}${this.#held.push(value) - 1}.`;
    if (Array.isArray(value)) return value.map((item) => this.hold(item));
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, this.hold(item)]));
  }

  /** The text with the values in place of the words. */
  restored(text: string): string {
    if (this.#held.length === 0) return text;
    const word = new RegExp(`["']?${this.#mark}(\\d+)\\.["']?`, 'g');
    return text.replaceAll(word, (_, index: string) => {
      const value = this.#held[Number(index)];
      return value === undefined ? '' : yamlOf(value);
    });
  }
}

function yamlOf({ kind, text }: PythonValue): string {
  if (kind !== 'float') return text;
  if (/^-?(?:inf|nan)$/.test(text)) return text.replace(/inf|nan/, '.$&');
  // Without a point YAML 1.1 takes it for text.
  return text.includes('.') ? text : text.replace('e', '.0e');
}
