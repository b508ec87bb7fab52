import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Also Ansible's: whoever uses both has variables that only roles and templates of theirs read. */
const sources = /\.(?:[cm]?[jt]s|hbs|j2|ya?ml)$/;
/** Inventories and files of variables name them, but do not read them. */
const skipped = /^(?:node_modules|dist|inventory|group_vars|host_vars|\..*)$/;

/**
 * Every word that could name a variable in the sources and templates below a folder. A name put together at run time is
 * not among them, so what is missing here is a hint and never proof.
 *
 * @param without whole paths of files that are left out
 */
export function namesInSources(folder: string, without: ReadonlySet<string> = new Set()): Set<string> {
  const names = new Set<string>();
  addBelow(folder, without, names);
  return names;
}

function addBelow(folder: string, without: ReadonlySet<string>, names: Set<string>): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.test(entry.name)) addBelow(path, without, names);
    else if (entry.isFile() && sources.test(entry.name) && !without.has(path))
      for (const name of namesInText(readFileSync(path, 'utf8'))) names.add(name);
  }
}

/** The words of one text that could name a variable. */
export function namesInText(text: string): string[] {
  return text.match(/[A-Za-z_]\w*/g) ?? [];
}
