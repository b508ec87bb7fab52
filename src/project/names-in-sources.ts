import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Also Ansible's: whoever uses both has variables that only roles and templates of theirs read. */
const sources = /\.(?:[cm]?[jt]s|hbs|j2|ya?ml)$/;
/** Inventories and files of variables name them, but do not read them. */
const skipped = /^(?:node_modules|dist|inventory|group_vars|host_vars|\..*)$/;

/**
 * The texts of the sources and templates below a folder, one after the other.
 *
 * @param without whole paths of files that are left out
 */
export function* sourceTexts(folder: string, without: ReadonlySet<string> = new Set()): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.test(entry.name)) yield* sourceTexts(path, without);
    else if (entry.isFile() && sources.test(entry.name) && !without.has(path)) yield readFileSync(path, 'utf8');
  }
}

/**
 * The words of a text that could name a variable. A name put together at run time is not among them, so what is missing
 * here is a hint and never proof.
 */
export function namesInText(text: string): string[] {
  return text.match(/[A-Za-z_]\w*/g) ?? [];
}
