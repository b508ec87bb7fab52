/** Plain data of people's files, in the order they wrote it, and who runs play. Imports nothing of src/. */
export { parseJsonInOrder } from './json.ts';
export { inOrderOf, mappingOf } from './mapping.ts';
export { operatorName } from './operator.ts';
export { mostSeconds } from './timer.ts';
