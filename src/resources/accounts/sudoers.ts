import * as v from 'valibot';
import type { Options } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { flag, path, text } from '../kit/schemas.ts';

const word = (description: string) => v.pipe(text(description), v.regex(/^[^\r\n\0]+$/, 'must be one line'));
const command = v.pipe(v.string(), v.regex(/^[^\r\n\0]+$/, 'must be one line'));

const options = {
  // sudoers(5): files whose names end in ~ or hold a point are passed over without a word.
  name: v.pipe(
    v.string(),
    v.regex(
      /^[^./~\s\0-][^./~\s\0]*$/,
      'must be a file name without dots, slashes, blanks and "~", because sudo ignores other files',
    ),
    v.description('The name of the file in `/etc/sudoers.d`.'),
  ),
  user: v.optional(word('The user who may. Instead of `group`.')),
  group: v.optional(word('The group whose members may. Instead of `user`.')),
  commands: v.optional(
    v.pipe(
      v.union([command, v.array(command)]),
      v.description('The commands allowed: absolute paths, with arguments as in sudoers(5), or `ALL`.'),
    ),
  ),
  nopassword: flag('Do not ask for a password.', true),
  runas: v.optional(
    word('Run the commands as this user, as in sudoers(5): `postgres`, `:docker`, `ALL:ALL`. Default: root.'),
  ),
  setenv: flag('Allow environment variables to be kept and set (SETENV).', false),
  noexec: flag('Keep the commands from starting other programs (NOEXEC).', false),
  host: v.optional(word('The hosts it applies to, as in sudoers(5).'), 'ALL'),
  state: v.optional(v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the file.')), 'present'),
  validation: v.optional(
    v.pipe(
      v.picklist(['required', 'detect', 'absent']),
      v.description('Check the file with visudo(8) before it is put in place: always, if visudo is there, or never.'),
    ),
    'required',
  ),
  sudoersPath: v.optional(path('The folder, if not `/etc/sudoers.d`.'), '/etc/sudoers.d'),
};

interface SudoersResult {
  /** The file of the rule. */
  readonly path: string;
}

/** One rule of sudo, in a file of its own. */
export const sudoers = defineResource({
  name: 'sudoers',
  summary:
    'Lets a user or group run commands with sudo: a rule in a file of its own, checked by visudo before it takes effect.',
  options,
  example: `sudoers({ name: 'deploy-restart', user: 'deploy', commands: '/usr/bin/systemctl restart app' })
sudoers({ name: 'dba', group: 'dba', runas: 'postgres', commands: 'ALL', nopassword: false })
sudoers({ name: 'old-rule', state: 'absent' })`,
  validateOptions({ user, group, commands, state }) {
    if (state === 'absent') return undefined;
    if ((user === undefined) === (group === undefined)) return 'give either `user` or `group`';
    return commands === undefined || commands.length === 0 ? 'give `commands`: what they may run' : undefined;
  },
  title: (given) => given.name ?? '',
  prepare: (given) => ({
    path: `${given.sudoersPath}/${given.name}`,
    state: given.state,
    content: Buffer.from(given.state === 'absent' ? '' : ruleOf(given)),
    validate: checkers[given.validation],
  }),
  probes: ({ path: file }) => fileQuestions(file),
  plan({ path: file, state, content, validate }, found) {
    const result: SudoersResult = { path: file };
    if (state === 'absent') return planNoFile(file, found, result);
    return planManagedFile(
      { path: file, content, mode: '0440', owner: 'root', group: 'root', validate },
      { mode: '0750', owner: 'root', group: 'root' },
      found,
      result,
    );
  },
  owns: ({ path: file }) => [{ on: 'path', path: file }],
});

const checkers = {
  required: 'visudo -cf %s',
  detect: 'if command -v visudo >/dev/null; then visudo -cf %s; fi',
  absent: undefined,
} as const;

function ruleOf({
  user,
  group,
  commands = [],
  nopassword,
  runas,
  setenv,
  noexec,
  host,
}: Options<typeof options>): string {
  const who = user === undefined ? `%${escaped(group ?? '')}` : escaped(user);
  const tags = `${noexec ? 'NOEXEC:' : ''}${nopassword ? 'NOPASSWD:' : ''}${setenv ? 'SETENV:' : ''}`;
  return `${who} ${host}=${runas === undefined ? '' : `(${runas})`}${tags} ${typeof commands === 'string' ? commands : commands.join(', ')}\n`;
}

/** sudoers(5), "Other special characters and reserved words": what means something in a name is escaped. */
function escaped(name: string): string {
  return name.replace(/[@!=:,()\\\s"]/g, '\\$&');
}
