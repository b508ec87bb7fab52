/** Plain data of people's files, in the order they wrote it, values that only Python has, and who runs play. Imports nothing of src/. */
export { parseJsonInOrder } from './json.ts';
export { inOrderOf, mappingOf } from './mapping.ts';
export { operatorName } from './operator.ts';
export { PythonValue, jsonOf, pythonFloat, type PythonKind } from './python-value.ts';
export { mostSeconds } from './timer.ts';
