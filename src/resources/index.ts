/** One file a resource: schema, probes, plan. Imports playbook, probes, template, secrets, errors. */
export { apt, type AptResult } from './apt/index.ts';
export { copy } from './copy.ts';
export { file } from './file.ts';
export { systemd, type SystemdResult } from './systemd.ts';
export { template } from './template.ts';
export { command } from './command.ts';
export { shell } from './shell.ts';
export { user } from './user.ts';
export { flushHandlers } from './flush-handlers.ts';
export { group } from './group.ts';
export { lineinfile } from './lineinfile.ts';
export { blockinfile } from './blockinfile.ts';
export { hostname } from './hostname.ts';
export { htpasswd } from './htpasswd.ts';
export { uri } from './uri.ts';
export { assert } from './assert.ts';
export { debug } from './debug.ts';
export { sync } from './sync.ts';
