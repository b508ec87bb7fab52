// docs/roles/: a page for each role that comes with play, from its schema and the docstrings of what it exports besides.
import { example, page, table } from './markdown.mjs';
import { optionTable } from './resource-pages.mjs';
import { schemaRows } from './rows.mjs';

/**
 * @param roles what the modules of src/roles export, as they run, by the role's name
 * @returns the pages by path below docs/; `problems` hears of what has no meaning
 */
export function rolePages(roles, source, problems) {
  const sorted = [...roles].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, exported] of sorted)
    if (rolesIn(exported).length === 0) problems.push(`src/roles/${name}/index.ts exports no role`);
  return [
    [
      'roles/README.md',
      page(
        '# Roles that come with play',
        "For anybody's playbooks: `import { nginx } from 'play/roles/nginx'`. Values of their variables come from the inventory, or from the playbook: `nginx({ nginx_settings: '...' })`. `play role` lists them, `play role NAME` shows one.",
        table(
          ['role', 'what it does'],
          sorted.flatMap(([name, exported]) =>
            rolesIn(exported).map(([, { role }]) => [`[${role.name}](${name}.md)`, role.description ?? '']),
          ),
        ),
      ),
    ],
    ...sorted.map(([name, exported]) => [`roles/${name}.md`, rolePage(name, exported, source, problems)]),
  ];
}

const rolesIn = (exported) => Object.entries(exported).filter(([, one]) => typeof one === 'function' && 'role' in one);

function rolePage(name, exported, source, problems) {
  const own = rolesIn(exported);
  const symbols = source.exportsOf(`src/roles/${name}/index.ts`);
  const others = Object.keys(exported).filter((one) => own.every(([role]) => role !== one));
  return page(
    `# ${name}`,
    ...own.flatMap(([called, { role }]) => sectionOf(name, called, role, problems)),
    ...(others.length === 0
      ? []
      : [
          '## For other roles',
          table(
            ['export', 'meaning'],
            others.map((one) => {
              const { text, tags } = source.docOf(symbols.get(one));
              if (text === '') problems.push(`src/roles/${name}/index.ts: ${one} has no docstring`);
              const examples = tags.filter((tag) => tag.name === 'example').map((tag) => ` Example: \`${tag.text}\``);
              return [`\`${one}${source.callOf(symbols.get(one))}\``, `${text}${examples.join('')}`];
            }),
          ),
        ]),
  );
}

function sectionOf(name, called, role, problems) {
  const at = `src/roles/${name}/index.ts`;
  if (role.description === undefined) problems.push(`${at}: the role ${role.name} has no description`);
  const rows = schemaRows(role.vars ?? {});
  for (const row of rows) if (row.text === '') problems.push(`${at}: the variable \`${row.name}\` has no meaning`);
  return [
    role.description ?? '',
    example(
      `import { ${called} } from 'play/roles/${name}';\n\ndefinePlaybook({ hosts: 'web', become: true, roles: [${called}()] })`,
    ),
    rows.length === 0 ? 'It has no variables.' : optionTable(rows, 'variable'),
  ];
}
