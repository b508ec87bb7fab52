/**
 * The entry of the bundle: the command line, and the API that playbooks import.
 * `cli/` reads options, loads playbooks, wires the layers below and sets the exit code; it may import all of them.
 */
export * as api from '../index.ts';
export { start } from './main.ts';
