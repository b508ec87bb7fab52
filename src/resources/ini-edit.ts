import { EditRefused } from './text-edit.ts';
import { linesOf } from './line-edit.ts';

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
}

/** Makes the text right, by the rules of community.general's ini_file; what is active goes before what is commented out. */
export function editIni(text: string, edit: IniEdit): string {
  const lines = linesOf(text);
  const eol = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n';
  const [start, end] = sectionOf(lines, edit.section);
  if (edit.option === undefined) return wholeSection(lines, edit, start, end, eol);
  if (start < 0) return edit.state === 'absent' ? text : ended(lines, eol) + `[${edit.section}]${eol}` + edit.values.map((value) => written(edit, value, eol)).join('');
  const made = edit.state === 'absent' ? without(lines.slice(start, end), edit) : withOption(lines.slice(start, end), edit, eol);
  if (made.length === end - start && made.every((line, i) => line === lines[start + i])) return text;
  // A last line without its end would swallow what comes behind it.
  const before = ended(lines.slice(0, start), eol);
  const rest = lines.slice(end).join('');
  return before + (rest === '' && made.every((line, i) => line === lines[start + i]) ? made.join('') : ended(made, eol)) + rest;
}

/** A section that is to be there, or to go with all its options. */
function wholeSection(lines: readonly string[], { section, state }: IniEdit, start: number, end: number, eol: string): string {
  if (state === 'present') return start >= 0 ? lines.join('') : `${ended(lines, eol)}[${section}]${eol}`;
  if (section === '') throw new EditRefused('`section` or `option` says what is to be removed');
  return start < 0 ? lines.join('') : [...lines.slice(0, start), ...lines.slice(end)].join('');
}

function ended(lines: readonly string[], eol: string): string {
  const text = lines.join('');
  return text === '' || text.endsWith('\n') ? text : text + eol;
}

/** First line and end of a section, its header included; the options before any section have no header. -1: not there. */
function sectionOf(lines: readonly string[], section: string): readonly [number, number] {
  const isHeader = (line: string): boolean => line.startsWith('[') || line.startsWith('\ufeff[');
  const start = section === '' ? 0 : lines.findIndex((line) => line.replace(/^\ufeff/, '').startsWith(`[${section}]`));
  if (start < 0) return [-1, -1];
  const after = lines.findIndex((line, i) => (section === '' ? i >= start : i > start) && isHeader(line));
  return [start, after < 0 ? lines.length : after];
}

function optionLine(line: string, option: string, inactiveToo: boolean): OptionLine | undefined {
  const [, mark = '', rest = ''] = /^[ \t]*([#;]?)[ \t]*([^\r\n]*)/.exec(line) ?? [];
  if ((mark !== '' && !inactiveToo) || !rest.startsWith(option)) return undefined;
  const [, sign, value = ''] = /^[ \t]*(=|$)[ \t]*(.*)$/.exec(rest.slice(option.length)) ?? [];
  return sign === undefined ? undefined : { active: mark === '', value: sign === '' ? null : value.trimEnd() };
}

function written({ option = '', noExtraSpaces }: IniEdit, value: string | null, eol: string): string {
  return value === null ? `${option}${eol}` : `${option}${noExtraSpaces ? '=' : ' = '}${value}${eol}`;
}

function without(lines: readonly string[], { option = '', values, exclusive }: IniEdit): string[] {
  return lines.filter((line, i) => {
    const found = isHeaderAt(lines, i) ? undefined : optionLine(line, option, false);
    return !found || !(exclusive || values.includes(found.value));
  });
}

function isHeaderAt(lines: readonly string[], i: number): boolean {
  return i === 0 && /^\ufeff?\[/.test(lines[0] ?? '');
}

function withOption(lines: readonly string[], edit: IniEdit, eol: string): string[] {
  const made: (string | undefined)[] = [...lines];
  const left = [...edit.values];
  const found = lines.map((line, i) => (isHeaderAt(lines, i) ? undefined : optionLine(line, edit.option ?? '', edit.modifyInactiveOption)));
  const free = new Set(found.flatMap((one, i) => (one ? [i] : [])));
  const put = (i: number, value: string | null, same: boolean): void => {
    const line = written(edit, value, eol);
    if (!(same && edit.ignoreSpaces && found[i]?.active) && (lines[i] ?? '').replace(/\r?\n$/, '') !== line.replace(/\r?\n$/, '')) made[i] = line;
    free.delete(i);
  };
  const take = (isFit: (one: OptionLine, value: string | null) => boolean, same: boolean): void => {
    for (const i of [...free].sort((a, b) => a - b)) {
      const one = found[i];
      const at = one ? left.findIndex((value) => isFit(one, value)) : -1;
      if (at >= 0) put(i, left.splice(at, 1)[0] ?? null, same);
    }
  };
  // Lines that have the value already; then, where the option has no others, other active lines; last those commented out.
  take((one, value) => one.active && one.value === value, true);
  if (edit.exclusive) take((one) => one.active, false);
  take((one, value) => !one.active && one.value === value, false);
  if (edit.exclusive) take((one) => !one.active, false);
  if (edit.exclusive) for (const i of free) if (found[i]?.active) made[i] = undefined;
  const kept = made.filter((line) => line !== undefined);
  // New lines go behind the last that is neither blank nor a comment.
  const place = kept.findLastIndex((line) => !/^[ \t]*(?:[#;].*)?\r?\n?$/.test(line)) + 1;
  const at = place === 0 && edit.section === '' && kept.length > 0 && left.length > 0 ? kept.length : place;
  const before = kept.slice(0, at);
  const last = before.at(-1);
  if (left.length > 0 && last !== undefined && !last.endsWith('\n')) before[before.length - 1] = last + eol;
  return [...before, ...left.map((value) => written(edit, value, eol)), ...kept.slice(at)];
}
