import type { ChangeMove } from './compare-changes.ts';
import type { PlannedOption, PlannedTask } from './schema.ts';

/**
 * How what a task was told is not what the plan says. Changes that look alike may be of something else: another path, another
 * unit, another folder to work in.
 */
export function compareOptions(planned: PlannedTask['options'], now: PlannedTask['options']): ChangeMove[] {
  if (planned === undefined && now !== undefined)
    return [{ of: 'wanted', text: 'the plan does not say what it is told to do' }];
  const names = [...new Set([...Object.keys(planned ?? {}), ...Object.keys(now ?? {})])].toSorted();
  return names.flatMap((name): ChangeMove[] => {
    const [before, after] = [valueOf(planned, name), valueOf(now, name)];
    if (before === after) return [];
    return isDigest(before) && isDigest(after)
      ? [{ of: 'wanted', text: `option ${name} has a different value`, vague: true }]
      : [{ of: 'wanted', text: `option ${name} is ${after}; the plan has ${before}` }];
  });
}

function valueOf(options: PlannedTask['options'], name: string): string {
  const value = options !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;
  return value === undefined ? 'none' : JSON.stringify(sorted(value));
}

/** Plans are written with sorted keys; what is derived now has them as they come. */
function sorted(value: PlannedOption): PlannedOption {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}

const isDigest = (value: string): boolean => value.startsWith('"sha256:');
