/** A new file, or one that goes, is shown by its first lines. */
const mostWhole = 24;
const head = 10;
/** So many lines that come or go together are shown within a file. */
const mostTogether = 40;
const headTogether = 15;
/** Whatever else is in it: nobody reads on. */
const mostOfDiff = 200;
/** A line longer than this is cut. */
const longest = 500;
const kept = 160;

export interface DiffLine {
  readonly text: string;
  /** It stands for lines that are left out: no line of the file. */
  readonly isNote: boolean;
  /** How many lines of the diff it stands for. */
  readonly stands: number;
}

const full = '--diff=full shows all';

/**
 * A unified diff as it fits a screen: of new files the first lines, keys and the like by their kind and length, and a note
 * where anything is left out. Such a diff is refused by patch(1), as its hunks are shorter than they say.
 *
 * @param room how many lines of files that come or go as a whole may still be shown
 * @returns the lines; of a file that comes or goes as a whole also how many it has
 */
export function shortDiff(
  all: readonly string[],
  room: number,
): { readonly lines: DiffLine[]; readonly wholeFile: number } {
  const start = all.findIndex((line) => line.startsWith('@@'));
  if (start < 0) return { lines: all.map(asIs), wholeFile: 0 };
  const header = all.slice(0, start);
  const isOneSided = header.includes('--- /dev/null') || header.includes('+++ /dev/null');
  const [most, first] = isOneSided
    ? [Math.min(mostWhole, Math.max(room, 0)), Math.min(head, Math.max(room, 0))]
    : [mostTogether, headTogether];
  const cut = runsOf(withoutNoise(all.slice(start))).flatMap((run) => cutRun(run, most, first));
  const body = cut.length <= mostOfDiff ? cut : [...cut.slice(0, mostOfDiff), moreLines(cut.slice(mostOfDiff))];
  const isWhole = !body.some(({ isNote }) => isNote);
  const saysSo = body.some(({ text, isNote }) => isNote && text.endsWith(`(${full})`));
  const end = isWhole || saysSo ? [] : [note(`(shortened: ${full})`, 0)];
  return { lines: [...header.map(asIs), ...body, ...end], wholeFile: isOneSided ? all.length - start - 1 : 0 };
}

export const asIs = (text: string): DiffLine => ({ text, isNote: false, stands: 1 });

const note = (text: string, stands: number): DiffLine => ({ text, isNote: true, stands });

const moreLines = (left: readonly DiffLine[]): DiffLine => {
  const count = left.reduce((sum, { stands }) => sum + stands, 0);
  return note(`... ${count} more ${count === 1 ? 'line' : 'lines'} (${full})`, count);
};

/** What is said of further files in the place of their diffs. */
export function moreFiles(files: number, lines: number): string {
  return `... ${files} more ${files === 1 ? 'file' : 'files'} with ${lines} lines (${full})`;
}

/** Neighbouring lines with the same sign. */
function runsOf(lines: readonly DiffLine[]): DiffLine[][] {
  const runs: DiffLine[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.[0]?.text.charAt(0) === line.text.charAt(0)) last.push(line);
    else runs.push([line]);
  }
  return runs;
}

function cutRun(run: readonly DiffLine[], most: number, first: number): readonly DiffLine[] {
  const sign = run[0]?.text.charAt(0);
  if ((sign !== '+' && sign !== '-') || run.length <= most) return run;
  return [...run.slice(0, first), moreLines(run.slice(first))];
}

/** Keys, certificates and encoded bytes by what they are; very long lines by their beginning. */
function withoutNoise(lines: readonly string[]): DiffLine[] {
  const shown: DiffLine[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const block = armoured(lines, at) ?? encoded(lines, at);
    if (block) {
      const indent = /^. */.exec(line)?.[0] ?? '';
      shown.push(note(`${indent}(${block.kind}, ${block.count} lines)`, block.count));
      at += block.count;
      continue;
    }
    shown.push(
      line.length > longest ? note(`${line.slice(0, kept)} ... (${line.length - 1} characters)`, 1) : asIs(line),
    );
    at += 1;
  }
  return shown;
}

interface Block {
  readonly kind: string;
  readonly count: number;
}

/** PEM, and what OpenSSH and OpenPGP write in its manner. */
function armoured(lines: readonly string[], at: number): Block | undefined {
  const sign = lines[at]?.charAt(0) ?? '';
  const label = /^[-+ ]\s*-{4,5} ?BEGIN ([A-Z0-9 ]+?) ?-{4,5}\s*$/.exec(lines[at] ?? '')?.[1];
  if (label === undefined) return undefined;
  const end = lines.findIndex((line, index) => index > at && (!line.startsWith(sign) || /-{4,5} ?END /.test(line)));
  if (end < 0 || !lines[end]?.startsWith(sign) || end - at < 3) return undefined;
  return {
    kind: label.toLowerCase().replace(/\b(?:rsa|ec|dsa|pgp|x509|ssh2?|dh)\b/g, (name) => name.toUpperCase()),
    count: end - at + 1,
  };
}

/** So many lines of letters without a blank are no text. */
const fewestEncoded = 4;

function encoded(lines: readonly string[], at: number): Block | undefined {
  const sign = lines[at]?.charAt(0) ?? '';
  const count = (form: RegExp): number => {
    const end = lines.slice(at).findIndex((line) => !line.startsWith(sign) || !form.test(line));
    return end < 0 ? lines.length - at : end;
  };
  if (!/^[-+ ]$/.test(sign)) return undefined;
  const masked = count(/^.\s*\*{8}\s*$/);
  if (masked >= fewestEncoded) return { kind: 'secret', count: masked };
  const long = count(/^.\s*[A-Za-z0-9+/=_-]{60,}\s*$/);
  // Its last line is as long as it happens to be.
  const last = lines[at + long] ?? '';
  const all = long + (last.startsWith(sign) && /^.\s*[A-Za-z0-9+/_-]{2,}={0,2}\s*$/.test(last) ? 1 : 0);
  return all >= fewestEncoded && long > 0 ? { kind: 'base64', count: all } : undefined;
}
