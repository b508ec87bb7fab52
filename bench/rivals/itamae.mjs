// Itamae over SSH: one recipe.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../measure.mjs';

const small = '# Written for <%= @host %>\nnumber = <%= @n %>\nhost = <%= @host %>\n';

const text = (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\' "\\n" \'')}'`;
// What it uploads belongs to who logs in, unless it is told.
const owned = ["owner 'root'", "group 'root'"];
const block = (head, ...lines) => `${head} do\n${lines.map((line) => `  ${line}\n`).join('')}end\n`;

const resources = {
  directory: ({ path, mode }) => block(`directory ${text(path)}`, `mode ${text(mode)}`),
  file: ({ path, content, mode }) =>
    block(`file ${text(path)}`, `content ${text(content)}`, `mode ${text(mode)}`, ...owned),
  template: ({ path, n, mode }, host) =>
    block(
      `template ${text(path)}`,
      "source 'small.conf.erb'",
      `variables(n: ${n}, host: ${text(host)})`,
      `mode ${text(mode)}`,
      ...owned,
    ),
  line: ({ path, line }) =>
    block(
      `file ${text(path)}`,
      'action :edit',
      ...owned,
      `block { |content| content << ${text(`${line}\n`)} unless content.lines(chomp: true).include?(${text(line)}) }`,
    ),
  link: ({ path, target }) => block(`link ${text(path)}`, `to ${text(target)}`),
  group: ({ name }) => `group ${text(name)}\n`,
  user: ({ name, group }) =>
    block(`user ${text(name)}`, `gid ${text(group)}`, "shell '/usr/sbin/nologin'", 'create_home false'),
  package: ({ name }) => `package ${text(name)}\n`,
  service: ({ name }) => block(`service ${text(name)}`, 'action [:start, :enable]'),
};

export const itamae = {
  name: 'Itamae',
  packages: ['itamae'],
  command: 'itamae ssh --host HOST recipe.rb',
  /** @returns what runs it once */
  write(tasks, { ssh, folder, host }) {
    const recipe = join(folder, 'itamae/recipe.rb');
    mkdirSync(join(folder, 'itamae'), { recursive: true });
    writeFileSync(join(folder, 'itamae/small.conf.erb'), small);
    writeFileSync(recipe, tasks.map((one) => resources[one.kind](one, host)).join(''));
    return () => run('itamae', ['ssh', '--host', host, '--ssh-config', ssh, recipe], { cwd: folder, limit: 300 });
  },
};
