import { EditRefused } from '../../formats/text-edit.ts';

/** One repository in a file of repositories (dnf.conf(5)). */
export interface RepositoryEdit {
  /** Its id: the name of the section. */
  readonly id: string;
  /** Its options, in the order they are written; null: the section goes. */
  readonly values: readonly (readonly [option: string, value: string])[] | null;
}

/** Makes the text right. A section that says the same already, in whatever spelling, stays as it is. */
export function editRepository(text: string, { id, values }: RepositoryEdit): string {
  const parts = partsOf(text);
  const own = parts.filter((one) => one.id === id);
  if (own.length > 1) throw new EditRefused(`the section [${id}] stands ${own.length} times; leave one of them`);
  const [old] = own;
  if (values === null)
    return parts
      .filter((one) => one !== old)
      .map((one) => one.text)
      .join('');
  if (old && isSame(optionsOf(old.text), values)) return text;
  const section = `[${id}]\n${values.map(([option, value]) => `${option} = ${value}\n`).join('')}`;
  if (!old)
    return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${text.trim() === '' ? '' : '\n'}${section}`;
  // What divides it from the next one stays.
  const gap = /(?:^|\n)((?:[ \t]*\n|[#;][^\n]*\n?)*)$/.exec(old.text)?.[1] ?? '';
  return parts.map((one) => (one === old ? section + gap : one.text)).join('');
}

/** Whether a text has no repository. */
export const isWithout = (text: string): boolean => partsOf(text).every((one) => one.id === undefined);

interface Part {
  /** Undefined: what stands before the first section. */
  readonly id: string | undefined;
  readonly text: string;
}

function partsOf(text: string): Part[] {
  return text
    .split(/^(?=\[)/m)
    .filter((part) => part !== '')
    .map((part) => ({ id: /^\[([^\]\n]*)\]/.exec(part)?.[1], text: part }));
}

/** As dnf reads them: a line that begins with a blank goes on with the value before it. */
function optionsOf(section: string): Map<string, string> {
  const options = new Map<string, string>();
  let last: string | undefined;
  for (const line of section.split('\n').slice(1)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const more = /^\s+(.*)$/.exec(line)?.[1];
    const [, option, value = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (more !== undefined && last !== undefined) options.set(last, `${options.get(last) ?? ''} ${more}`);
    else if (option !== undefined) options.set((last = option), value);
  }
  return options;
}

function isSame(now: ReadonlyMap<string, string>, wanted: readonly (readonly [string, string])[]): boolean {
  return (
    now.size === wanted.length &&
    wanted.every(([option, value]) => {
      const old = now.get(option);
      return old !== undefined && (old.trim() === value || normal(option, old) === normal(option, value));
    })
  );
}

const truths: Readonly<Record<string, string>> = {
  1: '1',
  yes: '1',
  true: '1',
  on: '1',
  0: '0',
  no: '0',
  false: '0',
  off: '0',
};
const lists = new Set(['baseurl', 'gpgkey', 'exclude', 'excludepkgs', 'includepkgs']);

/** A value however it is spelled. */
function normal(option: string, value: string): string {
  const text = value.trim();
  if (lists.has(option))
    return text
      .split(/[\s,]+/)
      .filter((one) => one !== '')
      .join(' ');
  return truths[text.toLowerCase()] ?? text;
}
