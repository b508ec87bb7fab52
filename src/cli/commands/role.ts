import { ExitCode, unknownName } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { schemaRows, valueText, type SchemaRow } from '../../playbook/index.ts';
import type { Launch } from '../../project/launch.ts';
import { findProject } from '../../project/project.ts';
import { parseWithConfig } from '../parse.ts';
import { libraryRole, ownRole, projectRoles, type FoundRole } from './find-roles.ts';

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

async function allRoles(launch: Launch): Promise<FoundRole[]> {
  const project = present();
  const own = await Promise.all(projectRoles(project).map((name) => ownRole(name, project, launch)));
  return [...own, ...Object.keys(launch.roles()).map((name) => libraryRole(name, launch))];
}

async function findRole(given: string, launch: Launch): Promise<FoundRole> {
  const library = Object.keys(launch.roles());
  const name = given.startsWith(`${launch.packageName}/roles/`) ? given.slice(launch.packageName.length + 7) : given;
  const project = present();
  const own = projectRoles(project);
  if (name === given && own.includes(name)) return await ownRole(name, project, launch);
  if (!library.includes(name)) throw unknownName('role', name, [...own, ...library]);
  return libraryRole(name, launch);
}

const present = (): string => findProject() ?? process.cwd();

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
