/** A word of shell text, whatever is in it: guards (`onlyIf`, `unless`) know no environment of the task. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
