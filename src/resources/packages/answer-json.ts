/**
 * What a program said in one line of JSON; undefined where that is none, as a broken Python or Node prints it.
 *
 * @param kinds what `is` may be
 */
export function answerOf<A extends { readonly is: string }>(line: string, kinds: readonly A['is'][]): A | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return undefined;
  }
  const isKnown = (value: unknown): value is A =>
    typeof value === 'object' && value !== null && 'is' in value && kinds.some((kind) => kind === value.is);
  return isKnown(answer) ? answer : undefined;
}
