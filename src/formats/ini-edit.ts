import { continuationOf, indentOf, isAside, sectionsOf, type Continuation } from './ini-sections.ts';
import { linesOf } from './line-edit.ts';
import { EditRefused } from './text-edit.ts';

/** What `iniFile` shall make of a text. */
export interface IniEdit {
  /** Empty: the options before the first section. */
  readonly section: string;
  readonly option?: string | undefined;
  /** In the order they are written where there are several. `null`: the option without a value. */
  readonly values: readonly (string | null)[];
  readonly state: 'present' | 'absent';
  readonly exclusive: boolean;
  readonly noExtraSpaces: boolean;
  readonly ignoreSpaces: boolean;
  readonly modifyInactiveOption: boolean;
}

interface OptionLine {
  readonly active: boolean;
  /** `null`: no `=`. */
  readonly value: string | null;
  /** Further lines of the value. */
  readonly more: Continuation;
}

/**
 * Makes the text right, by the rules of community.general's ini_file; what is active goes before what is commented out.
 * A section that stands several times is one, and an option goes with all lines of its value.
 */
export function editIni(text: string, edit: IniEdit): string {
  const lines = linesOf(text);
  const eol = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n';
  const sections = sectionsOf(lines, edit.section);
  if (edit.option === undefined) return wholeSection(lines, edit, sections, eol);
  if (sections.length === 0)
    return edit.state === 'absent'
      ? text
      : ended(lines, eol) +
          `[${edit.section}]${eol}` +
          edit.values.map((value) => written(edit, value, '', eol)).join('');
  const parts = sections.map(({ start, end }) => lines.slice(start, end));
  // A line further in than a new one before it would become a part of its value.
  const below = sections.map(({ end }) => indentOf(lines.slice(end).find((line) => !isAside(line)) ?? ''));
  const made = partsMade(parts, edit, eol, below);
  let after = '';
  let at = 0;
  for (const [i, { start, end }] of sections.entries()) {
    const [old = [], now = []] = [parts[i], made[i]];
    const isSame = now.length === old.length && now.every((line, k) => line === old[k]);
    // A last line without its end would swallow what comes behind it.
    after += isSame ? lines.slice(at, end).join('') : ended([...lines.slice(at, start), ...now], eol);
    at = end;
  }
  return after + lines.slice(at).join('');
}

/** The lines of each place where the section stands. */
function partsMade(
  parts: readonly (readonly string[])[],
  edit: IniEdit,
  eol: string,
  below: readonly number[],
): (readonly string[])[] {
  if (edit.state === 'absent') return parts.map((part) => without(part, edit));
  const options = parts.map((part) => optionsOf(part, edit));
  const active = options.findIndex((found) => found.some((one) => one?.active));
  const target = Math.max(
    0,
    active >= 0 ? active : options.findIndex((found) => found.some((one) => one !== undefined)),
  );
  if (edit.exclusive)
    return parts.map((part, i) => (i === target ? withOption(part, edit, eol, below[i] ?? 0) : without(part, edit)));
  const elsewhere = options.flatMap((found, i) =>
    i === target ? [] : found.flatMap((one) => (one?.active ? [one.value] : [])),
  );
  const values = edit.values.filter((value) => !elsewhere.includes(value));
  return parts.map((part, i) => (i === target ? withOption(part, { ...edit, values }, eol, below[i] ?? 0) : part));
}

/** A section that is to be there, or to go with all its options. */
function wholeSection(
  lines: readonly string[],
  { section, state }: IniEdit,
  sections: readonly { readonly start: number; readonly end: number }[],
  eol: string,
): string {
  if (state === 'present') return sections.length > 0 ? lines.join('') : `${ended(lines, eol)}[${section}]${eol}`;
  if (section === '') throw new EditRefused('`section` or `option` says what to remove');
  return lines.filter((_, i) => !sections.some(({ start, end }) => i >= start && i < end)).join('');
}

function ended(lines: readonly string[], eol: string): string {
  const text = lines.join('');
  return text === '' || text.endsWith('\n') ? text : text + eol;
}

