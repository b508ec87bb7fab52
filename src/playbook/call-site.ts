import { fileURLToPath } from 'node:url';
import type { Location } from '../errors/index.ts';

/** Something of a playbook's that knows where it was written. Finding out reads a source map: ask only to tell it. */
export interface Placed {
  readonly at: Location | undefined;
}

/** What an error's `where` is made of. */
export function placeOf({ at }: Placed): { where?: Location } {
  return at ? { where: at } : {};
}

/**
 * Remembers where a playbook called us, cheaply: the stack is only read when somebody wants the place. Source maps (the
 * launcher turns them on) make it the line of the `.ts` file. Play's own source is no place: nobody fixes a run there.
 *
 * @param below the function whose caller is meant
 */
export function callSite(below: (...args: never[]) => unknown): () => Location | undefined {
  const holder: PlaceHolder = { [ofPlace]: true };
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 4;
  Error.captureStackTrace(holder, below);
  Error.stackTraceLimit = limit;
  return () => firstFrame(holder.stack, (file) => !isOurs(file, (ownSource ??= ownSourceOn(stackHere()))));
}

/**
 * On what holds a stack only for the place in it: frames of play's own files need not be found in its sources. Their
 * source map is large, and a run that changes something asks for the place of each change.
 */
export const ofPlace = Symbol('ofPlace');

interface PlaceHolder {
  readonly [ofPlace]: true;
  stack?: string;
}

/** The place in a playbook on the stack of an error that was thrown in code it called. */
export function userFrame(stack: string | undefined): Location | undefined {
  return firstFrame(stack, (file) => !isOurs(file, (ownMapped ??= ownSourceOn(new Error().stack))));
}

/** The folder of play's source as it is named on stacks that are held for their place, and on those of errors. */
let ownSource: string | undefined;
let ownMapped: string | undefined;

/** Of play's own source: tasks that commands of play make were written by nobody who could fix them. */
function isOurs(file: string, own: string): boolean {
  // Where no source map tells files of the bundle apart, its folder may be the playbooks' own: all of it is in a few files.
  return (own !== '' && file.startsWith(own)) || /\/dist\/(?:play\.cjs|build-[0-9a-f]{12}\/[^/]*)$/.test(file);
}

function stackHere(): string | undefined {
  const here: PlaceHolder = { [ofPlace]: true };
  Error.captureStackTrace(here);
  return here.stack;
}

/** Empty where the stack of a function of this file does not name this file. */
function ownSourceOn(stack: string | undefined): string {
  return /^.*\/src\/(?=playbook\/call-site\.ts$)/.exec(firstFrame(stack)?.file ?? '')?.[0] ?? '';
}

/** The first place on a stack in a file that `matters`. Frames of Node and of the language itself are in none. */
export function firstFrame(
  stack: string | undefined,
  matters: (file: string) => boolean = () => true,
): Location | undefined {
  for (const frame of stack?.split('\n') ?? []) {
    const match = /^\s+at (?:.*?[\s(])?((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/.exec(frame);
    if (!match?.[1]) continue;
    const file = match[1].startsWith('file:') ? fileURLToPath(match[1]) : match[1];
    if (matters(file)) return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return undefined;
}
