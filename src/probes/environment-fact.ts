/** Environment variables of the account that a task runs as. Any other may hold a secret, and is not asked for. */
export interface EnvironmentFact {
  /** The home of the account; empty if it is not set, as are the next three. */
  readonly HOME: string;
  /** Where programs are looked for. */
  readonly PATH: string;
  /** The name of the account. */
  readonly USER: string;
  /** The same. */
  readonly LOGNAME: string;
  /** Its login shell. */
  readonly SHELL?: string;
  /** Its mailbox. */
  readonly MAIL?: string;
  /** Its locale. */
  readonly LANG?: string;
  /** Languages of messages, in order of preference. */
  readonly LANGUAGE?: string;
  /** The locale that overrides all others. */
  readonly LC_ALL?: string;
  /** The locale for characters. */
  readonly LC_CTYPE?: string;
  /** The time zone. */
  readonly TZ?: string;
  /** The folder for temporary files. */
  readonly TMPDIR?: string;
  /** The folder for sockets and the like of a login. */
  readonly XDG_RUNTIME_DIR?: string;
  /** Who became this account with sudo. */
  readonly SUDO_USER?: string;
  /** The id of that user. */
  readonly SUDO_UID?: string;
  /** The id of that user's group. */
  readonly SUDO_GID?: string;
}

export const environmentNames = [
  'HOME',
  'PATH',
  'USER',
  'LOGNAME',
  'SHELL',
  'MAIL',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'SUDO_USER',
  'SUDO_UID',
  'SUDO_GID',
] as const satisfies readonly (keyof EnvironmentFact)[];

// A value of several lines would be read as several variables.
export const environmentSh = `for n in ${environmentNames.join(' ')}; do
  eval "v=\${$n-} x=\${$n+x}"
  if [ "$x" ] && [ "$(printf %s "$v" | wc -l)" -eq 0 ]; then printf '%s=%s\\n' "$n" "$v"; fi
done`;

/** From what `environmentSh` prints. */
export function readEnvironment(output: string): EnvironmentFact {
  const found = output.split('\n').flatMap((line): (readonly [string, string])[] => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return { HOME: '', PATH: '', USER: '', LOGNAME: '', ...Object.fromEntries(found) };
}
