/** Capabilities and the sets each is in: letters of `eip`. */
export type CapabilitySets = ReadonlyMap<string, string>;

const order = 'eip';
const sorted = (flags: Iterable<string>): string => [...order].filter((flag) => [...flags].includes(flag)).join('');

/** Reads cap_text_formats(7), as getcap(8) prints it: `cap_chown,cap_kill=ep cap_net_raw+i`. */
export function parseCapabilities(text: string): CapabilitySets {
  const found = new Map<string, string>();
  for (const clause of text.trim().split(/\s+/)) {
    const [, names = '', actions = ''] = /^([a-z0-9_,]*)((?:[=+-][eip]*)+)$/i.exec(clause) ?? [];
    for (const name of names
      .toLowerCase()
      .split(',')
      .filter((one) => one !== '')) {
      for (const [, operator, flags = ''] of actions.matchAll(/([=+-])([eip]*)/g)) {
        const now = found.get(name) ?? '';
        found.set(
          name,
          sorted(
            operator === '='
              ? flags
              : operator === '+'
                ? now + flags
                : [...now].filter((flag) => !flags.includes(flag)),
          ),
        );
      }
    }
  }
  for (const [name, flags] of found) if (flags === '') found.delete(name);
  return found;
}

/** Always in the same order, so that two of the same sets are the same text. */
export function formatCapabilities(sets: CapabilitySets): string {
  const byFlags = new Map<string, string[]>();
  for (const [name, flags] of [...sets].sort(([a], [b]) => (a < b ? -1 : 1)))
    byFlags.set(flags, [...(byFlags.get(flags) ?? []), name]);
  return [...byFlags]
    .map(([flags, names]) => `${names.join(',')}=${flags}`)
    .sort()
    .join(' ');
}
