import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { code, NotImported, reads, type Code } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { deferred } from './deferred.ts';
import { call, joined, marked, object, type Doc } from './doc.ts';
import { plainKeywords } from './keywords.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { entry, flagOf, optionValue } from './values.ts';

/** Options of modules that are paths, for which Ansible asks where a home is. */
const paths = new Set([
  'path',
  'dest',
  'destfile',
  'src',
  'paths',
  'chdir',
  'creates',
  'removes',
  'virtualenv',
  'home',
  'key_file',
  'ssh_key_file',
]);

/** Modules whose `src` is a file of the machine that runs the play, unless they say otherwise. */
const sends = new Set(['copy', 'template', 'unarchive', 'script', 'assemble']);

/** A task whose paths begin with a name in place of `~`. */
export interface AtHome {
  readonly task: AnsibleTask;
  readonly names: ReadonlyMap<string, Code>;
  /** Tasks that ask where the homes are, to be listed before it. */
  readonly before: readonly Doc[];
}

/**
 * Where `~` or `~NAME` is, the host is asked by a task before this one, as the same user. Undefined where no path has one.
 *
 * @param when the condition of the task, where it does not depend on its loop
 * @throws NotImported where the name depends on the loop
 */
export function atHome(writer: TasksWriter, compiler: Compiler, task: AnsibleTask, when: Code): AtHome | undefined {
  const homes = new Map<string, string>();
  const rewritten = [...task.options].map(([key, data]): [string, Data] => {
    const [, tilde, rest = ''] = /^(~[^/]*)(\/[^]*)?$/.exec(paths.has(key) ? (textOf(data) ?? '') : '') ?? [];
    if (tilde === undefined) return [key, data];
    if (isHere(task, key)) return [key, { type: 'text', value: `{{ '~' | expanduser }}${rest}`, at: data.at }];
    const name = homes.get(tilde) ?? `home_of_task_${homes.size + 1}`;
    homes.set(tilde, name);
    return [key, { type: 'text', value: `{{ ${name} }}${rest}`, at: data.at }];
  });
  if (rewritten.every(([key, data]) => task.options.get(key) === data)) return undefined;
  const names = new Map<string, Code>();
  const before: Doc[] = [];
  for (const [tilde, name] of homes) {
    const constant = writer.scope.constant('home');
    const cmd = optionValue(compiler, { type: 'text', value: `echo ${tilde}`, at: task.at }, 'text');
    if (cmd.run !== 0) throw new NotImported('a path with ~', 'the user is only known in the run');
    writer.scope.use('shell', 'play');
    const made = call(
      'shell',
      object([entry('cmd', cmd.doc), entry('changes', "'never'")]),
      object([
        entry('name', `'where ${tilde.includes('{') ? 'the home' : tilde} is'`),
        ...asSameUser(compiler, task),
        ...(when.literal === true ? [] : [entry('when', deferred(when.text, when.run))]),
      ]),
    );
    writer.statements.push(marked(writer.around.records.id(task), joined(`const ${constant} = `, made, ';')));
    before.push(constant);
    names.set(name, code(`results(${constant}).stdout`, 'text', { run: reads.results }));
  }
  return { task: { ...task, options: new Map(rewritten), insteadOf: task }, names, before };
}

/** Whether a path is one of the machine that runs the play. */
const isHere = ({ module, options }: AnsibleTask, key: string): boolean =>
  (key === 'src' &&
    sends.has(module) &&
    flagOf(options.get('remote_src')) !== true &&
    flagOf(options.get('copy')) !== false) ||
  (key === 'dest' && module === 'fetch');

/** The keywords that say who a task runs as, and where. */
function asSameUser(compiler: Compiler, { keywords }: AnsibleTask): readonly Doc[] {
  const kept = ['become', 'become_user', 'sudo', 'delegate_to', 'run_once', 'tags'];
  return plainKeywords(compiler, new Map([...keywords].filter(([key]) => kept.includes(key))));
}
