/**
 * A name of a file as a task has it, without what only says where to look for it: the folder of the role or of the playbook, and lookups that
 * take the role's own file where no other place has one (`lookup('debops.debops.template_src', NAME)`).
 */
export function sourceName(written: string): string {
  const [, inner] = /^\{\{\s*lookup\(\s*["'][\w.]+_src["']\s*,\s*([^]+?)\s*\)\s*\}\}$/.exec(written.trim()) ?? [];
  const [, literal] = /^(?:"([^"]*)"|'([^']*)')$/.exec(inner ?? '') === null ? [] : [inner, inner?.slice(1, -1)];
  const name = literal ?? (inner === undefined ? written : `{{ ${inner} }}`);
  return name
    .replace(/^\{\{\s*role_path\s*\}\}\/(?:templates|tasks|files)\//, '')
    .replace(/^\{\{\s*playbook_dir\s*\}\}\//, '')
    .replace(/^(?:\.\/+)+/, '');
}

/** What a computed name may be: its constant parts fit. Undefined where all of it is computed. */
export function namePattern(written: string): RegExp | undefined {
  const parts = written.trim().split(/\{\{[^]*?\}\}/);
  if (parts.every((part) => part === '')) return undefined;
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.+')}$`);
}
