import { PlayError } from '../../errors/index.ts';
import type { Data, MapData } from './data.ts';
import { readKeyValues } from './key-values.ts';
import { commandModules, freeFormModules, shortName, taskKeywords } from './keywords.ts';
import type { AnsibleBlock, AnsibleItem, AnsibleTask } from './tree.ts';

/**
 * Reads a list of tasks and blocks.
 *
 * @throws PlayError with the place, where something else stands
 */
export function readItems(data: Data | null | undefined): AnsibleItem[] {
  if (data === null || data === undefined || data.type === 'null') return [];
  if (data.type !== 'list') throw new PlayError('A list of tasks is expected here', { where: data.at });
  return data.items.flatMap((item) => (item.type === 'null' ? [] : [readItem(item)]));
}

function readItem(item: Data): AnsibleItem {
  if (item.type !== 'map') throw new PlayError('A task is expected here', { where: item.at });
  return item.entries.has('block') ? readBlock(item) : readTask(item);
}

function readBlock({ entries, at, source }: MapData): AnsibleBlock {
  const own = new Set(['block', 'rescue', 'always', 'name']);
  const keywords = new Map([...entries].filter(([key]) => !own.has(key)));
  const inner = ['block', 'rescue', 'always'].map((part) => readItems(entries.get(part)));
  const notify = keywords.get('notify');
  if (notify !== undefined && !inner.flat().some(includesMore)) keywords.delete('notify');
  const [tasks = [], rescue = [], always = []] = inner.map((items) =>
    notify === undefined || keywords.has('notify') ? items : items.map((item) => notifying(item, notify)),
  );
  return { type: 'block', name: entries.get('name'), tasks, rescue, always, keywords, at, source };
}

/** Whether tasks of other files are in it: what notifies them is not known there. */
const includesMore = (item: AnsibleItem): boolean =>
  item.type === 'task'
    ? /^(?:include|import)_|^include$/.test(item.module)
    : [...item.tasks, ...item.rescue, ...item.always].some(includesMore);

/** What a block notifies, those of its tasks do that say nothing of it themselves. */
function notifying(item: AnsibleItem, notify: Data): AnsibleItem {
  if (item.keywords.has('notify')) return item;
  if (item.type === 'task') return { ...item, keywords: new Map([...item.keywords, ['notify', notify]]) };
  const [tasks, rescue, always] = [item.tasks, item.rescue, item.always].map((items) =>
    items.map((one) => notifying(one, notify)),
  );
  return { ...item, tasks: tasks ?? [], rescue: rescue ?? [], always: always ?? [] };
}

/** @throws PlayError where no module is named, or two */
export function readTask({ entries, at, source }: MapData): AnsibleTask {
  const keywords = new Map<string, Data>();
  const modules: [string, Data][] = [];
  for (const [key, value] of entries) {
    if (taskKeywords.has(key) || key.startsWith('with_')) keywords.set(key, value);
    else modules.push([key, value]);
  }
  const action = keywords.get('action') ?? keywords.get('local_action');
  if (action !== undefined) {
    modules.push(actionOf(action));
    if (keywords.has('local_action') && !keywords.has('delegate_to'))
      keywords.set('delegate_to', { type: 'text', value: 'localhost', at });
    keywords.delete('action');
    keywords.delete('local_action');
  }
  const [first, second] = modules;
  if (first === undefined) throw new PlayError('This task names no module', { where: at });
  if (second !== undefined)
    throw new PlayError(`This task names two modules: ${first[0]} and ${second[0]}`, { where: at });
  const [written, value] = first;
  const module = shortName(written);
  const { options, text } = argumentsOf(module, value, keywords.get('args'));
  keywords.delete('args');
  const name = keywords.get('name');
  keywords.delete('name');
  return { type: 'task', name, module, options, text, keywords, at, source };
}

function actionOf(action: Data): [string, Data] {
  if (action.type === 'map') {
    const named = action.entries.get('module');
    const rest = new Map([...action.entries].filter(([key]) => key !== 'module'));
    return [named?.type === 'text' ? named.value : '', { ...action, entries: rest }];
  }
  const [, module = '', rest = ''] = /^\s*(\S+)\s*([^]*)$/.exec(action.type === 'text' ? action.value : '') ?? [];
  return [module, { type: 'text', value: rest, at: action.at }];
}

function argumentsOf(
  module: string,
  value: Data,
  args: Data | undefined,
): { options: ReadonlyMap<string, Data>; text: string | undefined } {
  const more = args?.type === 'map' ? args.entries : new Map<string, Data>();
  if (value.type === 'map') return { options: new Map([...more, ...value.entries]), text: undefined };
  if (value.type === 'null') return { options: more, text: undefined };
  if (value.type !== 'text') return { options: more, text: value.type === 'list' ? value.source : undefined };
  const isFree = freeFormModules.has(module);
  const { options, rest } = readKeyValues(value.value, isFree && commandModules.has(module), value.at);
  return {
    options: new Map([...more, ...options]),
    text: rest === '' ? undefined : rest,
  };
}
