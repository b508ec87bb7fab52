import { createRequire } from 'node:module';
import { PlayError, excerpt, type Location } from '../errors/index.ts';
import type { Position, Program } from './ast.ts';

/** A template or partial as parsed, with what is needed to point into it. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
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

interface Parser {
  parse(text: string): unknown;
}
let parser: Parser | undefined;

/**
 * Only Handlebars' parser (its syntax and its rules for white space) is used, and only once a template is: 4 ms. Its
 * compiler and run time are not, see render.ts.
 */
function loadParser(): Parser {
  parser ??= createRequire(import.meta.url)('handlebars/dist/cjs/handlebars/compiler/base.js') as Parser;
  return parser;
}

function parse(file: string, text: string): Program {
  let program: unknown;
  try {
    program = loadParser().parse(text);
  } catch (error) {
    throw syntaxError(file, text, error);
  }
  if (isProgram(program)) return program;
  throw new Error('Handlebars returned no program');
}

function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Program';
}

function syntaxError(file: string, text: string, error: unknown): PlayError {
  const message = error instanceof Error ? error.message : String(error);
  const grammar = /^Parse error on line (\d+):\n.*\n(-*)\^\n(.*)$/s.exec(message);
  const other = /^(.*) - (\d+):(\d+)$/s.exec(message);
  const lexical = /^Lexical error on line (\d+)/.exec(message);
  const line = Number(grammar?.[1] ?? other?.[2] ?? lexical?.[1] ?? 1);
  const where: Location = other === null ? { file, line } : { file, line, column: Number(other[3]) + 1 };
  const what = other?.[1] ?? grammar?.[3]?.replace(/'/g, '') ?? 'there is a character that does not belong here';
  const mismatch = /^(\S+) doesn't match (\S+)$/.exec(other?.[1] ?? '');
  return new PlayError(`The template is not valid Handlebars: ${mismatch === null ? what : `{{#${mismatch[1]}}} is closed by {{/${mismatch[2]}}}`}`, {
    where,
    hint: 'Every {{#block}} needs its {{/block}}, every {{ its }}. Braces meant as text: write \\{{.',
    detail: excerpt(text, where) ?? '',
    cause: error,
  });
}

export function locate(source: Source, position: Position): Location {
  return { file: source.file, line: position.line, column: position.column + 1 };
}

export interface Complaint {
  readonly hint?: string;
  readonly detail?: string;
}

/** An error about a place in a template, with the line it stands on. */
export function templateError(source: Source, position: Position, what: string, { hint, detail }: Complaint = {}): PlayError {
  const where = locate(source, position);
  const shown = [excerpt(source.text, where), detail].filter((part) => part !== undefined && part !== '').join('\n');
  return new PlayError(what, { where, detail: shown, ...(hint === undefined ? {} : { hint }) });
}
