/** What a symbolic link at a path points to; null where there is none, undefined where that is not known. */
export type LinkAt = (path: string) => string | null | undefined;

export interface Resolved {
  /** The path without links, as far as they are known. */
  readonly path: string;
  /** Paths on the way that may or may not be links; treated as if they were not. */
  readonly unknown: readonly string[];
  /** The links that were followed. */
  readonly followed: readonly string[];
}

/** As often as the kernel follows links before it gives up (path_resolution(7)). */
const mostLinks = 40;

/**
 * Where an absolute path leads, step by step as the kernel goes (path_resolution(7)).
 *
 * @param followsLast whether a link at the path itself is followed too, as open(2) does and lstat(2) does not
 */
export function resolveLinks(path: string, followsLast: boolean, linkAt: LinkAt): Resolved {
  if (!path.startsWith('/')) return { path, unknown: [], followed: [] };
  const unknown: string[] = [];
  const followed: string[] = [];
  const left = partsOf(path);
  let at = '';
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${part}`;
    const target = left.length > 0 || followsLast ? linkAt(next) : null;
    if (target === undefined) unknown.push(next);
    if (typeof target !== 'string' || followed.length >= mostLinks) at = next;
    else {
      followed.push(next);
      if (target.startsWith('/')) at = '';
      left.unshift(...partsOf(target));
    }
  }
  return { path: at === '' ? '/' : at, unknown, followed };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
