import * as v from 'valibot';
import { splitWords } from '../../inventory/index.ts';

/** The name of a group or volume, as lvm(8) allows it. */
export const lvmName = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*$/, 'must be letters, digits and + _ . -, and not begin with a dash'),
    v.check((name) => name !== '.' && name !== '..', 'must be a name'),
    v.maxLength(127),
    v.description(description),
  );

/** The words of more options for a tool; undefined where a quote is left open. */
export function wordsIn(given: string): readonly string[] | undefined {
  const words = splitWords(given, { comments: false });
  return typeof words === 'string' ? undefined : words.map((word) => word.text);
}
