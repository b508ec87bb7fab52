import { resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { PlayError } from '../errors/index.ts';
import { shortPath } from '../report/index.ts';

/**
 * Refuses files that import one another in a circle: one of them runs before what it imports is there, and reads
 * undefined.
 *
 * @throws PlayError naming the files on the way round
 */
export function refuseCircles({ inputs }: Metafile): void {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const seen = way.indexOf(file);
    if (seen >= 0) throw circle([...way.slice(seen), file]);
    if (done.has(file)) return;
    for (const { path, external } of inputs[file]?.imports ?? [])
      if (!external && path in inputs) visit(path, [...way, file]);
    done.add(file);
  };
  for (const file of Object.keys(inputs)) visit(file, []);
}

function circle(way: readonly string[]): PlayError {
  const [first = ''] = way;
  return new PlayError(
    `These files import one another in a circle: ${way.map((file) => shortPath(resolve(file))).join(' -> ')}`,
    {
      where: { file: resolve(first) },
      hint: 'Move what both need into a file of its own.',
    },
  );
}
