import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import { parseJsonInOrder } from '../values/index.ts';
import type { GroupRecord, InventoryBuilder } from './builder.ts';
import { withoutJinja } from './ini.ts';
import type { Value } from './types.ts';

/**
 * Whether a source is to be executed: it starts with `#!`, or is a compiled program. A stray x bit on a text file is
 * not enough.
 */
export function isProgram(path: string): boolean {
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  if (start.toString('latin1').startsWith('#!')) return true;
  return start.toString('latin1') === '\x7fELF' && canRun(path);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };

/**
 * Runs an executable inventory (`--list`, and `--host` where it prints no `_meta`) and reads its JSON
 * (ansible/plugins/inventory/script.py).
 */
export function readScript(path: string, builder: InventoryBuilder): void {
  const listed = ask(path, ['--list']);
  const named = new Set<string>();
  for (const [name, data] of Object.entries(listed)) if (name !== '_meta') readGroup(name, data, path, builder, named);
  const meta = listed['_meta'];
  const hostvars = isMap(meta) ? meta['hostvars'] : undefined;
  for (const name of named) {
    const given = hostvars === undefined ? ask(path, ['--host', name]) : isMap(hostvars) ? hostvars[name] : undefined;
    const host = builder.hosts.get(name);
    if (isMap(given))
      for (const [key, value] of Object.entries(given))
        host?.vars.set(key, { value: freeze(value, path), where: { file: path } });
  }
}

function readGroup(name: string, data: Json, path: string, builder: InventoryBuilder, named: Set<string>): void {
  const where = { file: path };
  const group = builder.addGroup(name, where);
  const { hosts, vars, children } = normalize(data, name);
  if (hosts !== undefined && !Array.isArray(hosts)) throw bad(path, `the hosts of group ${name} are not a list`);
  for (const host of Array.isArray(hosts) ? hosts : []) {
    if (typeof host !== 'string') throw bad(path, `a host of group ${name} is not text`);
    named.add(host);
    builder.addHost(host, group, where);
  }
  if (vars !== undefined) setVariables(group, vars, path, builder);
  if (children !== undefined && !Array.isArray(children))
    throw bad(path, `the children of group ${name} are not a list`);
  for (const child of Array.isArray(children) ? children : [])
    builder.addChild(group, builder.addGroup(String(child), where), where);
}

/** A bare list contains the hosts; a mapping without any of the three keys contains a host's variables. */
function normalize(
  data: Json,
  name: string,
): { readonly hosts?: Json; readonly vars?: Json; readonly children?: Json } {
  if (!isMap(data)) return { hosts: data };
  return 'hosts' in data || 'vars' in data || 'children' in data ? data : { hosts: [name], vars: data };
}

function setVariables(group: GroupRecord, vars: Json, path: string, builder: InventoryBuilder): void {
  if (!isMap(vars)) throw bad(path, `the vars of group ${group.name} are not a mapping`);
  for (const [key, value] of Object.entries(vars))
    builder.setGroupVariable(group, key, { value: freeze(value, path), where: { file: path } });
}

function ask(path: string, args: readonly string[]): JsonMap {
  const command = [path, ...args].join(' ');
  let text: string;
  try {
    text = execFileSync(path, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trimEnd() : '';
    const isDenied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    throw new PlayError('The executable inventory failed', {
      where: { file: path },
      hint: isDenied ? `It begins with #! but may not be run: chmod +x ${path}` : `Run it by hand: ${command}`,
      detail: stderr.split('\n').slice(-5).join('\n'),
      cause,
    });
  }
  if (text.trim() === '' && args[0] === '--host') return {};
  try {
    const parsed: unknown = parseJsonInOrder(text);
    if (isMap(parsed)) return parsed;
  } catch {
    // Reported below, together with JSON that is no mapping.
  }
  throw bad(path, `${command} did not print a JSON mapping`);
}

function bad(path: string, why: string): PlayError {
  return new PlayError(`The executable inventory is not usable: ${why}`, {
    where: { file: path },
    hint: `Look at what it prints: ${path} --list`,
  });
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function freeze(value: Json, path: string): Value {
  return withoutJinja(value, { file: path });
}
