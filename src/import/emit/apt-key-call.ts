import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { optionEntry, type ResourceCall } from './resource-call.ts';
import { entry, optionValue } from './values.ts';

/** Nothing but the key itself says what it is called: its id does, if that is written down. */
function fileOf({ options }: AnsibleTask): string | undefined {
  const given = options.get('id') ?? noText;
  const id = given.type === 'number' ? given.source : (textOf(given) ?? '');
  return /^(?:0x)?[0-9A-Fa-f]{8,40}$/.test(id) ? id.replace(/^0x/, '').toUpperCase() : undefined;
}

const noText: Data = { type: 'text', value: '', at: { file: '' } };

/** Where the key comes from decides what an operator has to do. */
const otherSources: Readonly<Record<string, string>> = {
  url: 'download the key into files/, and give it to its aptRepository as `signedBy`',
  keyserver: 'fetch the key from the key server into files/, and give it to its aptRepository as `signedBy`',
  file: 'give the path of the key to its aptRepository as `signedBy`',
};

/**
 * A key given in the playbook becomes a file among those apt trusts for all repositories, which is what apt-key(8) means
 * by it. A key from elsewhere may have either of two formats, which need different file names: only Ansible's module
 * tells them apart.
 *
 * @throws NotImported for a key from elsewhere, or one that is taken away
 */
export function aptKeyCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  const { options } = task;
  const key = options.get('data');
  const state = textOf(options.get('state') ?? noText) ?? '';
  const source = Object.keys(otherSources).find((name) => options.has(name)) ?? '';
  if (key === undefined || source !== '' || options.has('keyring') || !['', 'present'].includes(state))
    throw new NotImported(
      source === '' ? 'apt_key' : `apt_key by ${source}`,
      otherSources[source] ?? 'a key belongs to its aptRepository here (`signedBy`)',
    );
  const name = fileOf(task);
  if (name === undefined) throw new NotImported('apt_key without an id', 'give its `id`, which names its file');
  return {
    resource: 'copy',
    options: [
      optionEntry('content', optionValue(compiler, key, 'text')),
      entry('dest', quote(`/etc/apt/trusted.gpg.d/${name}.asc`)),
      entry('mode', quote('0644')),
    ],
    keywords: [],
    reviews: [
      'Review: apt trusts this key for all repositories, as with Ansible. `signedBy` would limit it to its own.',
    ],
    keepsChanged: true,
  };
}
