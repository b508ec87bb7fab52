const mask = '********';

interface Masked {
  readonly text: string;
  /** Every removed line equals an added one once both are masked: only secrets differ. */
  readonly hidAll: boolean;
}

/** An added line that contains a secret: the text around the masked part. */
interface SecretLine {
  readonly prefix: string;
  readonly suffix: string;
}

interface Line {
  readonly text: string;
  /** Runs of changed lines have a number; context lines have none. */
  readonly block: number | undefined;
}

/**
 * Masks the secrets in a unified diff. New secrets are known and found by their texts; the old ones they replace exist
 * only on the host, and nobody knows their texts. So where a removed line begins and ends like an added line with a
 * secret, anywhere in the diff, the part in the secret's place is masked. Of the other removed lines, those replaced by
 * an added line without a secret are shown; the rest are hidden entirely where they stand beside an added secret, and
 * everywhere when some added secret replaces no line.
 */
export function maskReplaced(patch: string, redact: (text: string) => string): Masked {
  const lines = blocksOf(patch.split('\n'));
  const hunks = lines.findIndex(({ text }) => text.startsWith('@@'));
  const masked = lines.map(({ text, block }) =>
    block === undefined ? redact(text) : text.charAt(0) + redact(text.slice(1)),
  );
  const added = lines.map(({ text, block }, at) =>
    text.startsWith('+') && block !== undefined && masked[at] !== text ? around(masked[at] ?? '') : undefined,
  );
  const secretLines = added.flatMap((one, from) => (one === undefined ? [] : [{ one, from }]));
  if (secretLines.length === 0) return { text: masked.join('\n'), hidAll: false };
  const removed = lines.flatMap(({ text, block }, at) =>
    text.startsWith('-') && block !== undefined ? [{ at, text, block }] : [],
  );
  const partners = new Map(
    removed.map(({ at, text, block }) => {
      const fits = secretLines.filter(({ one }) => replaces(one, text));
      return [at, fits.find(({ from }) => lines[from]?.block === block) ?? fits[0]] as const;
    }),
  );
  const replacing = new Set([...partners.values()].map((partner) => partner?.from));
  const isAnyAlone = secretLines.some(({ from }) => !replacing.has(from));
  const secretBlocks = new Set(secretLines.map(({ from }) => lines[from]?.block));
  const successors = plainSuccessors(lines, added);
  for (const { at, text, block } of removed) {
    const partner = partners.get(at)?.one;
    if (partner) masked[at] = `-${partner.prefix}${mask}${partner.suffix}`;
    else if ((isAnyAlone || secretBlocks.has(block)) && !successors.has(successor(block, text)))
      masked[at] = `-${mask}`;
  }
  const [minus, plus] = ['-', '+'].map((sign) =>
    lines.flatMap(({ text, block }, at) =>
      block !== undefined && text.startsWith(sign) ? [`${block}${(masked[at] ?? '').slice(1)}`] : [],
    ),
  );
  const hidAll = hunks !== -1 && replacing.size > 0 && minus?.join('\n') === plus?.join('\n');
  return { text: masked.join('\n'), hidAll };
}

function blocksOf(lines: readonly string[]): Line[] {
  const hunks = lines.findIndex((line) => line.startsWith('@@'));
  let block = 0;
  let wasChanged = false;
  return lines.map((text, at) => {
    const isChanged = hunks !== -1 && at > hunks && (/^[-+]/.test(text) || (wasChanged && text.startsWith('\\')));
    if (isChanged && !wasChanged) block++;
    wasChanged = isChanged;
    return { text, block: isChanged ? block : undefined };
  });
}

function around(line: string): SecretLine {
  return { prefix: line.slice(1, line.indexOf(mask)), suffix: line.slice(line.lastIndexOf(mask) + mask.length) };
}

function replaces({ prefix, suffix }: SecretLine, removed: string): boolean {
  return (
    prefix.trim() !== '' &&
    removed.length > prefix.length + suffix.length &&
    removed.slice(1).startsWith(prefix) &&
    removed.endsWith(suffix)
  );
}

/** For each block, the words with which its added lines without a secret begin. */
function plainSuccessors(lines: readonly Line[], added: readonly (SecretLine | undefined)[]): Set<string> {
  const words = lines.flatMap(({ text, block }, at) =>
    block !== undefined && text.startsWith('+') && added[at] === undefined && firstWord(text) !== ''
      ? [successor(block, text)]
      : [],
  );
  return new Set(words);
}

function successor(block: number, line: string): string {
  return `${block} ${firstWord(line)}`;
}

function firstWord(line: string): string {
  return /^[-+]\s*([^\s:="']+[\s:=]+)/.exec(line)?.[1]?.trim() ?? '';
}
