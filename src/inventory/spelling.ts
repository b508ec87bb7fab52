import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Vault } from '../secrets/index.ts';
import { filesOf, formOf } from './load.ts';
import { isVarsFile, openYaml, readText, uniqueDirectories } from './vars-files.ts';
import type { FoundTrap } from './yaml-file.ts';

/**
 * Every spelling that YAML 1.1 and 1.2 read differently, in all files of an inventory and the variables beside it and
 * beside the playbooks: projects that come from Ansible have many, and reading stops at the first. Unreadable files are
 * left out.
 */
export function ambiguousSpellings(
  sources: readonly string[],
  playbookDir: string | undefined,
  vault: Vault,
): readonly FoundTrap[] {
  const files = sources.flatMap((source) => (source.includes(',') && !existsSync(source) ? [] : filesOf(source)));
  const beside = uniqueDirectories([
    ...sources.filter((source) => existsSync(source)).map(folderOf),
    ...(playbookDir === undefined ? [] : [resolve(playbookDir)]),
  ]);
  const variables = beside.flatMap((folder) =>
    ['group_vars', 'host_vars'].flatMap((name) => filesBelow(join(folder, name))),
  );
  return [...files.filter((file) => !file.endsWith('.ts') && isYaml(file)), ...variables].flatMap((file) =>
    trapsOf(file, vault),
  );
}

function folderOf(source: string): string {
  const path = resolve(source);
  return statSync(path).isDirectory() ? path : dirname(path);
}

function isYaml(file: string): boolean {
  return formOf(file, readText(file)) === 'yaml';
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .filter((name) => !/^\.|~$/.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (!existsSync(path)) return [];
      if (statSync(path).isDirectory()) return filesBelow(path);
      return isVarsFile(name) ? [path] : [];
    });
}

function trapsOf(file: string, vault: Vault): readonly FoundTrap[] {
  try {
    return openYaml(readText(file), file, { vault, yaml: 'ansible', warn: () => undefined }).traps();
  } catch {
    return []; // Reading the inventory reports what is wrong with it.
  }
}
