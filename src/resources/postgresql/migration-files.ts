import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { readScript } from './statements.ts';

/** A script of SQL, and how it has to be run. */
export interface Script {
  readonly file: string;
  readonly sql: string;
  /** It begins and ends transactions by itself, or must not be in one. */
  readonly isFree: boolean;
  /** It notes in `_v.patches` by itself that it was run. */
  readonly recordsItself: boolean;
}

export interface Migration {
  readonly name: string;
  readonly requires: readonly string[];
  readonly install: Script;
  readonly rollback: Script | undefined;
  /** It makes the schema `_v` by itself. */
  readonly makesRecords: boolean;
}

/**
 * The migrations of a folder, `NAME.install.sql` with `NAME.rollback.sql` beside it, in the order of their names.
 * @throws PlayError at the desk: no such folder, a name twice, a dependency that comes later, psql commands that read
 * other files
 */
export function readMigrations(folder: string): Migration[] {
  const files = list(folder);
  const migrations = files
    .filter((file) => file.endsWith('.install.sql'))
    .map((file) => readMigration(folder, file, files));
  for (const file of files.filter((one) => one.endsWith('.rollback.sql'))) {
    if (!files.includes(file.replace(/rollback\.sql$/, 'install.sql')))
      throw new PlayError(`${file} rolls back what no script installs`, {
        where: join(folder, file),
        hint: `Name the other ${file.replace(/rollback\.sql$/, 'install.sql')}.`,
      });
  }
  const places = new Map<string, number>();
  for (const [i, { name, install }] of migrations.entries()) {
    if (places.has(name)) throw new PlayError(`Two migrations are called "${name}"`, { where: install.file });
    places.set(name, i);
  }
  for (const [i, { name, requires, install }] of migrations.entries()) {
    const late = requires.find((one) => (places.get(one) ?? -1) >= i);
    if (late !== undefined)
      throw new PlayError(
        `The migration "${name}" requires "${late}", which comes ${late === name ? 'with itself' : 'after it'}`,
        { where: install.file, hint: 'Migrations run in the order of their file names.' },
      );
  }
  return migrations;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .sort();
  } catch (cause) {
    throw new PlayError('The folder of migrations cannot be read', { where: folder, cause });
  }
}

function readMigration(folder: string, file: string, files: readonly string[]): Migration {
  const base = file.replace(/\.install\.sql$/, '');
  const { script: install, code, comments } = readOne(join(folder, file), 'register_patch');
  const call = /\b_v\s*\.\s*register_patch\s*\(\s*'([^']*)'\s*(?:,\s*(?:ARRAY\s*\[([^\]]*)\]|'\{([^}]*)\}'))?/i.exec(
    code,
  );
  const [, registered, array, braces] = call ?? [];
  const noted = /^--\s*requires:\s*(.*)$/im.exec(comments)?.[1] ?? '';
  const requires = `${array ?? braces ?? ''},${noted}`
    .split(',')
    .map((one) => one.trim().replace(/^'(.*)'$/, '$1'))
    .filter((one) => one !== '');
  const undo = `${base}.rollback.sql`;
  return {
    name: registered ?? base,
    requires: [...new Set(requires)],
    install,
    rollback: files.includes(undo) ? readOne(join(folder, undo), 'unregister_patch').script : undefined,
    makesRecords: /\bcreate\s+schema\s+(?:if\s+not\s+exists\s+)?_v\b/i.test(code),
  };
}

function readOne(
  file: string,
  record: string,
): { readonly script: Script; readonly code: string; readonly comments: string } {
  const sql = readFileSync(file, 'utf8');
  const { hasTransaction, code, comments, commands } = readScript(sql);
  const foreign = commands.find((one) => /^\\(?:i|ir|include|include_relative|c|connect|!)$/.test(one));
  if (foreign !== undefined)
    throw new PlayError(`A migration must not use psql's ${foreign}`, {
      where: file,
      hint: 'Only this file is sent, to the database that the playbook names.',
    });
  const isFree = hasTransaction || /^--\s*play:\s*no transaction\s*$/im.test(comments);
  return {
    script: { file, sql, isFree, recordsItself: new RegExp(`\\b_v\\s*\\.\\s*${record}\\s*\\(`, 'i').test(code) },
    code,
    comments,
  };
}
