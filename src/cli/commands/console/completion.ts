/** What may be typed next, and what of it is there already. */
export type Completion = readonly [candidates: string[], typed: string];

/**
 * What play knows of a line that JavaScript does not: hosts and groups within quotes, and the options of a resource.
 *
 * @param names of hosts and groups
 * @param options of each resource, by name
 * @returns undefined where that is nothing
 */
export function completion(
  line: string,
  names: readonly string[],
  options: ReadonlyMap<string, readonly string[]>,
): Completion | undefined {
  const quoted = /^(?:\.limit |.*['"`])([\w.@:!&*-]*)$/.exec(line);
  if (quoted && isOpen(line)) return matching(names, quoted[1] ?? '');
  const option = /\b(\w+)\(\{(?:[^{}]*,)?\s*(\w*)$/.exec(line);
  const known = options.get(option?.[1] ?? '');
  return (
    known &&
    matching(
      known.map((name) => `${name}: `),
      option?.[2] ?? '',
    )
  );
}

function matching(names: readonly string[], typed: string): Completion | undefined {
  const candidates = names.filter((name) => name.startsWith(typed));
  return candidates.length === 0 ? undefined : [candidates, typed];
}

/** Whether the line ends within quotes; behind `.limit` a pattern needs none. */
function isOpen(line: string): boolean {
  return line.startsWith('.limit ') || (line.match(/['"`]/g)?.length ?? 0) % 2 === 1;
}
