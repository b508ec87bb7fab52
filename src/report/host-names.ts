/** So few are named, however long the list of all is. */
const fewLacking = 3;

/**
 * Names of hosts, short: numbers as ranges in the way inventories write them, or how they differ from all.
 *
 * @param hosts in the order in which they are shown
 * @param all those of the play
 * @example hostsText(['web1', 'web2', 'web3', 'db1'], all)  // 'web[1:3], db1'
 * @example hostsText(allButOne, all)  // 'all 40 hosts but web7'
 */
export function hostsText(hosts: readonly string[], all: readonly string[]): string {
  const [only = ''] = hosts;
  if (hosts.length === 1) return only;
  const named = withRanges(hosts).join(', ');
  const told = new Set(hosts);
  const lacking = all.filter((host) => !told.has(host));
  if (all.length < 3 || lacking.length > fewLacking || all.length - lacking.length !== hosts.length) return named;
  const rest = lacking.length === 0 ? '' : ` but ${lacking.join(', ')}`;
  const counted = `all ${all.length} hosts${rest}`;
  return counted.length < named.length ? counted : named;
}

interface Numbered {
  readonly before: string;
  readonly after: string;
  /** How many digits each number has, where zeros fill it up; 0: none do. */
  readonly width: number;
}

/** Names that differ in one number, of which three or more follow one another, as `web[1:3].example.org`. */
function withRanges(names: readonly string[]): string[] {
  const left = new Set(names);
  const groups = new Map<string, { readonly form: Numbered; readonly numbers: Map<number, string> }>();
  for (const name of names)
    for (const [form, number] of numbered(name)) {
      const key = JSON.stringify(form);
      const group = groups.get(key) ?? { form, numbers: new Map<number, string>() };
      groups.set(key, group.numbers.has(number) ? group : { form, numbers: group.numbers.set(number, name) });
    }
  const texts = new Map<string, string>();
  for (const { form, numbers } of [...groups.values()].sort((a, b) => b.numbers.size - a.numbers.size)) {
    const free = [...numbers].filter(([, name]) => left.has(name)).sort(([a], [b]) => a - b);
    for (const run of runsOf(free)) {
      const [first, last] = [run[0], run.at(-1)];
      if (run.length < 3 || !first || !last) continue;
      const filled = (number: number): string => String(number).padStart(form.width, '0');
      const earliest = names.find((name) => run.some(([, one]) => one === name)) ?? first[1];
      texts.set(earliest, `${form.before}[${filled(first[0])}:${filled(last[0])}]${form.after}`);
      for (const [, name] of run) left.delete(name);
    }
  }
  return names.flatMap((name) => texts.get(name) ?? (left.has(name) ? [name] : []));
}

function* numbered(name: string): Generator<readonly [Numbered, number]> {
  for (const { 0: digits, index } of name.matchAll(/\d+/g)) {
    if (digits.length > 9) continue;
    const around = { before: name.slice(0, index), after: name.slice(index + digits.length) };
    if (digits === '0' || !digits.startsWith('0')) yield [{ ...around, width: 0 }, Number(digits)];
    if (digits.length > 1) yield [{ ...around, width: digits.length }, Number(digits)];
  }
}

function runsOf(entries: readonly (readonly [number, string])[]): (readonly [number, string])[][] {
  const runs: (readonly [number, string])[][] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1)?.[0] === entry[0] - 1) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/**
 * A text with the host's own name taken out, so that what differs in nothing else is the same text.
 *
 * @example nameless('Welcome to web1.example.org', 'web1.example.org')
 */
export function nameless(text: string, host: string): string {
  const [label = host] = host.split('.', 1);
  const names = label === host ? [host] : [host, label];
  return names.reduce(
    (shown, name, at) =>
      shown.includes(name) ? shown.replace(ownName(name), () => (at === 0 ? '\0host\0' : '\0label\0')) : shown,
    text,
  );
}

/** Not as a part of another name: `web1` is not in `web10`, nor in `my-web1`. */
function ownName(name: string): RegExp {
  const literal = name.replace(/[^A-Za-z0-9_]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ''}}`);
  return new RegExp(`(?<![\\w-])${literal}(?![\\w-])`, 'gu');
}
