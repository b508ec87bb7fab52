/**
 * What every error of play carries, and how a wrong name finds the right one.
 * Imports nothing of src/: any folder may throw these; `report/` alone renders them.
 */
export { PlayError, locationText, type Location, type PlayErrorData } from './play-error.ts';
export { distance, nearest, unknownName } from './nearest.ts';
export { ExitCode } from './exit-code.ts';
export { startFailure } from './start-failure.ts';
export { excerpt } from './excerpt.ts';
