import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import type { Doc } from './doc.ts';
import { optionEntry, type ResourceCall } from './resource-call.ts';
import { entry, flagOf, hasJinja, optionValue } from './values.ts';

const data = (task: AnsibleTask, value: string): Data => ({ type: 'text', value, at: task.at });

/** `deb [arch=amd64 signed-by=KEY] URL SUITE COMPONENT...` */
const sourceLine = /^(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+\S+)*)\s*$/;

/** A line of sources.list as a repository of its own, with its key. */
export function aptRepositoryCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  const allowed = new Set([
    'repo',
    'state',
    'filename',
    'update_cache',
    'mode',
    'codename',
    'validate_certs',
    'update_cache_retries',
  ]);
  const other = [...task.options.keys()].find((name) => !allowed.has(name));
  if (other !== undefined) throw new NotImported(`option apt_repository.${other}`);
  const repo = textOf(task.options.get('repo') ?? data(task, '')) ?? '';
  // Blanks in `{{ }}` do not part its words.
  const kept: string[] = [];
  const line = repo.replaceAll(/\{\{[^]*?\}\}/g, (one) => `\u0004${kept.push(one) - 1}\u0005`).trim();
  const back = (text: string): Data =>
    data(
      task,
      text.replaceAll(/\u0004(\d+)\u0005/g, (_, i: string) => kept[Number(i)] ?? ''),
    );
  const match = sourceLine.exec(line);
  if (match === null) return computedLine(compiler, task, repo);
  const [, type = 'deb', settings = '', uri = '', suite = '', components = ''] = match;
  const name = task.options.get('filename') ?? data(task, nameOf(back(uri)));
  const pairs = settings
    .split(/\s+/)
    .filter((one) => one !== '')
    .map((one) => /^([\w-]+)=(.*)$/.exec(one));
  const made = [
    optionEntry('name', optionValue(compiler, name, 'text')),
    ...(type === 'deb' ? [] : [entry('types', `[${quote(type)}]`)]),
    optionEntry('uris', optionValue(compiler, back(uri), 'text')),
    optionEntry('suites', optionValue(compiler, back(suite), 'text')),
  ];
  const parts = components
    .trim()
    .split(/\s+/)
    .filter((one) => one !== '')
    .map(back);
  if (parts.length > 0)
    made.push(
      optionEntry(
        'components',
        optionValue(compiler, { type: 'list', items: parts, at: task.at, source: '' }, 'texts'),
      ),
    );
  for (const pair of pairs) {
    const [, key = '', value = ''] = pair ?? [];
    if (key === 'arch') made.push(optionEntry('architectures', optionValue(compiler, back(value), 'texts')));
    else if (key === 'signed-by') made.push(optionEntry('signedBy', optionValue(compiler, back(value), 'text')));
    else throw new NotImported(`apt_repository with ${key}`);
  }
  const state = task.options.get('state');
  if (state !== undefined && textOf(state) !== 'present')
    made.push(optionEntry('state', optionValue(compiler, state, 'any')));
  const update = flagOf(task.options.get('update_cache'));
  if (update === false) made.push(entry('updateCache', 'false'));
  return calls(made, settings.includes('signed-by'));
}

const calls = (options: readonly Doc[], hasKey: boolean): ResourceCall => ({
  resource: 'aptRepository',
  options,
  keywords: [],
  reviews: [
    'Review: it is written as NAME.sources; remove the old .list file.',
    ...(hasKey ? [] : ['Review: give its key as `signedBy`: keys of apt_key are trusted for all repositories.']),
  ],
  keepsChanged: true,
});

/** A line of which nothing is known here: it is taken apart where it is. @throws NotImported for a PPA */
function computedLine(compiler: Compiler, task: AnsibleTask, repo: string): ResourceCall {
  if (/^\s*ppa:/.test(repo))
    throw new NotImported(
      'option apt_repository.repo of a PPA',
      'Launchpad has to be asked for the key of a PPA: give its `uris` and `signedBy`',
    );
  if (!hasJinja(repo)) throw new NotImported('option apt_repository.repo', 'not a line of sources.list(5)');
  const line = optionValue(compiler, data(task, repo), 'text');
  if (typeof line.doc !== 'string') throw new NotImported('option apt_repository.repo of another form');
  const read = `${compiler.use('aptLine')}(${line.doc})`;
  const parts = ['name', 'types', 'uris', 'suites', 'components', 'architectures', 'signedBy'];
  const own = ['state', 'filename'].flatMap((name) => {
    const value = task.options.get(name);
    if (value === undefined || (name === 'state' && textOf(value) === 'present')) return [];
    return [
      optionEntry(name === 'filename' ? 'name' : name, optionValue(compiler, value, name === 'state' ? 'any' : 'text')),
    ];
  });
  const update = flagOf(task.options.get('update_cache')) === false ? [entry('updateCache', 'false')] : [];
  const made =
    line.run === 0
      ? [`...${read}`]
      : parts
          .filter((part) => part !== 'name' || !task.options.has('filename'))
          .map((part) => optionEntry(part, { doc: `${read}.${part}`, run: line.run, kind: 'any' }));
  return calls([...made, ...own, ...update], true);
}

const nameOf = (uri: Data): string =>
  (textOf(uri) ?? '')
    .replace(/^\w+:\/\//, '')
    .replaceAll(/\{\{[^]*?\}\}/g, 'x')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
