import { settled, type Found, type Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, contentLimit, largeContent } from '../../probes/index.ts';
import { isMadeOnlyThen } from '../kit/made-only-then.ts';
import { follow, path } from '../kit/schemas.ts';

export interface SlurpResult {
  /** The bytes, in base64. */
  readonly content: string;
  /** How `content` is written; always `base64`. */
  readonly encoding: 'base64';
  /** The same as text, taken for UTF-8. */
  readonly text: string;
}

/** The content of a file of the host, for later tasks to read. */
export const slurp = defineResource({
  name: 'slurp',
  summary:
    'Reads a file on the host, of at most 1 MiB, for later tasks. Changes nothing; in check mode it sees planned content. Add `noLog` if it is secret.',
  options: { src: path('The file. A link is followed.'), follow },
  example: `const id = slurp({ src: '/etc/machine-id' });
copy({ dest: '/etc/app/id', content: ({ results }) => results(id).text })`,
  title: (options) => options.src ?? '',
  prepare: (options) => options,
  probes: ({ src }) => [content(src)],
  plan({ src }, found: Found): Plan<SlurpResult> {
    if (isMadeOnlyThen(src, found))
      return { ...settled({ content: '', encoding: 'base64', text: '' }), unforeseen: true, bringsNothing: true };
    const now = found.get(content(src));
    // What is only planned may be short and yet unknown.
    if ('tooLarge' in now && now.tooLarge <= contentLimit) found.get(largeContent(src));
    if ('tooLarge' in now)
      throw new PlayError(`${src} has ${now.tooLarge} bytes, more than the 1 MiB that slurp reads`, {
        hint: 'To bring it here write fetch({ src, dest }).',
      });
    if ('missing' in now)
      found.require(false, {
        failure: now.missing === 'absent' ? `${src} does not exist` : `${src} is ${now.missing}`,
        by: now.missing === 'absent' ? 'commands' : null,
      });
    return settled({ content: now.bytes.toString('base64'), encoding: 'base64', text: utf8.decode(now.bytes) });
  },
});
