import { textOf } from '../ansible/data.ts';
import type { AnsibleItem } from '../ansible/tree.ts';
import { quote, templateText } from '../expressions/code.ts';
import { call, object, type Doc } from './doc.ts';
import { entry } from './values.ts';

/** A task that was not imported: its original text takes its place, and a run fails there. */
export function holeCall(item: AnsibleItem, why: string, keywords: readonly Doc[] = []): Doc {
  const options = object([entry('was', rawText(item.source)), entry('why', quote(why.split('\n')[0] ?? why))]);
  const name = item.name === undefined ? undefined : textOf(item.name);
  const all = [...(name === undefined ? [] : [entry('name', quote(name))]), ...keywords];
  return all.length === 0 ? call('hole', options) : call('hole', options, object(all));
}

const rawText = (text: string): string => (text.includes('\n') ? `\`${templateText(text)}\`` : quote(text));

/** The tags of an item, as a keyword: a hole is passed over with them, as its task was. */
export function tagsOf(item: AnsibleItem): Doc[] {
  const data = item.keywords.get('tags');
  const texts = data?.type === 'list' ? data.items.map(textOf) : data === undefined ? [] : [textOf(data)];
  const tags = texts
    .flatMap((text) => (text ?? '').split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '' && !tag.includes('{'));
  return tags.length === 0
    ? []
    : [entry('tags', tags.length === 1 ? quote(tags[0] ?? '') : `[${tags.map(quote).join(', ')}]`)];
}
