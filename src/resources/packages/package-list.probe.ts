import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** A package that is installed. */
export interface InstalledPackage {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The architecture it is for: `amd64`, `all`. */
  readonly arch: string;
  /** Whose word it is: `apt`. */
  readonly source: string;
}

const kind: ProbeKind<readonly InstalledPackage[] | 'no dpkg'> = {
  kind: 'package-list',
  arity: 1,
  sh: `command -v dpkg-query >/dev/null || { echo none; exit 0; }
dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version} \${Architecture}\\n'; echo end`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').trimEnd().split('\n');
    const answer =
      lines[0] === 'none'
        ? ('no dpkg' as const)
        : lines.at(-1) !== 'end'
          ? new ProbeFailure(`dpkg cannot list its packages: ${stderr.trim()}`)
          : lines
              .map((line) => line.split(' '))
              .filter(([status]) => status === 'installed')
              .map(([, name = '', version = '', arch = '']) => ({ name, version, arch, source: 'apt' }));
    return questions.map(() => answer);
  },
  depends: () => [{ on: 'packages' }],
};

/** All packages that are installed. */
export const packageList: Question<readonly InstalledPackage[] | 'no dpkg'> = { kind, args: [''] };
