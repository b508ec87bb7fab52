import type { ProbeKind, Question } from '../../contract/index.ts';
import { givenAll } from '../../probes/sh-texts.ts';

/** What dpkg knows of a package. */
export interface Package {
  /** Unpacked and configured. */
  readonly installed: boolean;
  /** Removed, its configuration files still there. */
  readonly configFiles: boolean;
  readonly version: string;
  readonly held: boolean;
  /** Left half installed by an interrupted run. */
  readonly broken: boolean;
  /** Check mode: what it brings, of one that is planned to come. */
  readonly brings?: {
    readonly files: readonly string[];
    readonly folders: readonly string[];
    readonly conffiles: readonly string[];
  };
}

const missing: Package = { installed: false, configFiles: false, version: '', held: false, broken: false };

const kind: ProbeKind<Package> = {
  kind: 'package',
  arity: 1,
  ...givenAll(`dpkg-query 2>/dev/null -W -f '\${Package} \${Architecture} \${db:Status-Abbrev}\${Version}\\n' --`),
  decode(stdout, questions) {
    const found = new Map<string, Package>();
    for (const line of stdout.toString('utf8').split('\n')) {
      // `ii ` is three characters: wanted, status, error (dpkg-query(1), db:Status-Abbrev).
      const match = /^(\S+) (\S+) (.)(.)(.)(\S*)$/.exec(line);
      if (!match) continue;
      const [, name = '', arch = '', want, status, , version = ''] = match;
      // H, U, F: half installed, unpacked, half configured; W, t: triggers are still to be run, which dpkg does by
      // itself.
      const state = {
        installed: status === 'i' || status === 'W' || status === 't',
        configFiles: status === 'c',
        version,
        held: want === 'h',
        broken: status !== undefined && 'HUF'.includes(status),
      };
      if (!found.get(name)?.installed) found.set(name, state);
      found.set(`${name}:${arch}`, state);
    }
    return questions.map(([name = '']) => found.get(name) ?? missing);
  },
  depends: () => [{ on: 'packages' }],
};

/** Whether and in which version a Debian package is installed. `name` may carry `:arch`. */
export function packageState(name: string): Question<Package> {
  return { kind, args: [name] };
}
