import { listOf, textOf, type Data } from '../ansible/data.ts';
import { sourceName } from '../ansible/source-names.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported } from '../expressions/code.ts';
import { flagOf } from './values.ts';

/** What a task includes, as it is written. */
export const includedName = (task: AnsibleTask): Data | undefined =>
  task.options.get('file') ??
  task.options.get('_raw_params') ??
  (task.text === undefined ? undefined : { type: 'text', value: task.text, at: task.at });

/** Names of which the first that is there is meant. */
export interface FirstFound {
  readonly names: readonly string[];
  /** Nothing happens where none is there; else that is an error. */
  readonly skips: boolean;
}

const lookup =
  /^\{\{\s*(?:lookup|query|q)\(\s*['"](?:ansible\.builtin\.)?first_found['"]\s*,\s*(\w+)\s*(?:,[^)]*)?\)(?:\s*\|\s*first)?\s*\}\}$/;

/**
 * Files of which the first that is there is included: `with_first_found`, or `lookup('first_found', params)` with the task's
 * own variable.
 *
 * @param folder the folder that names without a path are looked for in: `tasks`, `vars`
 * @throws NotImported where the files are computed
 */
export function firstFound(task: AnsibleTask, folder: string): FirstFound | undefined {
  const written = includedName(task);
  const text = written === undefined ? '' : (textOf(written) ?? '').trim();
  const loop = task.keywords.get('with_first_found');
  if (loop !== undefined) {
    if (!new RegExp(`^\\{\\{\\s*${loopVariable(task)}\\s*\\}\\}$`).test(text))
      throw new NotImported('include of the first found', 'its name consists of more than the file found');
    return ofTerms(listOf(loop), folder);
  }
  const [, named] = lookup.exec(text) ?? [];
  const vars = task.keywords.get('vars');
  const settings = named === undefined || vars?.type !== 'map' ? undefined : vars.entries.get(named);
  return settings === undefined ? undefined : ofTerms(listOf(settings), folder);
}

function loopVariable({ keywords }: AnsibleTask): string {
  const control = keywords.get('loop_control');
  const named = control?.type === 'map' ? control.entries.get('loop_var') : undefined;
  return named === undefined ? 'item' : (textOf(named) ?? 'item');
}

function ofTerms(terms: readonly Data[], folder: string): FirstFound {
  const names = terms.flatMap((term): string[] => {
    if (term.type !== 'map') return [textOf(term) ?? ''];
    const files = textsIn(term.entries.get('files'));
    const paths = textsIn(term.entries.get('paths')).map((path) => below(path, folder));
    return paths.length === 0 ? files : paths.flatMap((path) => files.map((file) => path + file));
  });
  if (names.some((name) => /^\s*\{\{[^{}]*\}\}\s*$/.test(name)))
    throw new NotImported('include of the first found', 'its list of files is computed');
  const skips = terms.some(
    (term) => term.type === 'map' && ['skip', 'errors'].some((key) => isSkip(term.entries.get(key))),
  );
  return {
    names: names.map((name) =>
      sourceName(name)
        .trim()
        .replace(new RegExp(`^(?:\\.\\./)?${folder}/`), ''),
    ),
    skips,
  };
}

const isSkip = (data: Data | undefined): boolean =>
  flagOf(data) === true || (data !== undefined && textOf(data) === 'ignore');

const textsIn = (data: Data | undefined): string[] =>
  listOf(data).flatMap((one) => (textOf(one) ?? '').split(/[,;:](?![^{]*\}\})/).map((part) => part.trim()));

/** A path of `paths` from the folder, with a slash behind it. */
function below(path: string, folder: string): string {
  const own = path.replace(/^\{\{\s*role_path\s*\}\}\/?/, '').replace(/^(?:\.\.?\/)+/, '');
  const [first, ...rest] = own.split('/').filter((part) => part !== '');
  if (first === undefined) return '';
  if (first !== folder) return `${own}/`;
  return rest.length === 0 ? '' : `${rest.join('/')}/`;
}
