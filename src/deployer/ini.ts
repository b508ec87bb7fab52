/** A word of a value, and where it stands; counted from 1. */
export interface IniWord {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface IniEntry {
  /** In lower case, as Python's configparser has it. */
  readonly key: string;
  readonly line: number;
  readonly words: readonly IniWord[];
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly entries: readonly IniEntry[];
}

export interface IniMistake {
  readonly what: string;
  readonly line: number;
  readonly column?: number;
  readonly hint?: string;
}

interface OpenSection extends IniSection {
  readonly entries: OpenEntry[];
}

interface OpenEntry extends IniEntry {
  readonly indent: number;
  readonly words: IniWord[];
}

/**
 * Reads an INI file as Python's configparser does, which the files were written for: `=` or `:`, values that go on in
 * indented lines, comments on lines of their own. Sections and keys that stand twice are mistakes, as there.
 */
export function readIni(text: string): {
  readonly sections: readonly IniSection[];
  readonly mistakes: readonly IniMistake[];
} {
  const sections: OpenSection[] = [];
  const mistakes: IniMistake[] = [];
  let entry: OpenEntry | undefined;
  for (const [i, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = i + 1;
    const trimmed = raw.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const indent = raw.search(/\S/);
    if (entry !== undefined && indent > entry.indent) {
      entry.words.push(...wordsOf(raw, indent, line));
      continue;
    }
    entry = undefined;
    const header = /^\[(.+)\]/.exec(trimmed)?.[1];
    if (header !== undefined) {
      const earlier = sections.find(({ name }) => name === header);
      if (earlier)
        mistakes.push({
          what: `The section [${header}] appears again here`,
          line,
          hint: `The first is in line ${earlier.line}.`,
        });
      sections.push({ name: header, line, entries: [] });
      continue;
    }
    const [all, spaced, name = ''] = /^(\s*)([^=:]+?)\s*[=:]/.exec(raw) ?? [];
    const section = sections.at(-1);
    if (all === undefined || spaced === undefined)
      mistakes.push({
        what: 'This is not a section, a setting or a comment',
        line,
        hint: 'Settings are written as: name = value',
      });
    else if (section === undefined)
      mistakes.push({ what: `"${name}" comes before the first section`, line, hint: 'Put [environment] above it.' });
    else {
      const key = name.toLowerCase();
      const earlier = section.entries.find((one) => one.key === key);
      if (earlier)
        mistakes.push({
          what: `"${key}" is set again in [${section.name}]`,
          line,
          hint: `The first is in line ${earlier.line}.`,
        });
      entry = { key, line, indent, words: wordsOf(raw, all.length, line) };
      section.entries.push(entry);
    }
  }
  return { sections, mistakes };
}

function wordsOf(raw: string, from: number, line: number): IniWord[] {
  return [...raw.matchAll(/\S+/g)]
    .filter(({ index }) => index >= from)
    .map(({ 0: text, index }) => ({ text, line, column: index + 1 }));
}
