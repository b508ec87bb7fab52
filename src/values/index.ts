/** Plain data of people's files, in the order they wrote it. Imports nothing of src/. */
export { parseJsonInOrder } from './json.ts';
export { inOrderOf, mappingOf } from './mapping.ts';
export { mostSeconds } from './timer.ts';
