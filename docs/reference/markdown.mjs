// The pieces that reference pages are made of.

/** A table; cells may hold `|` and line ends. */
export function table(heads, rows) {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** A type as code: it may hold what Markdown would read as its own. */
export function typeCode(text) {
  return `\`${text}\``;
}

/** A page out of its parts, with the note that it is not to be edited. */
export function page(...parts) {
  return `${[...parts, '<!-- Generated from the source by `npm run docs`. -->'].join('\n\n')}\n`;
}

export function example(text) {
  return ['```ts', text.trim(), '```'].join('\n');
}
