/** What `locale` shall make of /etc/locale.gen. */
export interface LocalesEdit {
  readonly names: readonly string[];
  /** The line of each name: `de_DE.UTF-8 UTF-8`. */
  readonly lines: readonly string[];
  readonly state: 'present' | 'absent';
}

/** Takes the mark of a comment from the lines wanted, or puts it before those not wanted; what has no line gets one. */
export function editLocales(text: string, { names, lines, state }: LocalesEdit): string {
  const now = text.split('\n');
  if (now.at(-1) === '') now.pop();
  const active = new Set<string>();
  for (const line of now) if (/^\s*[^#\s]/.test(line)) active.add(line.trim().split(/\s+/)[0] ?? '');
  const made = now.map((line) => {
    const [, mark = '', rest = ''] = /^\s*(#?)\s*(.*?)\s*$/.exec(line) ?? [];
    const name = rest.split(/\s+/)[0] ?? '';
    const at = names.indexOf(name);
    if (at < 0 || !/^\S+\s+\S+$/.test(rest)) return line;
    if (state === 'absent') return mark === '' ? `# ${rest}` : line;
    if (active.has(name)) return line;
    active.add(name);
    return lines[at] ?? line;
  });
  if (state === 'present') made.push(...names.flatMap((name, i) => (active.has(name) ? [] : [lines[i] ?? ''])));
  return made.length === now.length && made.every((line, i) => line === now[i])
    ? text
    : made.map((line) => `${line}\n`).join('');
}
