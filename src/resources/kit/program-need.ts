import { resolve } from 'node:path/posix';
import { LANE_PATH } from '../../connection/index.ts';
import { ProbeFailed, Unknowable, type Found, type Need, type Question, type Stat } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';

/** What has to be on the host before a command can be started there. */
export interface ProgramNeed {
  /** Where it is started; relative programs are meant from there. */
  readonly chdir: string;
  /** Paths, or names that are looked up in the search path. All of them. */
  readonly programs: readonly string[];
  /** The search path, where it is not the usual one; an empty word in it is the folder itself. */
  readonly searchPath?: string | undefined;
}

/**
 * Why a command cannot be started, with which code a shell would say so, and what to take for granted where it may be
 * there by then.
 */
export interface Lack extends Need {
  readonly code: number;
  readonly assume: string;
}

/**
 * What a command needs is asked along with all else, so that the run says the same as check mode, and at no further
 * exchange.
 */
export function needQuestions({ chdir, programs, searchPath }: ProgramNeed): Question[] {
  const places = programs.flatMap((program) => placesOf(program, chdir, searchPath));
  return [...(chdir === '/' ? [] : [chdir]), ...places].map((path) => stat(path));
}

/** What is missing for a command to be started at all. */
export function lacksOf(need: ProgramNeed, found: Found): readonly Lack[] {
  const { chdir, programs, searchPath } = need;
  found.need(...needQuestions(need));
  return [
    lackOfFolder(chdir, found),
    ...programs.map((program) => lackOfProgram(program, placesOf(program, chdir, searchPath), found)),
  ].filter((lack) => lack !== undefined);
}

/** The first that nothing planned before may bring. What may come by then (check mode) is taken for granted. */
export function firstUnmet(lacks: readonly Lack[], found: Found): Lack | undefined {
  return lacks.find(({ assume, by }) => !found.anticipate(assume, by ?? undefined));
}

/** Why there is no such folder to run anything in. */
function lackOfFolder(chdir: string, found: Found): Lack | undefined {
  if (chdir === '/') return undefined;
  const at = look(chdir, found);
  if (at === undefined || at.type === 'directory' || at.type === 'link') return undefined;
  const assume = `${chdir} is there`;
  if (at.type !== 'absent') return { failure: `${chdir} is not a directory`, assume, by: null, code: 125 };
  return {
    failure: `the directory ${chdir} does not exist`,
    hint: `Make it first: file({ path: '${chdir}', state: 'directory' })`,
    assume,
    code: 125,
  };
}

function lackOfProgram(program: string, places: readonly string[], found: Found): Lack | undefined {
  const here = places.map((place) => ({ place, at: look(place, found) })).filter(({ at }) => at?.type !== 'absent');
  // By a name the shell passes over what it may not execute, and goes on to the next folder.
  if (here.some(({ at }) => at === undefined || at.type === 'link' || (at.type === 'file' && isExecutable(at.mode))))
    return undefined;
  const [one] = here;
  if (one === undefined)
    return {
      failure: `the program ${shown(program)} ${program.includes('/') ? 'does not exist' : 'is not installed'}`,
      assume: `${shown(program)} is there`,
      by: 'programs',
      code: 127,
    };
  const why = one.at?.type === 'file' ? `may not be executed (its mode is ${one.at.mode})` : 'is not a program';
  return { failure: `${one.place} ${why}`, assume: `${one.place} is a program`, code: 126 };
}

/** What will be there; undefined where that cannot be known. */
function look(path: string, found: Found): Stat | undefined {
  try {
    return found.peek(stat(path)).answer;
  } catch (error) {
    // A folder that this account may not look into, say: it may be that it may start what is there.
    if (error instanceof Unknowable || error instanceof ProbeFailed) return undefined;
    throw error;
  }
}

function placesOf(program: string, chdir: string, searchPath = LANE_PATH): string[] {
  if (program.includes('/')) return [resolve(chdir, program)];
  return searchPath.split(':').map((folder) => resolve(chdir, folder, program));
}

function isExecutable(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o111) !== 0;
}

function shown(program: string): string {
  return /^[\x21-\x7e]+$/.test(program) ? program : JSON.stringify(program);
}
