import { unknownName } from '../errors/index.ts';

/** Splits `a,b` and lists of them. */
export function tagList(...tags: readonly (string | readonly string[] | undefined)[]): string[] {
  const all = tags.flatMap((tag) => (tag === undefined ? [] : typeof tag === 'string' ? [tag] : [...tag]));
  return [
    ...new Set(
      all
        .flatMap((tag) => tag.split(','))
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ];
}

const special = ['all', 'tagged', 'untagged', 'always', 'never'];

/** Which tasks `-t` and `--skip-tags` choose. */
export interface TagSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/**
 * Whether a task with these tags runs: ansible-core's `Taggable.evaluate_tags`, special tags included. A task without
 * tags has the tag `untagged`; one that has only `always` or `never` is tagged.
 */
export function isSelected(own: readonly string[], { only, skip }: TagSelection): boolean {
  const tags = own.length > 0 ? own : ['untagged'];
  const isTagged = own.length > 0;
  const has = (tag: string): boolean => tags.includes(tag);
  const hasOneOf = (wanted: readonly string[]): boolean => tags.some((tag) => wanted.includes(tag));
  const chosen = only.length > 0 ? only : ['all'];
  const open = !has('never');
  const runs =
    has('always') ||
    (chosen.includes('all') && open) ||
    hasOneOf(chosen) ||
    (chosen.includes('tagged') && isTagged && open);
  if (!runs) return false;
  if (skip.includes('all')) return has('always') && !skip.includes('always');
  return !hasOneOf(skip) && !(skip.includes('tagged') && isTagged);
}

/** @throws PlayError for a tag that no task has, with the nearest that some have */
export function refuseUnknownTags({ only, skip }: TagSelection, known: ReadonlySet<string>): void {
  for (const tag of [...only, ...skip]) {
    if (!special.includes(tag) && !known.has(tag))
      throw unknownName('tag', tag, known, known.size === 0 ? { hint: 'No task of this playbook has a tag.' } : {});
  }
}
