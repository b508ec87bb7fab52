import type { ProbeKind, Question } from '../../contract/index.ts';

/** A package that rpm has. */
export interface InstalledRpm {
  readonly name: string;
  /** With its epoch: `0:1.2-3.el9`. */
  readonly evr: string;
  readonly arch: string;
}

// A package by its name, version or file, a name with wildcards, or else what provides it. Of a file that is not there
// nothing is printed, as for a package that is not installed.
const kind: ProbeKind<readonly InstalledRpm[]> = {
  kind: 'rpm',
  arity: 1,
  sh: `command -v rpm >/dev/null || exit 0
export LC_ALL=C
xargs -0 sh -c 'f="%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH}\\n"
q() { o=$(rpm -q --qf "$f" "$@" 2>/dev/null) && [ -n "$o" ]; }
for s do
  o=
  case $s in
    @*|*://*) ;;
    /*.rpm) n=$(rpm -qp --nosignature --qf "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}" -- "$s" 2>/dev/null) && q -- "$n" || o=;;
    *[*?[]*) q -a -- "$s" || o=;;
    *) q -- "$s" || q --whatprovides -- "$s" || o=;;
  esac
  printf "%s\\0" "$o"
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i) =>
      (parts[i] ?? '').split('\n').flatMap((line) => {
        const [name, evr, arch] = line.split(' ');
        return name === undefined || evr === undefined || arch === undefined ? [] : [{ name, evr, arch }];
      }),
    );
  },
  depends: () => [{ on: 'packages' }],
};

/**
 * The packages that stand for a name, such as dnf takes: `nginx`, `nginx-1.20.1`, `/usr/bin/dig`, `mailcap.noarch`, or
 * a file of one on the host. Empty where none is installed, or there is no rpm.
 */
export function installedRpms(spec: string): Question<readonly InstalledRpm[]> {
  return { kind, args: [spec] };
}
