import { unknownName } from '../errors/index.ts';

/** Splits `a,b` and lists of them. */
export function tagList(...tags: readonly (string | readonly string[] | undefined)[]): string[] {
  const all = tags.flatMap((tag) => (tag === undefined ? [] : typeof tag === 'string' ? [tag] : [...tag]));
  return [...new Set(all.flatMap((tag) => tag.split(',')).map((tag) => tag.trim()).filter((tag) => tag !== ''))];
}

const special = ['all', 'tagged', 'untagged', 'always', 'never'];

/** Which tasks `-t` and `--skip-tags` choose. */
export interface TagSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Whether a task with these tags runs: ansible-core's `Taggable.evaluate_tags`, special tags included. */
export function isSelected(tags: readonly string[], { only, skip }: TagSelection): boolean {
  const has = (tag: string): boolean => tags.includes(tag);
  const tagged = tags.some((tag) => tag !== 'never' && tag !== 'always');
  let run = true;
  if (only.length > 0) {
    run =
      has('always') ||
      (only.includes('all') && !has('never')) ||
      tags.some((tag) => only.includes(tag)) ||
      (only.includes('tagged') && tagged && !has('never')) ||
      (only.includes('untagged') && !tagged && !has('never'));
  } else if (has('never')) {
    run = false;
  }
  if (run && skip.length > 0) {
    if (skip.includes('all')) run = has('always') && !skip.includes('always');
    else if (tags.some((tag) => skip.includes(tag))) run = false;
    else if (skip.includes('tagged') && tagged) run = false;
    else if (skip.includes('untagged') && !tagged) run = false;
  }
  return run;
}

/** @throws PlayError for a tag that no task has, with the nearest that some have */
export function refuseUnknownTags({ only, skip }: TagSelection, known: ReadonlySet<string>): void {
  for (const tag of [...only, ...skip]) {
    if (!special.includes(tag) && !known.has(tag)) throw unknownName('tag', tag, known, known.size === 0 ? { hint: 'No task of this playbook has a tag.' } : {});
  }
}
