import * as v from 'valibot';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';
import { commandOptions, oneLine, sharedCommand, wordsOf } from './command-options.ts';
import { commandQuestions, planCommand, refuseCommand } from './command-run.ts';

/** A program with arguments, without a shell. */
export const command = defineResource({
  name: 'command',
  summary: 'Runs a program, without a shell: no pipes, no `$VARIABLES`, no wildcards.',
  options: {
    cmd: v.optional(
      text('Program and arguments in one string, split at blanks; quotes and backslashes as in a shell.'),
    ),
    argv: v.optional(
      v.pipe(
        v.array(v.string()),
        v.minLength(1),
        v.description('Program and arguments as a list, instead of `cmd`: nothing needs quoting.'),
      ),
    ),
    ...commandOptions,
  },
  example: `command({ argv: ['setcap', 'cap_net_raw+ep', exporter], unless: \`getcap \${exporter} | grep -q cap_net_raw\` })
const version = command({ cmd: 'prometheus --version', changes: 'never' });`,
  validateOptions: (options) =>
    (options.cmd === undefined) === (options.argv === undefined)
      ? 'give either `cmd` or `argv`'
      : refuseCommand(options),
  title: (options) => (options.argv ? oneLine(options.argv.join(' ')) : oneLine(options.cmd ?? '')),
  prepare({ cmd, argv, ...shared }, scope) {
    const words = argv ?? wordsOf(cmd ?? '', 'command');
    return {
      ...sharedCommand(shared, scope),
      argv: words,
      programs: words.slice(0, 1),
      text: oneLine(argv ? argv.join(' ') : (cmd ?? '')),
    };
  },
  probes: commandQuestions,
  plan: planCommand,
});
