/** A line of fstab(5) as it shall be. */
export interface TableLine {
  readonly src: string;
  /** `none` for swap. */
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

export interface TableEdit extends TableLine {
  readonly isWanted: boolean;
}

/**
 * The table with the wanted line in its place, or at the end; or without it. There is one line for a place, and one for
 * each swap.
 */
export function editTable(table: string, edit: TableEdit): string {
  const lines = table.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const mine = lines.flatMap((line, i) => (isOfPlace(readLine(line), edit) ? [i] : []));
  if (!edit.isWanted) return mine.length === 0 ? table : joined(lines.filter((_, i) => !mine.includes(i)));
  const wanted = writeLine(edit);
  const [first] = mine;
  if (first === undefined) return joined([...lines, wanted]);
  // Where several stand for one place, the last is the one seen there.
  const kept = mine.find((i) => isSame(readLine(lines[i] ?? ''), edit)) ?? mine.at(-1) ?? first;
  const isRight = isSame(readLine(lines[kept] ?? ''), edit);
  if (isRight && mine.length === 1) return table;
  return joined(lines.flatMap((line, i) => (i === kept ? [isRight ? line : wanted] : mine.includes(i) ? [] : [line])));
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function readLine(line: string): TableLine | undefined {
  if (/^\s*(?:#|$)/.test(line)) return undefined;
  const [src = '', path = '', fstype = '', opts = 'defaults', dump = '0', passno = '0'] = line.trim().split(/[ \t]+/);
  return {
    src: plainSource(unescaped(src)),
    path: plainPath(unescaped(path)),
    fstype: unescaped(fstype),
    opts: unescaped(opts),
    dump,
    passno,
  };
}

function isOfPlace(line: TableLine | undefined, { src, path, fstype }: TableEdit): boolean {
  if (line === undefined) return false;
  // Swap has no place: it is told apart by what is swapped to.
  if (isNoPlace(path))
    return (
      isNoPlace(line.path) &&
      line.src === plainSource(src) &&
      (line.fstype === 'swap') === (fstype === 'swap' || fstype === '')
    );
  return line.path === plainPath(path) && line.fstype !== 'swap';
}

function isSame(line: TableLine | undefined, edit: TableEdit): boolean {
  return (
    line !== undefined &&
    line.src === plainSource(edit.src) &&
    line.fstype === edit.fstype &&
    line.opts === edit.opts &&
    line.dump === edit.dump &&
    line.passno === edit.passno
  );
}

/** Whether it is swap's word for no place at all (fstab(5)). */
export function isNoPlace(path: string): boolean {
  return path === 'none' || path === 'swap';
}

const plainPath = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

/** `UUID="..."` is `UUID=...`. */
const plainSource = (src: string): string => src.replace(/^([A-Z]+=)(["'])(.*)\2$/, '$1$3');

function writeLine({ src, path, fstype, opts, dump, passno }: TableLine): string {
  return [escaped(src), escaped(path), fstype, escaped(opts), dump, passno].join(' ');
}

/** fstab(5): blanks, tabs and backslashes are octal; so is a "#" that would begin a comment. */
function escaped(name: string): string {
  return name.replace(/[\\ \t\n]|^#/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** What a word of fstab or of the kernel's tables stands for (fstab(5), proc(5)). */
export function unescaped(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
