import { placeIn } from './ast.ts';

/** What Jinja2 would call a TemplateSyntaxError; `line` and `column` are within the template, from 1. */
export class JinjaSyntaxError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, source: string, at: number) {
    super(message);
    this.name = 'JinjaSyntaxError';
    const { line, column } = placeIn(source, at);
    this.line = line;
    this.column = column;
  }
}
