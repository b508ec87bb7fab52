import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { ownFolder } from '../../../project/cache-folder.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { parseWithConfig } from '../../parse.ts';
import { settingsFile, wireEditor, type SettingsEdit } from './editor-settings.ts';
import { projectSchemas, schemaFiles } from './project-schemas.ts';
import { rolesInUse } from './roles-in-use.ts';

/** Where they are kept: git is told to ignore it. */
const folder = '.play/schemas';

interface SchemaFlags {
  readonly out?: string;
  readonly editor: boolean;
}

/** `play schema`: JSON Schemas of the project's variables and inventory, and word of them to its editors. */
export async function runSchemaCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = makeCommand(
    'play schema',
    'Writes JSON Schemas for inventory, group_vars and host_vars, made from the roles in use, and configures editors to use them.',
  )
    .option('--out <folder>', `where to write them, relative to the project's folder (default: ${folder})`)
    .option('--no-editor', `leave ${settingsFile} as it is`)
    .option('--debug', 'show stack traces with errors', false);
  const config = await parseWithConfig(command, args, launch);
  const { out = folder, editor } = command.opts<SchemaFlags>();
  const project = findProject();
  if (project === undefined)
    throw new PlayError('This is not a project: no folder from here upwards holds inventory/ or play.config.ts', {
      hint: 'play init makes one here.',
    });
  const written = await writeSchemas({ project, out, launch });
  const settings = editor
    ? wireEditor(project, relative(project, join(project, out)), config.yaml === 'strict')
    : undefined;
  process.stdout.write([...written, ...editorLines(settings)].map((line) => `${line}\n`).join(''));
  return ExitCode.ok;
}

/**
 * What `play schema` does, in a project that is just being made.
 *
 * @returns what was done, a line each
 * @throws PlayError where a role cannot be read, or the settings of the editor
 */
export async function schemasFor(project: string, launch: Launch, isStrict: boolean): Promise<string[]> {
  const written = await writeSchemas({ project, out: folder, launch });
  return [...written, ...editorLines(wireEditor(project, folder, isStrict))];
}

function editorLines(edit: SettingsEdit | undefined): string[] {
  if (edit === undefined) return [];
  return [edit === 'unchanged' ? `${settingsFile} already has them` : `${edit} ${settingsFile}`];
}

interface SchemaPlace {
  readonly project: string;
  readonly out: string;
  readonly launch: Launch;
}

async function writeSchemas({ project, out, launch }: SchemaPlace): Promise<string[]> {
  const roles = await rolesInUse(project, launch);
  const schemas = projectSchemas(roles);
  const place = join(project, out);
  if (out === folder && ownFolder(place) === undefined)
    throw new PlayError('The schemas cannot be written: others may write to their folder', {
      where: { file: place },
      hint: 'Name another one: --out FOLDER.',
    });
  mkdirSync(place, { recursive: true });
  return (Object.keys(schemaFiles) as (keyof typeof schemaFiles)[]).map((kind) => {
    const file = join(place, schemaFiles[kind]);
    const text = `${JSON.stringify(schemas[kind], undefined, 2)}\n`;
    const isThere = existsSync(file);
    const isSame = isThere && readFileSync(file, 'utf8') === text;
    if (!isSame) writeFileSync(file, text);
    return `${isSame ? 'unchanged' : isThere ? 'updated' : 'made'} ${join(out, schemaFiles[kind])}`;
  });
}
