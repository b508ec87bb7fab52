import * as v from 'valibot';
import type { ResourceScope } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { splitWords } from '../../inventory/index.ts';
import { reveal } from '../../secrets/index.ts';
import { path, secretText, text } from '../kit/schemas.ts';
import type { WantedCommand } from './command-run.ts';

/** The options command and shell share. */
export const commandOptions = {
  chdir: v.optional(path('Directory to run it in. Default `/`.')),
  creates: v.optional(
    text(
      'Run only if this path does not exist; afterwards it must. Relative to `chdir`; no wildcards (use `unless` for those).',
    ),
  ),
  removes: v.optional(text('Run only if this path exists; afterwards it must be gone. Relative to `chdir`.')),
  unless: v.optional(
    text('Run only if this shell command exits with a code other than 0. It must not change anything.'),
  ),
  onlyIf: v.optional(text('Run only if this shell command exits with 0. It must not change anything.')),
  changes: v.optional(
    v.pipe(
      v.picklist(['always', 'never']),
      v.description(
        '`always`: run every time (or whenever the other conditions hold). `never`: it only reads. Then it runs in check mode too, with planned files in place, and later tasks can read its output.',
      ),
    ),
  ),
  stdin: v.optional(secretText('What the command reads on standard input. May be a Secret.')),
  environment: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name')),
        secretText('A value; may be a Secret.'),
      ),
      v.description(
        'Environment variables for the command and its guards. The place for secrets, which do not belong on a command line.',
      ),
    ),
  ),
};

type Shared = { readonly [K in keyof typeof commandOptions]?: v.InferOutput<(typeof commandOptions)[K]> };

/** The shared options as the plan wants them. The keyword `environment` is for what only looks, too. */
export function sharedCommand(
  { chdir = '/', stdin, environment, ...conditions }: Shared,
  scope: Pick<ResourceScope, 'environment'>,
): Omit<WantedCommand, 'argv' | 'programs' | 'text'> {
  return {
    ...conditions,
    chdir,
    stdin: stdin === undefined ? '' : reveal(stdin),
    environment: { ...scope.environment, ...environment },
  };
}

/** Program and arguments of one text. @throws PlayError naming the resource */
export function wordsOf(cmd: string, resource: string): string[] {
  const words = splitWords(cmd, { comments: false });
  if (typeof words === 'string')
    throw new PlayError(`${resource}: \`cmd\` cannot be split into words: ${words}`, {
      hint: 'Give `argv: [ ... ]`, where nothing needs quoting.',
    });
  if (words.length === 0) throw new PlayError(`${resource}: \`cmd\` is empty`);
  return words.map((word) => word.text);
}

/** One line for people. */
export function oneLine(command: string): string {
  const [first = '', ...more] = command.trim().split('\n');
  return more.length === 0 ? first : `${first} ... (${more.length + 1} lines)`;
}
