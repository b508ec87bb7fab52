import type { WriteStream } from 'node:tty';

/** Colours and the like, as far as a stream can show them. */
export interface Style {
  /** Whether the others do anything. */
  readonly colour: boolean;
  /** For what failed. */
  readonly red: (text: string) => string;
  /** For what is fine. */
  readonly green: (text: string) => string;
  /** For what changed, and warnings. */
  readonly yellow: (text: string) => string;
  /** For notes, and what was skipped. */
  readonly cyan: (text: string) => string;
  /** For what matters less. */
  readonly dim: (text: string) => string;
  /** For headings. */
  readonly bold: (text: string) => string;
}

const paint = (colour: boolean, open: number, close: number) => (text: string) =>
  colour ? `\x1b[${open}m${text}\x1b[${close}m` : text;

export function makeStyle(colour: boolean): Style {
  return {
    colour,
    red: paint(colour, 31, 39),
    green: paint(colour, 32, 39),
    yellow: paint(colour, 33, 39),
    cyan: paint(colour, 36, 39),
    dim: paint(colour, 2, 22),
    bold: paint(colour, 1, 22),
  };
}

/**
 * Whether to colour what goes to `stream`: a terminal, unless NO_COLOR (no-color.org) or a dumb one; FORCE_COLOR wins.
 */
export function wantsColour(stream: Pick<WriteStream, 'isTTY'>, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== '') return true;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY && env['TERM'] !== 'dumb';
}
