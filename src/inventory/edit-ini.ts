import { PlayError } from '../errors/index.ts';
import { expandHostPattern } from './address.ts';
import { splitWords } from './shell-words.ts';

/** A host to be written into groups of a source; its variables go where it is named first. */
export interface NewHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, string | number>>;
}

interface IniLine {
  /** The group whose section it is in; `ungrouped` before the first. */
  readonly group: string;
  readonly kind: string;
  readonly is: 'header' | 'entry' | 'comment' | 'blank';
}

/**
 * An INI inventory with a host added behind the last host of each group. The rest of the file stays as it is, byte for
 * byte.
 */
export function addToIni(text: string, { name, groups, variables }: NewHost): string {
  const words = Object.entries(variables).map(([key, value]) => ` ${key}=${quoted(String(value))}`);
  let made = text;
  for (const [index, group] of groups.entries())
    made = insertHost(made, group, `${name}${index === 0 ? words.join('') : ''}`);
  return made;
}

/**
 * An INI inventory without the lines of a host.
 *
 * @throws PlayError where the host is part of a range: it cannot be removed without rewriting the others
 */
export function removeFromIni(text: string, file: string, name: string): string {
  const raw = text.split('\n');
  const lines = linesOf(raw);
  const kept = raw.filter((line, index) => {
    const { is, kind } = lines[index] ?? { is: 'blank', kind: '' };
    if (is !== 'entry' || kind !== 'hosts') return true;
    const [first] = wordsOf(line);
    if (first === undefined) return true;
    const { names } = expandHostPattern(first, { file, line: index + 1 });
    if (!names.includes(name)) return true;
    if (names.length === 1) return false;
    throw new PlayError(`${name} is one of ${first}`, {
      where: { file, line: index + 1 },
      hint: 'Write the range as two around it, and run this again: nothing was changed.',
    });
  });
  return kept.length === raw.length ? text : kept.join('\n');
}

function insertHost(text: string, group: string, line: string): string {
  const raw = text.split('\n');
  const lines = linesOf(raw);
  const end = text.includes('\r\n') ? '\r' : '';
  const inSection = (is: IniLine['is']): number =>
    lines.findLastIndex((one) => one.group === group && one.kind === 'hosts' && one.is === is);
  const last = inSection('entry');
  if (last !== -1)
    return [
      ...raw.slice(0, last + 1),
      `${/^\s*/.exec(raw[last] ?? '')?.[0] ?? ''}${line}${end}`,
      ...raw.slice(last + 1),
    ].join('\n');
  const header = lines.findIndex((one) => one.group === group && one.kind === 'hosts' && one.is === 'header');
  if (header !== -1) return [...raw.slice(0, header + 1), `${line}${end}`, ...raw.slice(header + 1)].join('\n');
  // So far the group has only children or variables: its hosts get a section before these, above the comment that
  // belongs to them.
  let at = lines.findIndex((one) => one.group === group && one.is === 'header');
  if (at === -1) at = lines.findIndex((one) => one.is === 'header');
  if (at === -1) at = raw.length;
  while (at > 0 && lines[at - 1]?.is === 'comment') at--;
  const section = group === 'ungrouped' ? [`${line}${end}`, end] : [`[${group}]${end}`, `${line}${end}`, end];
  return [...raw.slice(0, at), ...section, ...raw.slice(at)].join('\n');
}

function linesOf(raw: readonly string[]): IniLine[] {
  let group = 'ungrouped';
  let kind = 'hosts';
  return raw.map((each): IniLine => {
    const line = each.trim();
    if (line === '') return { group, kind, is: 'blank' };
    if (/^[#;]/.test(line)) return { group, kind, is: 'comment' };
    const header = /^\[([^:\]\s]+)(?::(\w+))?\]/.exec(line);
    if (header === null) return { group, kind, is: 'entry' };
    group = header[1] ?? '';
    kind = header[2] ?? 'hosts';
    return { group, kind, is: 'header' };
  });
}

function wordsOf(line: string): string[] {
  const words = splitWords(line.trim());
  return typeof words === 'string' ? [] : words.map(({ text }) => text);
}

function quoted(value: string): string {
  return /^[\w.:@%+/-]+$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
}
