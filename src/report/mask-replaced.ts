const mask = '********';

interface Masked {
  readonly text: string;
  /** Every removed line equals an added one once masked: nothing but secrets differs. */
  readonly hidAll: boolean;
}

/**
 * Masks the secrets in a unified diff. The new secrets are known and found by their texts; the old ones which they replace
 * stand on the host only, and nobody knows their texts. So in a block of changed lines where an added line holds a secret, the
 * removed line that begins alike loses what stands in the secret's place, and while an added secret has no such partner, the
 * removed lines that have none either are hidden whole.
 */
export function maskReplaced(patch: string, redact: (text: string) => string): Masked {
  const out: string[] = [];
  let hidAll = true;
  let block: string[] = [];
  const flush = (): void => {
    if (block.length === 0) return;
    const done = maskBlock(block, redact);
    out.push(...done.lines);
    hidAll &&= done.hidAll;
    block = [];
  };
  const lines = patch.split('\n');
  const firstHunk = lines.findIndex((line) => line.startsWith('@@'));
  for (const [at, line] of lines.entries()) {
    const changed = at > firstHunk && firstHunk !== -1 && (line.startsWith('-') || line.startsWith('+') || (line.startsWith('\\') && block.length > 0));
    if (changed) {
      block.push(line);
    } else {
      flush();
      out.push(redact(line));
    }
  }
  flush();
  return { text: out.join('\n'), hidAll: hidAll && firstHunk !== -1 };
}

function maskBlock(block: readonly string[], redact: (text: string) => string): { lines: string[]; hidAll: boolean } {
  const added = block.filter((line) => line.startsWith('+'));
  const maskedAdded = added.map((line) => `+${redact(line.slice(1))}`);
  const secretLines = maskedAdded.flatMap((line, at) => {
    if (line === added[at]) return [];
    return [{ prefix: line.slice(1, line.indexOf(mask)), suffix: line.slice(line.lastIndexOf(mask) + mask.length), partnered: false }];
  });
  const removed = block.filter((line) => line.startsWith('-'));
  const partial = removed.map((line) => {
    const own = redact(line);
    if (own !== line) return { line: own, settled: true };
    const partner = secretLines.find(({ prefix, suffix }) => prefix.trim() !== '' && line.slice(1).startsWith(prefix) && line.endsWith(suffix));
    if (!partner) return { line, settled: false };
    partner.partnered = true;
    return { line: `-${partner.prefix}${mask}${partner.suffix}`, settled: true };
  });
  const alone = secretLines.some(({ partnered }) => !partnered);
  const maskedRemoved = partial.map(({ line, settled }) => (alone && !settled ? `-${mask}` : line));
  const next = { '-': maskedRemoved.values(), '+': maskedAdded.values() };
  const lines = block.map((line) => (line.startsWith('-') ? next['-'] : line.startsWith('+') ? next['+'] : undefined)?.next().value ?? line);
  const hidAll = secretLines.length > 0 && removed.length === added.length && maskedRemoved.every((line, at) => line.slice(1) === maskedAdded[at]?.slice(1));
  return { lines, hidAll };
}
