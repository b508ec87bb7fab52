/** What matters of a script of SQL for running it as it is. */
export interface ScriptReading {
  /** It begins a transaction by itself. */
  readonly hasTransaction: boolean;
  /** It without comments, texts kept: what is called in it can be looked for. */
  readonly code: string;
  /** The comments, one after the other. */
  readonly comments: string;
  /** psql's own commands in it: `\i`, `\connect`. */
  readonly commands: readonly string[];
}

interface Piece {
  readonly kind: 'comment' | 'text' | 'end' | 'command' | 'other';
  readonly text: string;
}

/**
 * Reads a script as PostgreSQL's lexer does in rough (its manual, 4.1): comments nest, quotes double, `E''` knows
 * backslashes, `$tag$` keeps all up to the same again, and the lines behind `COPY ... FROM stdin;` are data.
 */
export function readScript(sql: string): ScriptReading {
  let code = '';
  let comments = '';
  let statement = '';
  let hasTransaction = false;
  const commands: string[] = [];
  for (let at = 0; at < sql.length;) {
    const piece = pieceAt(sql, at);
    at += piece.text.length;
    if (piece.kind === 'comment') {
      comments += `${piece.text}\n`;
      code += ' ';
      statement += ' ';
      continue;
    }
    if (piece.kind === 'command') {
      commands.push(piece.text.split(/\s/)[0] ?? '');
      continue;
    }
    code += piece.text;
    if (piece.kind !== 'end') {
      // Only how it begins and ends matters.
      statement += piece.kind === 'text' ? "''" : piece.text;
      continue;
    }
    if (/^\s*(?:begin|start\s+transaction)\b/i.test(statement)) hasTransaction = true;
    if (/^\s*copy\b.*\bfrom\s+stdin\b/is.test(statement)) at = afterData(sql, at);
    statement = '';
  }
  return { hasTransaction, code, comments, commands };
}

const patterns: readonly (readonly [Piece['kind'], RegExp])[] = [
  ['comment', /--[^\n]*/y],
  ['text', /[eE]'(?:[^'\\]|\\[^]|'')*'?/y],
  ['text', /'(?:[^']|'')*'?/y],
  ['text', /"(?:[^"]|"")*"?/y],
  ['text', /\$([A-Za-z_]\w*)?\$[^]*?(?:\$\1\$|$)/y],
  ['end', /;/y],
  ['command', /\\[^\n]*/y],
  ['other', /[A-Za-z_][\w$]*/y],
];

function pieceAt(sql: string, at: number): Piece {
  if (sql.startsWith('/*', at)) return { kind: 'comment', text: sql.slice(at, endOfComment(sql, at)) };
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(sql) ?? [];
    if (text !== undefined) return { kind, text };
  }
  return { kind: 'other', text: sql[at] ?? '' };
}

function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

/** Behind the line `\.` that ends the data of a COPY. */
function afterData(sql: string, at: number): number {
  const end = /^\\\.\r?$/gm;
  end.lastIndex = at;
  return end.exec(sql) ? end.lastIndex : sql.length;
}
