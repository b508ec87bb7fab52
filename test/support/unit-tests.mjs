// Which test files are quick: those that reach, through whatever they import of test/, nothing that starts a throwaway host,
// play itself as a process, or Ansible to compare with.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const startsMuch =
  /\b(?:startSandbox|bundleSandbox|useHosts|playRoot|pythonWithAnsible|hostileHost|attackRounds)\b|'--sandbox/;

/** @returns paths of test files, from the root of the repository */
export function unitTests(root) {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .sort();
  return files.filter((file) => !reachesMuch(root, file, new Set()));
}

function reachesMuch(root, file, seen) {
  if (seen.has(file) || !existsSync(join(root, file))) return false;
  seen.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  if (startsMuch.test(text)) return true;
  const imported = [...text.matchAll(/\bfrom\s+'(\.[^']+)'/g)].map(([, path]) => normalize(join(dirname(file), path)));
  return imported.some((path) => relative('test', path)[0] !== '.' && reachesMuch(root, path, seen));
}
