/**
 * Facts that a host's own administrator wrote: `NAME.fact` files of Ansible's folder, JSON or INI; one that may be run is
 * run, and prints JSON. What somebody other than root could have written is not read: it would be run as root.
 */
export const localFactsFolder = '/etc/ansible/facts.d';

/** Prints a line for each: its name, how it ended, and what it holds in base64. */
export const localFactsSh = `cd ${localFactsFolder} 2>/dev/null || exit 0
[ -z "$(find . -maxdepth 0 \\( ! -user 0 -o -perm -0002 \\))" ] || exit 0
for f in *.fact; do
  [ -f "$f" ] && [ -z "$(find "./$f" -prune \\( ! -user 0 -o -perm -0002 \\))" ] || continue
  if [ -x "$f" ]; then o=$("./$f" 2>/dev/null </dev/null); c=$?; else o=$(cat "./$f"); c=$?; fi
  printf '%s %s %s\\n' "$c" "$(printf %s "$o" | base64 | tr -d '\\n')" "\${f%.fact}"
done`;

/** What each file holds, by its name. */
export function readLocalFacts(output: string): Readonly<Record<string, unknown>> {
  const lines = output.split('\n').flatMap((line) => {
    const [, code, content = '', name] = /^(\d+) (\S*) (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ code, content: Buffer.from(content, 'base64').toString('utf8'), name }];
  });
  return Object.fromEntries(
    lines.map(({ code, content, name }) => [name, code === '0' ? valueOf(content) : `it ended with code ${code}`]),
  );
}

function valueOf(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return sectionsOf(content);
  }
}

/** INI as Python's configparser reads it: names of options in small letters. */
function sectionsOf(content: string): Readonly<Record<string, Readonly<Record<string, string>>>> | string {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of content.split('\n')) {
    const text = line.trim();
    if (text === '' || /^[#;]/.test(text)) continue;
    const header = /^\[(.+)\]$/.exec(text)?.[1];
    if (header !== undefined) {
      current = sections.get(header) ?? new Map<string, string>();
      sections.set(header, current);
      continue;
    }
    const [, key, value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(text) ?? [];
    if (current === undefined || key === undefined) return 'error loading fact - please check content';
    current.set(key.toLowerCase(), value);
  }
  return Object.fromEntries([...sections].map(([name, options]) => [name, Object.fromEntries(options)]));
}
