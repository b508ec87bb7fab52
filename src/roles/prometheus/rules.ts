import { basename } from 'node:path';
import { option, PlayError, v } from 'play';

/** The general rules of files/. */
export const generalRules = ['blackbox', 'hosts', 'prometheus'] as const;

export const ruleFileVariable = option.list(
  "Rule files of your own: absolute paths, which the playbook knows: `join(import.meta.dirname, 'files/api.yml')`.",
  v.pipe(
    v.string(),
    v.startsWith('/', "must be an absolute path: join(import.meta.dirname, 'files/api.yml') in the playbook"),
    v.regex(/\.ya?ml$/, 'must end in .yml'),
  ),
  [],
);

/**
 * The files of rules by their names on the host. They are named one by one in the configuration: a file left behind there
 * is not loaded.
 *
 * @throws PlayError where two have the same name
 */
export function ruleFiles(general: readonly string[], own: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const src of [...general.map((name) => `${name}.yml`), ...own]) {
    const name = basename(src);
    if (files.has(name))
      throw new PlayError(`Prometheus would have two rule files named ${name}`, {
        hint: 'Rename one of prometheus_rule_files, or leave the general one out of prometheus_rules.',
      });
    files.set(name, src);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
