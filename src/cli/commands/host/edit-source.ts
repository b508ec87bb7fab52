import { readFileSync } from 'node:fs';
import { isMap, parseDocument, type Node, type YAMLMap } from 'yaml';
import { PlayError } from '../../../errors/index.ts';
import { utf8 } from '../../../formats/text-bytes.ts';
import { EditRefused } from '../../../formats/text-edit.ts';
import { editYaml } from '../../../formats/yaml-edit.ts';
import { addToIni, formOf, removeFromIni, type NewHost } from '../../../inventory/index.ts';

/**
 * The text of a source with a host in these of its groups. @throws PlayError for sources that only a person can edit
 */
export function withHost(file: string, host: NewHost): string {
  const text = editable(file, `add ${host.name} to ${host.groups.join(', ')}`);
  if (formOf(file, text) === 'ini') return addToIni(text, host);
  let made = text;
  for (const [index, group] of host.groups.entries()) {
    const path = yamlPaths(made, group)[0];
    if (path === undefined)
      throw new PlayError(`Group ${group} has no section in this file`, {
        where: { file },
        hint: 'Write "GROUP:" with "hosts:" below it first.',
      });
    const variables = index === 0 && Object.keys(host.variables).length > 0 ? host.variables : null;
    made = edited(file, made, { key: [...path, 'hosts', host.name], value: variables, state: 'present' });
    // As inventories are written: a host without variables is its name and a colon.
    if (variables === null)
      made = made.replace(new RegExp(`^([ \\t]*["']?${host.name.replaceAll('.', '\\.')}["']?:) null$`, 'm'), '$1');
  }
  return made;
}

/** The text of a source without a host; the text as it is where the host is not in it. */
export function withoutHost(file: string, name: string): string {
  const text = utf8.decode(readFileSync(file));
  const form = file.endsWith('.ts') ? 'program' : formOf(file, text);
  if (form === 'program') return text;
  if (form === 'ini') return removeFromIni(text, file, name);
  let made = text;
  for (const path of yamlPaths(text, undefined))
    made = edited(file, made, { key: [...path, 'hosts', name], state: 'absent' });
  // What is left of the last host's mapping.
  return made === text ? text : made.replaceAll(/^([ \t]*hosts:) \{\}$/gm, '$1');
}

function editable(file: string, what: string): string {
  const text = utf8.decode(readFileSync(file));
  if (file.endsWith('.ts'))
    throw new PlayError('A typed inventory is code: edit it by hand', {
      where: { file },
      hint: `There ${what}.`,
    });
  if (formOf(file, text) === 'program')
    throw new PlayError('This inventory is a program', {
      where: { file },
      hint: `Make it print what is wanted: ${what}.`,
    });
  return text;
}

function edited(
  file: string,
  text: string,
  edit: { key: string[]; value?: NewHost['variables'] | null; state: 'present' | 'absent' },
): string {
  try {
    return editYaml(text, { merge: true, append: false, ...edit });
  } catch (thrown) {
    if (!(thrown instanceof EditRefused)) throw thrown;
    throw new PlayError(`The inventory cannot be edited: ${thrown.message}`, {
      where: { file },
      hint: 'Edit it by hand; nothing was changed.',
    });
  }
}

/** The ways to a group's mappings, or to those of all groups; one that has hosts comes first. */
function yamlPaths(text: string, group: string | undefined): string[][] {
  const found: { path: string[]; hasHosts: boolean }[] = [];
  const walk = (map: YAMLMap, path: readonly string[]): void => {
    for (const { key, value } of map.items) {
      const name = String((key as Node).toJSON());
      const here = [...path, name];
      if (group === undefined || name === group)
        found.push({ path: here, hasHosts: isMap(value) && value.has('hosts') });
      const children = isMap(value) ? value.get('children') : undefined;
      if (isMap(children)) walk(children, [...here, 'children']);
    }
  };
  const { contents } = parseDocument(text);
  if (isMap(contents)) walk(contents, []);
  return found.sort((a, b) => Number(b.hasHosts) - Number(a.hasHosts)).map(({ path }) => path);
}
