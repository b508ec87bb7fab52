import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import type { Doc } from './doc.ts';
import { goesOn } from './keywords.ts';
import { optionEntry, refuseHome, type ResourceCall } from './resource-call.ts';
import { entry, flagOf, optionValue } from './values.ts';

const options: Readonly<Record<string, string>> = {
  chdir: 'chdir',
  creates: 'creates',
  removes: 'removes',
  executable: 'executable',
  stdin: 'stdin',
};

/** Options that mean nothing here. */
const passedOver = new Set(['warn', 'strip_empty_ends', 'stdin_add_newline', 'expand_argument_vars']);

const names: Readonly<Record<string, 'command' | 'shell' | 'script'>> = {
  command: 'command',
  shell: 'shell',
  script: 'script',
  raw: 'shell',
};

/**
 * `command`, `shell`, `script` and `raw`: what says whether they change something differs.
 *
 * @throws NotImported
 */
export function commandCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  const resource = names[task.module] ?? 'command';
  const made: Doc[] = [...programOf(compiler, task, resource)];
  for (const [name, data] of task.options) {
    if (['cmd', '_raw_params', 'argv', 'free_form'].includes(name) || passedOver.has(name)) continue;
    const to = options[name];
    if (to === undefined || (resource === 'command' && name === 'executable'))
      throw new NotImported(`option ${task.module}.${name}`, `${resource} has no option like ${name}`);
    if ((name === 'creates' || name === 'removes') && hasWildcard(data)) {
      const guard = name === 'creates' ? 'unless' : 'onlyIf';
      made.push(optionEntry(guard, optionValue(compiler, globGuard(data), 'text')));
      continue;
    }
    if (name !== 'executable' && name !== 'stdin') refuseHome(data);
    made.push(optionEntry(to, optionValue(compiler, data, 'text')));
  }
  const isGuarded = task.options.has('creates') || task.options.has('removes');
  if (goesOn(task.keywords)) return inBackground(compiler, task, resource, made, isGuarded);
  const changed = task.keywords.get('changed_when');
  if (changed !== undefined && flagOf(changed) === false)
    return { ...call(resource, made), ...readOnly(task, made, isGuarded) };
  if (isGuarded) return call(resource, made);
  const reviews =
    changed === undefined
      ? [
          `Review: it runs every time. Say when it is needed (\`creates\`, \`unless\`), or that it only reads (\`changes: 'never'\`).`,
        ]
      : [];
  return { ...call(resource, [...made, entry('changes', "'always'")]), reviews };
}

const hasWildcard = (data: Data): boolean => /[*?[]/.test((textOf(data) ?? '').replaceAll(/\{\{[^]*?\}\}/g, ''));

/** Whether a path with wildcards is there, as sh asks it: whatever else it would read in it is quoted. */
function globGuard(data: Data): Data {
  const pieces = (textOf(data) ?? '').split(/(\{\{[^]*?\}\})/).map((piece) => {
    const [, inner] = /^\{\{([^]*)\}\}$/.exec(piece) ?? [];
    return inner === undefined ? piece.replaceAll(/[^\w@%+=:,./*?[\]-]/g, '\\$&') : `{{ (${inner.trim()}) | quote }}`;
  });
  return { type: 'text', value: `set -- ${pieces.join('')}; test -e "$1"`, at: data.at };
}

/** With `poll: 0` it is only started. */
function inBackground(
  compiler: Compiler,
  task: AnsibleTask,
  resource: string,
  made: readonly Doc[],
  isGuarded: boolean,
): ResourceCall {
  if (resource === 'script' || task.options.has('executable'))
    throw new NotImported(
      'async without poll',
      'a script, or a shell other than /bin/sh, cannot run in the background here',
    );
  const limit = task.keywords.get('async') ?? nothing;
  const value = optionValue(compiler, limit, 'number');
  if (value.run !== 0) throw new NotImported('keyword async of the run', 'async is only known in the run');
  return call('asyncCommand', [
    ...made,
    ...(resource === 'shell' ? [entry('shell', 'true')] : []),
    entry('timeLimit', value.doc),
    ...(isGuarded ? [] : [entry('changes', "'always'")]),
  ]);
}

const call = (resource: string, made: readonly Doc[]): ResourceCall => ({
  resource,
  options: made,
  keywords: [],
  reviews: [],
  keepsChanged: true,
});

/** What says that it changes nothing: where its output is read, or check mode is to run it, it is taken to look only. */
function readOnly(task: AnsibleTask, made: readonly Doc[], isGuarded: boolean): Partial<ResourceCall> {
  const looks =
    task.keywords.has('register') || flagOf(task.keywords.get('check_mode')) === false || isLook.test(lineOf(task));
  if (isGuarded) return {};
  if (!looks)
    return {
      options: [...made, entry('changes', "'always'")],
      reviews: ["Review: it claims to change nothing. If it only reads, write `changes: 'never'`."],
    };
  return {
    options: [...made, entry('changes', "'never'")],
    keepsChanged: false,
    reviews: ['Review: taken to be read-only, so check mode runs it too.'],
  };
}

/** One command that checks or shows something: `nginx -t`, `haproxy -c -f x`, `systemctl is-active x`, `unbound-checkconf`. */
const isLook =
  /^(?!.*[|;&>])(?:\S*(?:nginx|apache2|httpd|sshd|apachectl|apache2ctl)\s+(?:-t|configtest)\s*$|\S*haproxy\s.*-c\b|\S*\bcheckconf\b|(?:\/usr)?(?:\/bin\/)?(?:true|false|test|cat|ls|stat|which|getent|grep|pgrep|id|uname)(?:\s|$)|systemctl\s+(?:is-\w+|status|show|list-\w+)\b|visudo\s+-c|named-check\w+|\S+\s+(?:--version|-V|--check|--help)\s*$)/;

const lineOf = (task: AnsibleTask): string => (task.text ?? textOf(task.options.get('cmd') ?? nothing) ?? '').trim();
const nothing: Data = { type: 'null', at: { file: '' } };

function programOf(compiler: Compiler, task: AnsibleTask, resource: string): Doc[] {
  const argv = task.options.get('argv');
  if (argv !== undefined) return [optionEntry('argv', optionValue(compiler, argv, 'texts'))];
  const written: Data | undefined =
    task.options.get('cmd') ??
    task.options.get('_raw_params') ??
    (task.text === undefined ? undefined : { type: 'text', value: task.text, at: task.at });
  if (written === undefined) throw new NotImported(`${task.module} without a command`);
  if (resource === 'script') return scriptOf(compiler, written);
  return [
    optionEntry(
      'cmd',
      optionValue(compiler, { type: 'text', value: (textOf(written) ?? '').trim(), at: written.at }, 'text'),
    ),
  ];
}

/** The script's name, and what it is given. */
function scriptOf(compiler: Compiler, written: Data): Doc[] {
  const [src = '', ...args] = (textOf(written) ?? '').trim().split(/\s+(?![^{]*\}\})/);
  const value = optionValue(compiler, { type: 'text', value: src, at: written.at }, 'text');
  if (args.length === 0) return [optionEntry('src', value)];
  const list: Data = {
    type: 'list',
    items: args.map((one) => ({ type: 'text', value: one, at: written.at })),
    at: written.at,
    source: '',
  };
  return [optionEntry('src', value), optionEntry('args', optionValue(compiler, list, 'texts'))];
}
