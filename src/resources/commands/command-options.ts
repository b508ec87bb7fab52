import * as v from 'valibot';
import type { ResourceScope } from '../../contract/index.ts';
import { reveal } from '../../secrets/index.ts';
import { path, secretText, text } from '../kit/schemas.ts';
import type { WantedCommand } from './command-run.ts';

/** The options command and shell share. */
export const commandOptions = {
  chdir: v.optional(path('Where to run it. Default `/`.')),
  creates: v.optional(
    text(
      'Due only while this path is not there; once it has run, the path must be. Relative to `chdir`; no wildcards (a guard in `unless` can have them).',
    ),
  ),
  removes: v.optional(
    text('Due only while this path is there; once it has run, it must be gone. Relative to `chdir`.'),
  ),
  unless: v.optional(text('Due only if this shell command, which must only look, ends with a code other than 0.')),
  onlyIf: v.optional(text('Due only if this shell command, which must only look, ends with code 0.')),
  changes: v.optional(
    v.pipe(
      v.picklist(['always', 'never']),
      v.description(
        '`always`: due every time (or whenever the other conditions hold). `never`: it only reads; it runs in check mode too, there with planned files in place, and its output can be read by later tasks.',
      ),
    ),
  ),
  stdin: v.optional(secretText('What it reads on its standard input. May be a Secret.')),
  environment: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name')),
        secretText('A value; may be a Secret.'),
      ),
      v.description(
        'Environment variables for it and its guards. The place for secrets, which do not belong into a command line.',
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

/** One line for people. */
export function oneLine(command: string): string {
  const [first = '', ...more] = command.trim().split('\n');
  return more.length === 0 ? first : `${first} ... (${more.length + 1} lines)`;
}
