import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError, unknownName } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { schemaRows, valueText, type DeclaredRole, type SchemaRow } from '../../playbook/index.ts';
import type { Launch } from '../../project/launch.ts';
import { importTypeScript } from '../../project/load-playbook.ts';
import { findProject } from '../../project/project.ts';
import { parseWithConfig } from '../parse.ts';

/** What a role's module exports. */
type Exports = Readonly<Record<string, unknown>>;

/** `play role [NAME]`: what a role does and which variables it takes, of this project's roles and of those of play. */
export async function runRoleCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = makeCommand(
    'play role',
    'Shows what a role does and which variables it takes; without a name, all roles.',
  )
    .argument('[name]', "a role of this project's roles/, or one that comes with play")
    .option('--json', 'print JSON');
  await parseWithConfig(command, args, launch);
  const { json = false } = command.opts<{ readonly json?: boolean }>();
  const [name] = command.args;
  const found = name === undefined ? await allRoles(launch) : [await findRole(name, launch)];
  const text = json
    ? `${JSON.stringify(found.map(asJson), undefined, 2)}\n`
    : name === undefined
      ? listed(found)
      : found.map(page).join('\n');
  process.stdout.write(text);
  return ExitCode.ok;
}

/** A role, and where a playbook imports it from. */
interface FoundRole {
  readonly name: string;
  readonly from: string;
  readonly roles: readonly (readonly [exported: string, role: DeclaredRole])[];
  /** What its module exports besides, for other roles. */
  readonly others: readonly string[];
}

async function allRoles(launch: Launch): Promise<FoundRole[]> {
  const own = await Promise.all(projectRoles().map((name) => ownRole(name, launch)));
  return [...own, ...Object.keys(launch.roles()).map((name) => libraryRole(name, launch))];
}

async function findRole(given: string, launch: Launch): Promise<FoundRole> {
  const library = Object.keys(launch.roles());
  const name = given.startsWith(`${launch.packageName}/roles/`) ? given.slice(launch.packageName.length + 7) : given;
  if (name === given && projectRoles().includes(name)) return await ownRole(name, launch);
  if (!library.includes(name)) throw unknownName('role', name, [...projectRoles(), ...library]);
  return libraryRole(name, launch);
}

const rolesFolder = (): string => join(findProject() ?? process.cwd(), 'roles');

/** Folders that are roles: a folder may also hold what several roles share. */
export function projectRoles(): string[] {
  const folder = rolesFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'index.ts')))
    .sort();
}

async function ownRole(name: string, launch: Launch): Promise<FoundRole> {
  const file = join(rolesFolder(), name, 'index.ts');
  const exported = await importTypeScript(file, launch);
  if (typeof exported !== 'object' || exported === null)
    throw new PlayError(`The role ${name} exports nothing`, { where: { file } });
  return found(name, `../roles/${name}/index.ts`, { ...exported });
}

function libraryRole(name: string, launch: Launch): FoundRole {
  return found(name, `${launch.packageName}/roles/${name}`, launch.roles()[name] ?? {});
}

function found(name: string, from: string, exported: Exports): FoundRole {
  const roles = Object.entries(exported).flatMap(([called, one]): [string, DeclaredRole][] =>
    typeof one === 'function' && 'role' in one ? [[called, one.role as DeclaredRole]] : [],
  );
  const others = Object.keys(exported).filter((one) => one !== 'default' && roles.every(([called]) => called !== one));
  return { name, from, roles, others };
}

function listed(found: readonly FoundRole[]): string {
  const rows = found.flatMap(({ from, roles }) =>
    roles.map(([, { name, description = '' }]) => ({ from, name, description })),
  );
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const of = (title: string, isMeant: (from: string) => boolean): string[] => {
    const lines = rows
      .filter(({ from }) => isMeant(from))
      .map((one) => `  ${one.name.padEnd(width)}  ${one.description}`.trimEnd());
    return lines.length === 0 ? [] : [`${title}:`, ...lines, ''];
  };
  return [
    ...of('of this project', (from) => from.startsWith('.')),
    ...of('that come with play', (from) => !from.startsWith('.')),
    'play role NAME shows the variables of one.',
    '',
  ].join('\n');
}

function page({ name, from, roles, others }: FoundRole): string {
  const parts = roles.map(([called, role]) =>
    [
      `${role.name}${role.description === undefined ? '' : `: ${role.description}`}`,
      '',
      `  import { ${called} } from '${from}';`,
      `  roles: [${called}({}, { tags: '${name}' })]`,
      '',
      ...variables(schemaRows(role.vars ?? {})),
    ].join('\n'),
  );
  const more = others.length === 0 ? '' : `\nFor other roles: ${others.join(', ')}\n`;
  return parts.length === 0 ? `${from} exports no role\n` : `${parts.join('\n')}${more}`;
}

function variables(rows: readonly SchemaRow[]): string[] {
  if (rows.length === 0) return ['It has no variables.', ''];
  return [
    'variables:',
    ...rows.flatMap((row) => [
      `  ${row.name}  ${row.type}${row.required ? ', required' : row.standard === undefined ? '' : `, default ${valueText(row.standard)}`}`,
      ...(row.text === '' ? [] : [`      ${row.text}`]),
    ]),
    '',
  ];
}

const asJson = ({ name, from, roles, others }: FoundRole): object => ({
  name,
  from,
  roles: roles.map(([exported, role]) => ({
    exported,
    name: role.name,
    description: role.description ?? null,
    variables: schemaRows(role.vars ?? {}).map(({ standard, ...row }) => ({ ...row, default: standard ?? null })),
  })),
  others,
});
