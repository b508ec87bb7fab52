import { listOf, textOf, type Data } from '../ansible/data.ts';
import { code, NotImported, quote, reads, type Code } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { conditions } from '../expressions/operators.ts';
import { deferred } from './deferred.ts';
import type { Doc } from './doc.ts';
import { optionEntry } from './resource-call.ts';
import { entry, flagOf, optionValue } from './values.ts';

/** Keywords that mean nothing here, or are dealt with elsewhere. */
const passedOver = new Set([
  'when',
  'register',
  'notify',
  'loop',
  'loop_control',
  'name',
  'vars',
  'become_method',
  'become_flags',
  'become_exe',
  'collections',
  'diff',
  'listen',
  'debugger',
  'any_errors_fatal',
  'retries',
  'delay',
  'remote_user',
  'sudo_user',
  'changed_when',
  'failed_when',
  'until',
  'poll',
  'always_run',
  'delegate_facts',
  'module_defaults',
  'port',
]);

/** What tasks say besides their module, by what they are called here. */
const simple: Readonly<Record<string, { readonly to: string; readonly kind: 'flag' | 'text' | 'number' | 'textMap' }>> =
  {
    become: { to: 'become', kind: 'flag' },
    sudo: { to: 'become', kind: 'flag' },
    become_user: { to: 'becomeUser', kind: 'text' },
    ignore_errors: { to: 'ignoreErrors', kind: 'flag' },
    ignore_unreachable: { to: 'ignoreUnreachable', kind: 'flag' },
    delegate_to: { to: 'delegateTo', kind: 'text' },
    run_once: { to: 'runOnce', kind: 'flag' },
    no_log: { to: 'noLog', kind: 'flag' },
    throttle: { to: 'throttle', kind: 'number' },
    timeout: { to: 'timeout', kind: 'number' },
  };

/** The texts of a condition; undefined where there is none. */
export const conditionTexts = (data: Data | undefined): readonly string[] | undefined =>
  data === undefined
    ? undefined
    : listOf(data)
        .map((one) => textOf(one) ?? '')
        .filter((text) => text.trim() !== '');

/** `when` as code; true where there is none. */
export function whenOf(compiler: Compiler, keywords: ReadonlyMap<string, Data>): Code {
  return conditions(compiler, conditionTexts(keywords.get('when')) ?? []);
}

/**
 * The keywords that need no more than a name and a value.
 *
 * @param own whether the resource itself goes on when its task is over
 *
 * @throws NotImported
 */
export function plainKeywords(
  compiler: Compiler,
  keywords: ReadonlyMap<string, Data>,
  own: { readonly startsItself: boolean } = { startsItself: false },
): Doc[] {
  return [...keywords].flatMap(([key, data]): Doc[] => {
    if (passedOver.has(key) || key.startsWith('with_')) return [];
    if (key === 'tags') return tagsOf(compiler, data);
    if (key === 'environment') return environmentOf(compiler, data);
    if (key === 'check_mode') return checkModeOf(data);
    if (key === 'connection') return connectionOf(keywords, data);
    if (key === 'async') return timeLimitOf(compiler, keywords, data, own);
    // To Ansible, these are this machine without any inventory.
    if (key === 'delegate_to' && isThisMachine(data)) return [entry('delegateTo', quote('localhost'))];
    const known = simple[key];
    if (known === undefined) throw new NotImported(`keyword ${key}`, `there is no keyword ${key} here`);
    const value = optionValue(compiler, data, known.kind);
    if (key === 'ignore_errors') return [optionEntry(known.to, value)];
    const { doc, run } = value;
    if (run !== 0) throw new NotImported(`keyword ${key} of the run`, `${key} is only known in the run`);
    return [entry(known.to, doc)];
  });
}

const isThisMachine = (data: Data): boolean => ['localhost', '127.0.0.1', '::1'].includes(textOf(data) ?? '');

/** `local` is this machine, as in `delegateTo: 'localhost'`; any other kind but ssh has no counterpart. */
function connectionOf(keywords: ReadonlyMap<string, Data>, data: Data): Doc[] {
  const kind = (textOf(data) ?? '').replace(/^ansible\.builtin\./, '');
  const to = keywords.get('delegate_to');
  if (kind === 'local' && to === undefined) return [entry('delegateTo', quote('localhost'))];
  if (kind === 'local' && to !== undefined && isThisMachine(to)) return [];
  if (kind === 'ssh' || kind === 'smart') return [];
  throw new NotImported('keyword connection', `the connection ${kind} has no counterpart here`);
}

