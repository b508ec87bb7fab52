import { inspect } from 'node:util';
import type { PlayError } from '../errors/index.ts';
import { Secret } from './secret.ts';

/**
 * What a placeholder answers without complaint: what `instanceof`, promises, the console and test runners ask of any
 * object.
 */
const harmless = new Set<PropertyKey>(['constructor', 'then', 'asymmetricMatch', '$$typeof', 'nodeType']);

/**
 * Stands where a value should be that play cannot give: a Jinja expression, a value an unread vault file may override.
 * Nobody who ignores it gets text by accident: every use (a property, a conversion to text, JSON) throws its error;
 * code that meets values of all kinds (schemas, templates) asks `instanceof Unreadable` and throws `problem()` itself.
 */
export class Unreadable {
  readonly problem: () => PlayError;
  /**
   * The text as written, for listings that show what the file says; a Secret when it came out of a vault, undefined
   * when it cannot be known.
   */
  readonly text: string | Secret | undefined;

  constructor(problem: () => PlayError, text?: string | Secret) {
    this.problem = problem;
    this.text = text;
    Object.freeze(this);
    return new Proxy(this, {
      get(target, key) {
        if (key === 'problem') return target.problem;
        if (key === 'text') return target.text;
        if (key === inspect.custom)
          return () => `Unreadable(${target.text instanceof Secret ? target.text.source : (target.text ?? '')})`;
        if (harmless.has(key) || (typeof key === 'symbol' && key !== Symbol.toPrimitive && key !== Symbol.iterator))
          return undefined;
        throw target.problem();
      },
    });
  }
}
