/**
 * The entry of the bundle: the command line, and the API that playbooks import.
 * `cli/` reads options, loads playbooks, wires the layers below and sets the exit code; it may import all of them.
 */
import * as names from '../index.ts';
import { strictApi } from './strict-api.ts';

export const api = strictApi(names);
export { start } from './main.ts';
