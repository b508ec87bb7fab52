import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { isMapping, type Data } from '../../../formats/data-edit.ts';
import { editJson } from '../../../formats/json-edit.ts';
import { dataOf, parseJson } from '../../../formats/json-tree.ts';
import { schemaFiles } from './project-schemas.ts';

/** Where VS Code, and editors that read its settings, keep those of a project. */
export const settingsFile = '.vscode/settings.json';

/** Which files a schema is for. */
const files = {
  vars: ['group_vars', 'host_vars'].flatMap((folder) => [`${folder}/**/*.yml`, `${folder}/**/*.yaml`]),
  inventory: ['inventory/*.yml', 'inventory/*.yaml', 'inventory.yml', 'inventory.yaml'],
} satisfies Record<keyof typeof schemaFiles, readonly string[]>;

/** Tags that mean something to play: without word of them an editor takes each for a mistake. */
const tags = ['!vault scalar', '!vault-encrypted scalar', '!age scalar', '!unsafe scalar', '!unsafe sequence'];

export type SettingsEdit = 'made' | 'completed' | 'unchanged';

/**
 * Tells editors that have the YAML language server which file has which schema. Comments and all other settings stay,
 * and so does what stands there for schemas of others.
 *
 * @param folder the schemas' folder, from the project's
 * @param isStrict whether YAML is read as of version 1.2 alone
 * @throws PlayError when the settings cannot be read
 */
export function wireEditor(project: string, folder: string, isStrict: boolean): SettingsEdit {
  const file = join(project, settingsFile);
  const isThere = existsSync(file);
  const before = isThere ? readFileSync(file, 'utf8') : '{\n}\n';
  const present = readSettings(file, before);
  const schemas = isMapping(present['yaml.schemas']) ? present['yaml.schemas'] : {};
  const known = Array.isArray(present['yaml.customTags']) ? present['yaml.customTags'] : [];
  const isOurs = (path: string): boolean => Object.values(schemaFiles).some((name) => path.endsWith(`/${name}`));
  const others = Object.entries(schemas).filter(([path]) => !isOurs(path));
  const ours = (Object.keys(files) as (keyof typeof files)[]).map((kind): [string, Data] => [
    `./${folder}/${schemaFiles[kind]}`,
    files[kind],
  ]);
  const wanted: Readonly<Record<string, Data>> = {
    ...present,
    'yaml.schemas': Object.fromEntries([...others, ...ours]),
    'yaml.customTags': [...known, ...tags.filter((tag) => !known.includes(tag))],
    // As Ansible reads it: `yes` is true. Whoever has chosen stays with it.
    ...(isStrict || 'yaml.yamlVersion' in present ? {} : { 'yaml.yamlVersion': '1.1' }),
  };
  const after = editJson(before, { key: [], value: wanted, state: 'present', merge: false, append: false });
  if (isThere && after === before) return 'unchanged';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, after);
  return isThere ? 'completed' : 'made';
}

function readSettings(file: string, text: string): Readonly<Record<string, Data>> {
  let content: Data | undefined;
  try {
    const root = parseJson(text);
    content = root === undefined ? {} : dataOf(root);
  } catch (cause) {
    throw new PlayError("The editor's settings cannot be read", {
      where: { file },
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: 'Correct them, or use --no-editor.',
    });
  }
  if (isMapping(content)) return content;
  throw new PlayError("The editor's settings are not an object", {
    where: { file },
    hint: 'Correct them, or use --no-editor.',
  });
}
