/** What `sysctl` shall make of a file of settings. */
export interface SysctlEdit {
  /** A path below /proc/sys. */
  readonly path: string;
  /** The name as it is written into the file. */
  readonly name: string;
  /** undefined: no line. */
  readonly value: string | undefined;
}

/** sysctl.d(5): the first separator says which of `.` and `/` parts names; the other is a letter of theirs. */
export function sysctlPath(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first === '/') return name;
  return [...name].map((letter) => (letter === '.' ? '/' : letter === '/' ? '.' : letter)).join('');
}

/** Blanks in a value count once: the kernel prints tabs where people write blanks. */
export function sameValue(one: string, other: string): boolean {
  return one.trim().split(/\s+/).join(' ') === other.trim().split(/\s+/).join(' ');
}

/** Makes the file right. The last line of a setting counts, so others of it go. */
export function editSysctl(text: string, { path, name, value }: SysctlEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const own = lines.map((line) => {
    const [, mark = '', key, now = ''] = /^\s*(-?)\s*([^\s#;=-][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return key !== undefined && sysctlPath(key) === path ? { mark, now } : undefined;
  });
  const last = own.findLastIndex((one) => one !== undefined);
  const made = lines.flatMap((line, i) => {
    const one = own[i];
    if (one === undefined) return [line];
    if (value === undefined || i !== last) return [];
    // The mark says that a failure is no matter (sysctl.d(5)).
    return [sameValue(one.now, value) ? line : `${one.mark}${name} = ${value}`];
  });
  if (value !== undefined && last < 0) made.push(`${name} = ${value}`);
  return made.length === lines.length && made.every((line, i) => line === lines[i])
    ? text
    : made.map((line) => `${line}\n`).join('');
}
