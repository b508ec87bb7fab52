/** Which Debian a host stands on: this machine's own release, or another one made from the same mirror. */
import { readFileSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import type { SourceFile } from './apt-sources.ts';

/** The Debian releases a host can be of, whatever this machine is. */
export const sandboxReleases = ['bullseye', 'bookworm', 'trixie'] as const;
export type SandboxRelease = (typeof sandboxReleases)[number];

export const asRelease = (text: unknown): SandboxRelease | undefined =>
  sandboxReleases.find((release) => release === text);

/** @throws PlayError on a machine that does not say */
export function releaseOfMachine(): string {
  const suite = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (suite === undefined) {
    throw new PlayError('Sandbox: /etc/os-release names no VERSION_CODENAME', {
      hint: 'The sandbox needs a Debian or Ubuntu release.',
    });
  }
  return suite;
}

/** What Debian calls the parts of its archive; firmware has had one of its own since bookworm. */
const components = ['main', 'contrib', 'non-free', 'non-free-firmware'];
const unknownComponents: Readonly<Partial<Record<SandboxRelease, readonly string[]>>> = {
  bullseye: ['non-free-firmware'],
};

/**
 * This machine's apt sources as a machine of another release has them: Debian's own with the name of the release in
 * place of this one's. Those of others are left out, as nobody knows whether they serve it.
 *
 * @example sourcesOf('trixie', 'bookworm', [{ path, text: 'deb http://deb.debian.org/debian bookworm-updates main' }])
 * @throws PlayError where none is Debian's
 */
export function sourcesOf(
  release: SandboxRelease,
  machine: string,
  sources: readonly SourceFile[],
): readonly SourceFile[] {
  const suites = new RegExp(`^${machine}(?=$|-(?:updates|security|backports|proposed-updates)$)`);
  const missing = unknownComponents[release] ?? [];
  const renamed = (words: readonly string[]): string[] => words.map((word) => word.replace(suites, release));
  const kept = (words: readonly string[]): string[] => words.filter((word) => !missing.includes(word));
  const isDebians = (named: readonly string[], parts: readonly string[]): boolean =>
    named.length > 0 &&
    named.every((suite) => suites.test(suite)) &&
    parts.includes('main') &&
    parts.every((part) => components.includes(part));
  const changed = sources.flatMap(({ path, text }) => {
    const entries = path.endsWith('.sources') ? stanzas(text) : lines(text);
    const own = entries.flatMap((entry) => {
      if (!isDebians(entry.suites, entry.components)) return [];
      return [entry.write(renamed(entry.suites), kept(entry.components))];
    });
    return own.length === 0 ? [] : [{ path, text: `${own.join(path.endsWith('.sources') ? '\n\n' : '\n')}\n` }];
  });
  if (changed.length > 0) return changed;
  throw new PlayError(
    `Sandbox: a host of ${release} cannot be made: none of this machine's apt sources is Debian's for ${machine}`,
    {
      where: '/etc/apt',
      hint: `Its mirror is what ${release} would come from. Add one, such as \`deb http://deb.debian.org/debian ${machine} main\`.`,
    },
  );
}

interface Entry {
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly write: (suites: readonly string[], components: readonly string[]) => string;
}

const split = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** One-line-style entries: sources.list(5). */
function lines(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const [, start, suite, rest] = /^\s*(deb\s+(?:\[[^\]]*\]\s+)?\S+)\s+(\S+)\s+([^#]+)/.exec(line) ?? [];
    if (start === undefined || suite === undefined || rest === undefined) return [];
    const write: Entry['write'] = (suites, parts) => `${start} ${suites.join(' ')} ${parts.join(' ')}`;
    return [{ suites: [suite], components: split(rest), write }];
  });
}

/** Deb822-style entries. */
function stanzas(text: string): Entry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const bare = stanza.replace(/^#.*\n?/gm, '');
    const field = (name: string): string[] =>
      split(new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(bare)?.[1] ?? '');
    if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') return [];
    const put = (into: string, name: string, words: readonly string[]): string =>
      into.replace(new RegExp(`^${name}:.*(?:\\n[ \\t].*)*`, 'im'), `${name}: ${words.join(' ')}`);
    const write: Entry['write'] = (suites, parts) => put(put(bare.trim(), 'Suites', suites), 'Components', parts);
    return [{ suites: field('Suites'), components: field('Components'), write }];
  });
}
