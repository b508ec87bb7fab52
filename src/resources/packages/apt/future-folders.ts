import type { Found, Prediction } from '../../../contract/index.ts';
import { stat } from '../../../probes/index.ts';
import { gone } from '../../kit/predictions.ts';
import type { RemovedPackage } from '../apt-contents.probe.ts';

/** A package that goes. */
export interface Going extends RemovedPackage {
  /** Check mode: folders that come with it by a task before, or were there. */
  readonly planned?: readonly string[];
}

/** Which folders of a package that is only planned stay depends on what else lies in them by then. */
export function foldersLeft({ name, planned = [] }: Going): Prediction[] {
  return planned.map((path) => leftOpen(path, name));
}

function leftOpen(path: string, name: string): Prediction {
  return {
    question: stat(path),
    answer: null,
    unknown: `whether ${path} goes with ${name} depends on what else is in it`,
  };
}

/**
 * dpkg removes folders that no other package has, once they are empty.
 *
 * @param lost the files that go
 */
export function foldersAfter(removed: readonly Going[], lost: ReadonlySet<string>, found: Found): Prediction[] {
  const own = new Set(removed.flatMap((one) => one.folders));
  return removed.flatMap((one) => {
    const files = [...one.others, ...one.conffiles].filter((path) => !lost.has(path) && !own.has(path));
    return one.folders.flatMap((folder) => {
      const planned = found.plannedBelow(folder);
      const isThere = new Map([
        ...files.filter((path) => path.startsWith(`${folder}/`)).map((path) => [path, true] as const),
        ...planned
          .filter(({ path }) => !lost.has(path) && !own.has(path))
          .map(({ path, after }) => [path, after.type !== 'absent'] as const),
      ]);
      if (![...isThere.values()].includes(true)) return gone(folder);
      // What a script takes away of it when it is purged, only that knows.
      return one.hasScript ? [leftOpen(folder, one.name)] : [];
    });
  });
}
