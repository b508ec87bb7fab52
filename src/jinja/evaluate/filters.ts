import { dataFilters } from '../filters/data.ts';
import type { FilterDefinition } from '../filters/definition.ts';
import { listFilters } from '../filters/lists.ts';
import { mappingFilters } from '../filters/mappings.ts';
import { numberFilters } from '../filters/numbers.ts';
import { randomFilters } from '../filters/random.ts';
import { textFilters } from '../filters/text.ts';

/** Second names of filters. */
const aliases: Readonly<Record<string, string>> = { d: 'default' };

/** All filters that play has, by name. */
export const filters: ReadonlyMap<string, FilterDefinition> = new Map(
  Object.entries({
    ...textFilters,
    ...listFilters,
    ...mappingFilters,
    ...numberFilters,
    ...dataFilters,
    ...randomFilters,
  }),
);

/** A filter by its name, with or without Ansible's own collection. */
export function filterNamed(name: string): FilterDefinition | undefined {
  const short = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  return filters.get(aliases[short] ?? short);
}
