import { settled, type Plan } from '../contract/index.ts';
import { defineResource } from '../playbook/index.ts';
import { content, stat } from '../probes/index.ts';
import { follow, path } from './schemas.ts';
import { utf8 } from './text-bytes.ts';

export interface SlurpResult {
  /** The bytes, in base64. */
  readonly content: string;
  readonly encoding: 'base64';
  /** The same as text, taken for UTF-8. */
  readonly text: string;
}

/** The content of a file of the host, for later tasks to read. */
export const slurp = defineResource({
  name: 'slurp',
  summary: 'Reads a file of the host, of at most 1 MiB, for later tasks. Changes nothing; in check mode it sees planned content. Add `noLog` where it is secret.',
  options: { src: path('The file. A link is followed.'), follow },
  example: `const id = slurp({ src: '/etc/machine-id' });
copy({ dest: '/etc/app/id', content: ({ results }) => results(id).text })`,
  title: (options) => options.src ?? '',
  prepare: (options) => options,
  probes: ({ src }) => [content(src)],
  plan({ src }, found): Plan<SlurpResult> {
    const nothing: Plan<SlurpResult> = settled({ content: '', encoding: 'base64', text: '' });
    const now = found.get(content(src));
    if ('bytes' in now) return { ...nothing, result: { content: now.bytes.toString('base64'), encoding: 'base64', text: utf8.decode(now.bytes) } };
    if ('tooLarge' in now) return { ...nothing, failure: `${src} has ${now.tooLarge} bytes, which is more than the 1 MiB that are read; to bring it here write fetch({ src, dest })` };
    if (now.missing === 'absent' && found.forecast?.mayAppearBecause !== undefined) return { ...nothing, may: `${src} may be there by then (${found.forecast?.mayAppearBecause})`, unforeseen: true };
    return { ...nothing, failure: found.get(stat(src)).type === 'absent' ? `${src} does not exist` : `${src} is not a regular file` };
  },
});
