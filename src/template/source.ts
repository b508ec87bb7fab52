import { isUtf8 } from 'node:buffer';
import { parse as parseHandlebars } from 'handlebars/dist/cjs/handlebars/compiler/base.js';
import { PlayError, excerpt, type Location } from '../errors/index.ts';
import type { Position, Program } from './ast.ts';

/** A template or partial as parsed, with what is needed to point into it. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
}

/** The text of a template's file. @throws PlayError where it is not UTF-8, which would come out as something else */
export function templateText(bytes: Buffer, file: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new PlayError('The template is not UTF-8', {
    where: { file },
    hint: 'Convert it: iconv -f LATIN1 -t UTF-8. A file that is to keep its own encoding is put in place by copy().',
  });
}

const parsed = new Map<string, Source>();

/** Parses `text`, or takes what was parsed before when neither file nor text changed. */
export function parseTemplate(file: string, text: string): Source {
  const known = parsed.get(file);
  if (known?.text === text) return known;
  const source: Source = { file, text, program: parse(file, text) };
  parsed.set(file, source);
  return source;
}

function parse(file: string, text: string): Program {
  let program: unknown;
  try {
    // Only Handlebars' parser (its syntax, its rules for white space) is used; its compiler and run time are not, see
    // render.ts.
    program = parseHandlebars(text);
  } catch (error) {
    throw syntaxError(file, text, error);
  }
  if (!isProgram(program)) throw new Error('Handlebars returned no program');
  refuseJinja(program, file, text);
  return program;
}

/**
 * `{% if %}` and `{# #}` are text to Handlebars, and would be sent to the host as they are. Other tools' `%{` and `{%`
 * are let be.
 */
const jinja =
  /\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|block|endblock|include|import|from|extends|macro|endmacro|filter|endfilter|call|endcall|with|endwith|raw|endraw)\b[^\n]*?%\}|\{#[-+]?\s[^\n]*?\s[-+]?#\}/;

function refuseJinja(program: Program, file: string, text: string): void {
  for (const statement of program.body) {
    if (statement.type === 'ContentStatement') {
      const found = jinja.exec(statement.original);
      if (!found) continue;
      const at = placeIn(statement, found.index);
      const hint =
        'Templates are Handlebars: {{#if x}} ... {{/if}}, {{#each xs}} ... {{/each}}, {{! a comment }}. Put what should reach the host unchanged in {{{{raw}}}} ... {{{{/raw}}}}.';
      throw new PlayError(`Jinja in a template: ${found[0].slice(0, 60)}`, {
        where: { file, ...at },
        hint,
        detail: excerpt(text, { file, ...at }) ?? '',
      });
    }
    if (
      statement.type === 'BlockStatement' &&
      !(statement.path.type === 'PathExpression' && statement.path.original === 'raw')
    ) {
      if (statement.program) refuseJinja(statement.program, file, text);
      if (statement.inverse) refuseJinja(statement.inverse, file, text);
    }
    if (statement.type === 'PartialBlockStatement' || statement.type === 'DecoratorBlock')
      refuseJinja(statement.program, file, text);
  }
}

function placeIn(
  { original, loc: { start } }: Extract<Program['body'][number], { type: 'ContentStatement' }>,
  index: number,
): { readonly line: number; readonly column: number } {
  const before = original.slice(0, index).split('\n');
  return {
    line: start.line + before.length - 1,
    column: (before.length === 1 ? start.column : 0) + (before.at(-1) ?? '').length + 1,
  };
}

function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Program';
}

function syntaxError(file: string, text: string, error: unknown): PlayError {
  const message = error instanceof Error ? error.message : String(error);
  const placed = /^(?<what>.*) - (?<line>\d+):(?<column>\d+)$/s.exec(message)?.groups;
  const line = /^(?:Parse|Lexical) error on line (\d+)/.exec(message)?.[1] ?? placed?.['line'] ?? '1';
  const open = message.endsWith("got 'EOF'") ? lastOpen(text) : undefined;
  const where: Location = open ?? {
    file,
    line: Number(line),
    ...(placed === undefined ? {} : { column: Number(placed['column']) + 1 }),
  };
  return new PlayError(
    `The template is not valid Handlebars: ${open === undefined ? complaint(message, placed?.['what']) : `{{#${open.name}}} is never closed`}`,
    {
      where: { file, line: where.line ?? 1, ...(where.column === undefined ? {} : { column: where.column }) },
      hint: 'Every {{#block}} needs its {{/block}} and every {{ its }}. Braces meant as text: write \\{{.',
      detail: excerpt(text, where) ?? '',
      cause: error,
    },
  );
}

/** The parser lists every token it would have taken; what it found says more. */
function complaint(message: string, placed: string | undefined): string {
  const mismatch = /^(\S+) doesn't match (\S+)$/.exec(placed ?? '');
  if (mismatch !== null) return `{{#${mismatch[1]}}} is closed by {{/${mismatch[2]}}}`;
  const got = /got '([A-Z_]+)'$/.exec(message)?.[1];
  if (placed !== undefined) return placed;
  if (got === 'OPEN_ENDBLOCK') return 'a block is closed that was not opened';
  if (got === 'INVERSE' || got === 'OPEN_INVERSE_CHAIN') return '{{else}} is outside a block';
  if (got === 'EOF') return 'it ends inside {{ }}';
  return 'there is something inside {{ }} that does not belong there';
}

/** Where the innermost block begins that nothing closes. */
function lastOpen(text: string): (Location & { readonly name: string }) | undefined {
  const stack: { readonly name: string; readonly at: number }[] = [];
  for (const found of text.matchAll(/\{\{~?(?<kind>[#^/])[>*]?\s*(?<name>[^\s}~]+)/g)) {
    if (found.groups?.['kind'] === '/') stack.pop();
    else stack.push({ name: found.groups?.['name'] ?? '', at: found.index });
  }
  const last = stack.at(-1);
  if (last === undefined) return undefined;
  const before = text.slice(0, last.at).split('\n');
  return { file: '', name: last.name, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

export function locate(source: Source, position: Position): Location {
  return { file: source.file, line: position.line, column: position.column + 1 };
}

export interface Complaint {
  readonly hint?: string;
  readonly detail?: string;
}

/** An error about a place in a template, with the line it stands on. */
export function templateError(
  source: Source,
  position: Position,
  what: string,
  { hint, detail }: Complaint = {},
): PlayError {
  const where = locate(source, position);
  const shown = [excerpt(source.text, where), detail].filter((part) => part !== undefined && part !== '').join('\n');
  return new PlayError(what, { where, detail: shown, ...(hint === undefined ? {} : { hint }) });
}
