/** Environment variables of the account that a task runs as. Any other may hold a secret, and is not asked for. */
export interface EnvironmentFact {
  /** Empty if it is not set, as any of the first four. */
  readonly HOME: string;
  readonly PATH: string;
  readonly USER: string;
  readonly LOGNAME: string;
  readonly SHELL?: string;
  readonly MAIL?: string;
  readonly LANG?: string;
  readonly LANGUAGE?: string;
  readonly LC_ALL?: string;
  readonly LC_CTYPE?: string;
  readonly TZ?: string;
  readonly TMPDIR?: string;
  readonly XDG_RUNTIME_DIR?: string;
  /** Who became this account by sudo. */
  readonly SUDO_USER?: string;
  readonly SUDO_UID?: string;
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
