import { textOf } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { optionEntry, resourceCall, type ResourceCall } from './resource-call.ts';
import { flagOf, hasJinja, optionValue } from './values.ts';

/**
 * `copy`: what is a folder below `files/` becomes `sync`.
 *
 * @param place gives the name that a file has in the project
 */
export function copyCallOf(files: readonly string[], place: (name: string) => string = (name) => name) {
  return (compiler: Compiler, task: AnsibleTask): ResourceCall => {
    const src = task.options.get('src');
    const written = src === undefined ? undefined : textOf(src)?.replace(/^(?:\.\.\/)?files\//, '');
    if (src === undefined || written === undefined || flagOf(task.options.get('remote_src')) === true)
      return resourceCall(compiler, task);
    const isFolder = written.endsWith('/') || files.some((file) => file.startsWith(`${written}/`));
    const name = hasJinja(written) || written.startsWith('/') ? written : place(written);
    if (isFolder) return folderCall(compiler, task, name);
    return resourceCall(compiler, {
      ...task,
      options: new Map([...task.options, ['src', { type: 'text', value: name, at: src.at }]]),
    });
  };
}

/** A folder: with a slash behind it what is in it, else it itself below `dest`. */
function folderCall(compiler: Compiler, task: AnsibleTask, written: string): ResourceCall {
  const known = new Set(['src', 'dest', 'owner', 'group', 'mode', 'directory_mode']);
  const other = [...task.options.keys()].find((name) => !known.has(name));
  if (other !== undefined) throw new NotImported(`option copy.${other} of a folder`);
  const name = written.replace(/\/$/, '');
  const dest = task.options.get('dest');
  const folder = dest === undefined ? undefined : textOf(dest);
  if (dest === undefined || folder === undefined) throw new NotImported('copy without dest');
  const whole = written.endsWith('/') ? folder : `${folder.replace(/\/$/, '')}/${name.split('/').at(-1) ?? ''}`;
  const more = [...task.options].flatMap(([key, data]) => {
    if (key === 'owner' || key === 'group') return [optionEntry(key, optionValue(compiler, data, 'text'))];
    if (key === 'mode')
      return textOf(data) === 'preserve' ? [] : [optionEntry('mode', optionValue(compiler, data, 'mode'))];
    if (key === 'directory_mode') return [optionEntry('directoryMode', optionValue(compiler, data, 'mode'))];
    return [];
  });
  return {
    resource: 'sync',
    options: [
      optionEntry('src', optionValue(compiler, { type: 'text', value: name, at: task.at }, 'text')),
      optionEntry('dest', optionValue(compiler, { type: 'text', value: whole, at: task.at }, 'text')),
      ...more,
    ],
    keywords: [],
    reviews: ['Review: a folder is mirrored by `sync`; modes of its files are those of `mode`, else 0644 and 0755.'],
    keepsChanged: true,
  };
}
