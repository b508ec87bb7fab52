import { hash } from 'node:crypto';
import { visible } from '../../../connection/byte-text.ts';
import { PlayError } from '../../../errors/index.ts';
import type { Secret } from '../../../secrets/index.ts';

/** One path of a tree as it shall be, relative to the tree's root. */
export type WantedEntry = WantedFolder | WantedLink | WantedTreeFile;

interface WantedFolder {
  readonly type: 'directory';
  readonly name: string;
  readonly mode: string;
}

interface WantedLink {
  readonly type: 'link';
  readonly name: string;
  readonly target: string;
}

interface WantedTreeFile {
  readonly type: 'file';
  readonly name: string;
  readonly mode: string;
  readonly sha256: string;
  readonly size: number;
  /** Undefined where only the host has it (an archive that lies there). */
  readonly content: Buffer | undefined;
  /** Its path in the archive on the host, where that is not its name. */
  readonly from?: string;
  /**
   * The time it gets when it is written, in whole seconds since 1970; undefined: that of the writing. What has the
   * right bytes keeps its own.
   */
  readonly modified?: number | undefined;
  readonly secrets?: readonly Secret[] | true;
}

/** A tree of files as it shall be below `dest`. */
export interface WantedTree {
  readonly dest: string;
  /** Parents before what is in them. */
  readonly entries: readonly WantedEntry[];
  /** Remove what is there and not wanted. */
  readonly delete: boolean;
  /** What is neither written nor removed. */
  readonly isExcluded: (name: string) => boolean;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** An archive on the host that has the files' bytes; undefined: they travel from here. */
  readonly archive?: { readonly path: string; readonly isZip: boolean } | undefined;
  /** A link to a directory, where a directory is wanted, is as good: /lib on most hosts. Only without `delete`. */
  readonly keepsFolderLinks?: boolean;
  /** `dest` is made if it is not there. */
  readonly makesDest: boolean;
}

/** A file from its bytes. */
export function fileEntry(
  name: string,
  content: Buffer,
  mode: string,
  more: Pick<WantedTreeFile, 'modified' | 'secrets'> = {},
): WantedTreeFile {
  return {
    ...more,
    type: 'file',
    name,
    mode,
    content,
    size: content.length,
    sha256: hash('sha256', content),
  };
}

/** `a/b`, then `a`, for `a/b/c`. */
export function* parentsOf(name: string): Generator<string> {
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) yield name.slice(0, at);
}

/**
 * Adds the folders that entries lie in and that no entry names. Parents come first.
 * @throws PlayError where an entry would lie below a file or a link
 */
export function withParents(entries: readonly WantedEntry[], mode: string): WantedEntry[] {
  const all = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name } of entries) {
    for (const above of parentsOf(name)) {
      const there = all.get(above);
      if (there === undefined) all.set(above, { type: 'directory', name: above, mode });
      else if (there.type !== 'directory')
        throw new PlayError(`${visible(name)} cannot be below ${visible(above)}, which should be a ${there.type}`);
    }
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * Patterns as in gitignore(5), but for `!`: without a slash before their end they fit a name at any depth, else the
 * path from the tree's root (rsync(1) would fit `a/b` at any depth, too). `*` and `?` stop at slashes, `**` does not.
 * What is below an excluded folder is excluded too.
 */
export function excluder(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => {
    const clean = pattern.replace(/\/$/, '');
    const isAnchored = clean.includes('/');
    return new RegExp(`${isAnchored ? '^' : '(?:^|/)'}${globSource(clean.replace(/^\//, ''))}(?:/|$)`, 'su');
  });
  return (name) => tests.some((test) => test.test(name));
}

/** The regular expression of a shell pattern (glob(7)), without anchors. */
export function globSource(pattern: string): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const one = pattern[i] ?? '';
    const set = one === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(i)) : null;
    if (set) {
      source += `[${set[1] === '' ? '' : '^'}${(set[2] ?? '').replace(/[\\[\]^]/g, '\\$&')}]`;
      i += set[0].length - 1;
    } else if (pattern.startsWith('**', i)) {
      source += '.*';
      i++;
    } else if (one === '*') source += '[^/]*';
    else if (one === '?') source += '[^/]';
    else source += one.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return source;
}
