/**
 * Environment variables that a task's commands see. A connection starts with an empty environment: nothing is taken
 * over from a login shell.
 */
export interface EnvironmentFact {
  /** The home directory of the account the task runs as. */
  readonly HOME: string;
  /** Where commands are looked up; the same on all hosts. */
  readonly PATH: string;
  /** The name of the account the task runs as. */
  readonly USER: string;
  /** The same as `USER`. */
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
