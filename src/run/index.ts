/** Plays over many hosts: what is prepared at the desk, then carried out. Imports engine, playbook, inventory, connection. */
export type { PreparedPlay, PreparedRun, RunOptions, RunRequest } from './types.ts';
export { prepareRun } from './prepare.ts';
export { execute } from './execute.ts';
