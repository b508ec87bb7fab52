import { wrong } from '../python/value.ts';

/**
 * Compares two versions as Python's LooseVersion, which Ansible uses where nothing else is asked for: runs of digits as
 * numbers, runs of letters as texts. Negative, 0 or positive.
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (const [i, part] of a.entries()) {
    const same = b[i];
    if (same === undefined) return 1;
    if (part === same) continue;
    if (typeof part !== typeof same) throw wrong(`the versions "${one}" and "${other}" cannot be compared`);
    return part < same ? -1 : 1;
  }
  return a.length - b.length;
}

function partsOf(version: string): (number | string)[] {
  return [...version.matchAll(/\d+|[a-z]+/gi)].map(([part]) => (/^\d/.test(part) ? Number(part) : part));
}