/** Which lines of a section are the option's; a line of another option's value is none, whatever it looks like. */
function optionsOf(
  lines: readonly string[],
  { option = '', modifyInactiveOption }: IniEdit,
  inactiveToo = modifyInactiveOption,
): (OptionLine | undefined)[] {
  const taken = new Set<number>();
  return lines.map((line, i) => {
    if (taken.has(i) || (i === 0 && /^[ \t]*\[/.test(line))) return undefined;
    const value = /^[ \t]*[^\s#;=[][^=\n]*=[ \t]*(.*)/.exec(line)?.[1];
    const more =
      value === undefined
        ? { lines: [], doubtful: undefined }
        : continuationOf(lines, i, lines.length, value.trimEnd());
    // Comments inside are none either.
    if (more.doubtful === undefined) for (let one = i + 1; one <= (more.lines.at(-1) ?? i); one++) taken.add(one);
    return optionLine(line, option, inactiveToo, more);
  });
}

function optionLine(line: string, option: string, inactiveToo: boolean, more: Continuation): OptionLine | undefined {
  const [, mark = '', rest = ''] = /^[ \t]*([#;]?)[ \t]*([^\r\n]*)/.exec(line) ?? [];
  if ((mark !== '' && !inactiveToo) || !rest.startsWith(option)) return undefined;
  const [, sign, value = ''] = /^[ \t]*(=|$)[ \t]*(.*)$/.exec(rest.slice(option.length)) ?? [];
  return sign === undefined ? undefined : { active: mark === '', value: sign === '' ? null : value.trimEnd(), more };
}

/** The lines that go with an option's first one. @throws EditRefused where one of them may be something else */
function restOf({ more }: OptionLine, lines: readonly string[], option: string): readonly number[] {
  if (more.doubtful === undefined) return more.lines;
  const name = /^[ \t]*([\w.-]+)/.exec(lines[more.doubtful] ?? '')?.[1] ?? '';
  throw new EditRefused(
    `"${name}" is indented further than "${option}": it may be a part of its value, or an option of its own; write both in one column, or "${option}" on one line`,
  );
}

function written({ option = '', noExtraSpaces }: IniEdit, value: string | null, indent: string, eol: string): string {
  return value === null ? `${indent}${option}${eol}` : `${indent}${option}${noExtraSpaces ? '=' : ' = '}${value}${eol}`;
}

function without(lines: readonly string[], edit: IniEdit): string[] {
  const { option = '', values, exclusive } = edit;
  const gone = new Set<number>();
  for (const [i, found] of optionsOf(lines, edit, false).entries()) {
    if (!found || !(exclusive || (values.includes(found.value) && found.more.lines.length === 0))) continue;
    for (const one of [i, ...restOf(found, lines, option)]) gone.add(one);
  }
  return lines.filter((_, i) => !gone.has(i));
}

function withOption(lines: readonly string[], edit: IniEdit, eol: string, below: number): string[] {
  const made: (string | undefined)[] = [...lines];
  const left = [...edit.values];
  const found = optionsOf(lines, edit);
  const free = new Set(found.flatMap((one, i) => (one ? [i] : [])));
  const drop = (one: OptionLine): void => {
    for (const i of restOf(one, lines, edit.option ?? '')) made[i] = undefined;
  };
  const put = (i: number, value: string | null, same: boolean): void => {
    const old = lines[i] ?? '';
    const next = lines.slice(i + 1).find((one) => !isAside(one));
    const least = found[i]?.active ? 0 : next === undefined ? below : indentOf(next);
    const line = written(edit, value, old.slice(0, indentOf(old)).padEnd(least), eol);
    if (!(same && edit.ignoreSpaces && found[i]?.active) && old.replace(/\r?\n$/, '') !== line.replace(/\r?\n$/, ''))
      made[i] = line;
    free.delete(i);
  };
  const take = (isFit: (one: OptionLine, value: string | null) => boolean, same: boolean): void => {
    for (const i of [...free].sort((a, b) => a - b)) {
      const one = found[i];
      const at = one ? left.findIndex((value) => isFit(one, value)) : -1;
      if (!one || at < 0) continue;
      if (!same && one.active) drop(one);
      put(i, left.splice(at, 1)[0] ?? null, same);
    }
  };
  // A backslash at the end may be the value's own.
  const isWhole = ({ value, more }: OptionLine): boolean =>
    more.lines.length === 0 || more.doubtful !== undefined || value?.endsWith('\\') === true;
  // Lines that have the value already; then, where the option has no others, other active lines; last those commented
  // out.
  take((one, value) => one.active && one.value === value && isWhole(one), true);
  if (edit.exclusive) take((one) => one.active, false);
  take((one, value) => !one.active && one.value === value, false);
  if (edit.exclusive) take((one) => !one.active, false);
  for (const i of edit.exclusive ? free : []) {
    const one = found[i];
    if (!one?.active) continue;
    drop(one);
    made[i] = undefined;
  }
  const kept = made.filter((line) => line !== undefined);
  // New lines go behind the last that is neither blank nor a comment.
  const place = kept.findLastIndex((line) => !isAside(line)) + 1;
  const at = place === 0 && edit.section === '' && kept.length > 0 && left.length > 0 ? kept.length : place;
  const before = kept.slice(0, at);
  const last = before.at(-1);
  if (left.length > 0 && last !== undefined && !last.endsWith('\n')) before[before.length - 1] = last + eol;
  return [...before, ...left.map((value) => written(edit, value, ' '.repeat(below), eol)), ...kept.slice(at)];
}
