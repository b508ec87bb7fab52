/** Words of the language, and what the files made here have for themselves. */
const reserved = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield vars host groups hostvars playHosts known given facts results result context item'.split(
    ' ',
  ),
);

export const isReserved = (name: string): boolean => reserved.has(name);

/** `install-debian` -> `installDebian`; text that no name can be made of: `unnamed`. */
export function camelCase(text: string): string {
  const words = text
    .normalize('NFKD')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  const name = words
    .map((word, i) => {
      const lower = /^[A-Z0-9]+$/.test(word) ? word.toLowerCase() : word;
      return i === 0 ? lower.charAt(0).toLowerCase() + lower.slice(1) : lower.charAt(0).toUpperCase() + lower.slice(1);
    })
    .join('');
  return name === '' ? 'unnamed' : /^\d/.test(name) ? `_${name}` : name;
}

/** The same, and no name that a file imports or the language has: such a one gets a word more. */
export function identifier(text: string, taken: ReadonlySet<string>, word: string): string {
  const name = camelCase(text);
  return reserved.has(name) || taken.has(name) ? name + word : name;
}
