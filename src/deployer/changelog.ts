import { compareVersions } from './version.ts';

/** One version's entry in a Debian changelog (deb-changelog(5)). */
export interface ChangelogEntry {
  readonly version: string;
  /** `Federico <f@example.org>  Tue, 07 Nov 2023 10:00:00 +0000`; empty where it has none. */
  readonly signed: string;
  readonly lines: readonly string[];
}

/** Reads a changelog; what is no entry is left out, a cut last one kept. */
export function parseChangelog(text: string): ChangelogEntry[] {
  const entries: { version: string; signed: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const version = /^[a-z0-9][a-z0-9+.-]* \(([^() \t]+)\)/i.exec(line)?.[1];
    const entry = entries.at(-1);
    if (version !== undefined) entries.push({ version, signed: '', lines: [] });
    else if (entry && line.startsWith(' -- ')) entry.signed = line.slice(4).trim();
    else if (entry && /^\s/.test(line) && line.trim() !== '') entry.lines.push(line.trimEnd());
  }
  return entries;
}

/**
 * The entries by which two versions differ: those above the older, up to the newer. `from` undefined: the newest alone,
 * of a package that is not there yet.
 */
export function entriesBetween(
  entries: readonly ChangelogEntry[],
  from: string | undefined,
  to: string,
): readonly ChangelogEntry[] {
  if (from === undefined) return entries.filter(({ version }) => compareVersions(version, to) === 0);
  const [older, newer] = compareVersions(from, to) <= 0 ? [from, to] : [to, from];
  return entries.filter(({ version }) => compareVersions(version, older) > 0 && compareVersions(version, newer) <= 0);
}
