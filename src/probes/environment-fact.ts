/**
 * Environment variables that commands of a task find. A connection starts with an empty environment: nothing from a
 * login's shell is in it.
 */
export interface EnvironmentFact {
  /** The home of the account the task runs as. */
  readonly HOME: string;
  /** Where commands are looked for; the same on all hosts. */
  readonly PATH: string;
  /** The name of the account the task runs as. */
  readonly USER: string;
  /** The same. */
  readonly LOGNAME: string;
}

export const environmentNames = [
  'HOME',
  'PATH',
  'USER',
  'LOGNAME',
] as const satisfies readonly (keyof EnvironmentFact)[];

export const environmentSh = String.raw`printf '%s\n' "$HOME" "$PATH" "$USER" "$LOGNAME"`;

/** From what `environmentSh` prints: none of them has line ends. */
export function readEnvironment(output: string): EnvironmentFact {
  const [HOME = '', PATH = '', USER = '', LOGNAME = ''] = output.split('\n');
  return { HOME, PATH, USER, LOGNAME };
}