/** How long a task may take that is polled; its own `timeout` goes before. Without a limit there is none here either. */
function timeLimitOf(
  compiler: Compiler,
  keywords: ReadonlyMap<string, Data>,
  data: Data,
  own: { readonly startsItself: boolean },
): Doc[] {
  if (keywords.has('timeout') || textOf(data) === '0' || (own.startsItself && goesOn(keywords))) return [];
  const { doc, run } = optionValue(compiler, data, 'number');
  if (run !== 0) throw new NotImported('keyword async of the run', 'async is only known in the run');
  return [entry('timeout', doc)];
}

/**
 * False says that a task looks, or that later ones need what it does: commands that look are written so
 * (`changes: 'never'`), and later tasks are foretold here from what is planned.
 */
function checkModeOf(data: Data): Doc[] {
  const known = flagOf(data);
  if (known === undefined) throw new NotImported('computed check_mode', 'check_mode is computed');
  return known ? [entry('checkMode', 'true')] : [];
}

function tagsOf(compiler: Compiler, data: Data): Doc[] {
  const texts = listOf(data).map((one) => textOf(one) ?? '');
  if (texts.some((one) => one.includes('{{'))) {
    const { doc, run } = optionValue(compiler, data, 'texts');
    if (run !== 0) throw new NotImported('keyword tags of the run', 'tags are only known in the run');
    return [entry('tags', doc)];
  }
  const tags = texts
    .flatMap((one) => one.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length === 0) return [];
  return [entry('tags', tags.length === 1 ? quote(tags[0] ?? '') : `[${tags.map(quote).join(', ')}]`)];
}

function environmentOf(compiler: Compiler, data: Data): Doc[] {
  const maps = listOf(data);
  const [first, second] = maps;
  if (first === undefined || (first.type === 'text' && first.value === '')) return [];
  if (second !== undefined) throw new NotImported('several environments');
  return [optionEntry('environment', optionValue(compiler, first, 'textMap'))];
}

/** `until`, `changed_when`, `failed_when`: functions of the task's own result. */
export function judgements(
  compiler: Compiler,
  keywords: ReadonlyMap<string, Data>,
  own: { readonly name: string | undefined; readonly module: string; readonly keepsChanged: boolean },
): Doc[] {
  const result: Code = code('result', 'any', { run: reads.result, result: { module: own.module, of: 'result' } });
  const judge = own.name === undefined ? compiler : compiler.within(new Map([[own.name, result]]));
  const judged = (key: string, to: string): Doc[] => {
    const data = keywords.get(key);
    if (data === undefined) return [];
    const known = flagOf(data);
    if (known !== undefined) return [entry(to, String(known))];
    // Of several in a list, all have to hold: those of failed_when as well.
    const made = conditions(judge, conditionTexts(data) ?? []);
    return [entry(to, deferred(made.text, made.run))];
  };
  const until = keywords.get('until');
  const tries: Doc[] = [];
  if (until !== undefined) {
    const made = conditions(judge, conditionTexts(until) ?? []);
    tries.push(entry('until', deferred(made.text, made.run === 0 ? reads.result : made.run)));
    for (const key of ['retries', 'delay']) {
      const data = keywords.get(key);
      if (data !== undefined) tries.push(entry(key, optionValue(compiler, data, 'number').doc));
    }
  }
  return [
    ...tries,
    ...(own.keepsChanged ? judged('changed_when', 'changedWhen') : []),
    ...judged('failed_when', 'failedWhen'),
  ];
}

/** Whether the play goes on before the task is over: `async` with `poll: 0`. */
export function goesOn(keywords: ReadonlyMap<string, Data>): boolean {
  const poll = keywords.get('poll');
  return keywords.has('async') && poll !== undefined && textOf(poll) === '0';
}

/** Of what is no command. */
export const waitedFor = 'Review: play waits for it to end; Ansible goes on at once.';

/** @throws NotImported for what cannot be said of a task here */
export function refuseUnknown(keywords: ReadonlyMap<string, Data>, module?: string): void {
  // A command has a resource for that; of another module the end is waited for, unless somebody asks how it stands.
  const isCommand = module === undefined || ['command', 'shell', 'raw'].includes(module);
  if (goesOn(keywords) && !isCommand && keywords.has('register'))
    throw new NotImported('async without poll', `${module} cannot run in the background here`);
  if (keywords.has('module_defaults')) throw new NotImported('keyword module_defaults');
}
