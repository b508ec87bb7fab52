/** The documents of this repository, and the blocks of code in them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Paths from the root. */
export const documents: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];

export interface Block {
  readonly document: string;
  /** Of its first line of code. */
  readonly line: number;
  /** What stands behind the three backticks; empty for code that is indented. */
  readonly language: string;
  readonly code: string;
}

/** All blocks of code of a document, in order. */
export function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^(\s*)```(\w*)$/.exec(lines[at] ?? '');
    if (fence) {
      const end = lines.findIndex((line, i) => i > at && line.trim() === '```');
      const code = lines.slice(at + 1, end).map((line) => line.slice(fence[1]?.length));
      blocks.push({ document, line: at + 2, language: fence[2] ?? '', code: `${code.join('\n')}\n` });
      at = end;
    } else if (/^ {4}\S/.test(lines[at] ?? '') && (lines[at - 1] ?? '') === '') {
      let end = at;
      while (/^(?: {4}|$)/.test(lines[end] ?? 'x')) end += 1;
      const code = lines.slice(at, end).map((line) => line.slice(4));
      blocks.push({ document, line: at + 1, language: '', code: `${code.join('\n').trimEnd()}\n` });
      at = end - 1;
    }
  }
  return blocks;
}
