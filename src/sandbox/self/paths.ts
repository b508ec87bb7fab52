/** Paths of this machine, absolute. */
import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import type { Layer } from '../upper-layer.ts';

export const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory === '/' ? directory : `${directory}/`) && path !== directory;

/** Where a path leads to; undefined where there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Those that lie in no other of them. */
export function outermost(paths: readonly string[]): string[] {
  const kept: string[] = [];
  for (const path of [...new Set(paths)].sort((a, b) => a.length - b.length)) {
    if (!kept.some((directory) => isBelow(path, directory))) kept.push(path);
  }
  return kept;
}

/** The layer that shows a path, and the path in it. */
export function inLayer<T extends Pick<Layer, 'at'>>(layers: readonly T[], path: string): { layer: T; path: string } {
  const [layer] = layers
    .filter(({ at }) => at === '/' || path === at || isBelow(path, at))
    .sort((a, b) => b.at.length - a.at.length);
  if (layer === undefined) throw new Error(`no layer for ${path}`);
  return { layer, path: relative(layer.at, path) };
}
