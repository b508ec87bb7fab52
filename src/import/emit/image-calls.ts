import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import type { OptionKind } from '../modules/rules.ts';
import { object, print } from './doc.ts';
import { isOmitted, optionEntry, type ResourceCall } from './resource-call.ts';
import { entry, optionValue, type Value } from './values.ts';

type Options = ReadonlyMap<string, Data>;

const given = (options: Options, name: string): Data | undefined => {
  const data = options.get(name);
  return data === undefined || isOmitted(data) ? undefined : data;
};

/** Options of the engine's connection, too: here it is always the host's own. */
function refuseOthers({ module, options }: AnsibleTask, known: readonly string[]): void {
  const other = [...options.keys()].find((name) => !known.includes(name));
  if (other !== undefined)
    throw new NotImported(`option ${module}.${other}`, `containerImage has no option like ${other} here`);
}

const names = (compiler: Compiler, options: Options): ResourceCall['options'] =>
  ['name', 'tag'].flatMap((name) => {
    const data = given(options, name);
    return data === undefined ? [] : [optionEntry(name, optionValue(compiler, data, 'text'))];
  });

/** Whether an option is a word; undefined where it is left out. */
function isWord(compiler: Compiler, options: Options, name: string, word: string): Value | undefined {
  const data = given(options, name);
  if (data === undefined) return undefined;
  const written = textOf(data);
  if (written !== undefined && !written.includes('{{')) return { doc: String(written === word), run: 0, kind: 'flag' };
  const made = optionValue(compiler, data, 'text');
  return { doc: `(${print(made.doc)}) === '${word}'`, run: made.run, kind: 'flag' };
}

const image = (options: ResourceCall['options']): ResourceCall => ({
  resource: 'containerImage',
  options,
  keywords: [],
  reviews: [],
  keepsChanged: true,
});

/** Ansible asks the registry each time, unless `pull` is `not_present`. */
export function imagePullCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  refuseOthers(task, ['name', 'tag', 'pull']);
  const always = isWord(compiler, task.options, 'pull', 'always') ?? { doc: 'true', run: 0, kind: 'flag' };
  const force = always.doc === 'false' ? [] : [optionEntry('forceSource', always)];
  return image([...names(compiler, task.options), ...force]);
}

const buildOptions: Readonly<Record<string, OptionKind>> = {
  path: 'text',
  dockerfile: 'text',
  args: 'textMap',
  target: 'text',
  network: 'text',
  labels: 'textMap',
  pull: 'flag',
  nocache: 'flag',
};

/** An existing image is rebuilt only if `rebuild` is `always`. */
export function imageBuildCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  refuseOthers(task, ['name', 'tag', 'rebuild', ...Object.keys(buildOptions)]);
  const parts = Object.entries(buildOptions).flatMap(([name, kind]) => {
    const data = given(task.options, name);
    return data === undefined ? [] : [[name, optionValue(compiler, data, kind)] as const];
  });
  const build: Value = {
    doc: object(parts.map(([name, { doc }]) => entry(name, doc))),
    run: parts.reduce((run, [, one]) => run | one.run, 0),
    kind: 'map',
  };
  const always = isWord(compiler, task.options, 'rebuild', 'always');
  const force = always === undefined || always.doc === 'false' ? [] : [optionEntry('forceSource', always)];
  return image([...names(compiler, task.options), optionEntry('build', build), ...force]);
}
