import type { Found, ProbeKind, Question } from '../../contract/index.ts';

/** What dnf itself is on a host. */
export interface DnfHost {
  /** `4`: one written in Python. `other`: dnf 5. `none`: there is neither dnf nor yum. */
  readonly dnf: '4' | 'other' | 'yum' | 'none';
  /**
   * Check mode: what earlier tasks will have installed, as `name-epoch:version-release.arch` or the path of its file, and
   * removed, with `-` before it. Never said by a host.
   */
  readonly planned: readonly string[];
}

// dnf 4 is a script of Python, dnf 5 a program.
const kind: ProbeKind<DnfHost> = {
  kind: 'dnf-host',
  arity: 1,
  sh: `p=$(command -v dnf) || { command -v yum >/dev/null && echo yum || echo none; exit 0; }
case $(head -c 100 "$p" | head -n 1 | tr -d '\\0') in '#!'*python*) echo 4;; *) echo other;; esac`,
  decode(stdout, questions) {
    const said = stdout.toString('utf8').trim();
    const dnf = said === '4' || said === 'other' || said === 'yum' ? said : 'none';
    return questions.map(() => ({ dnf, planned: [] }));
  },
  depends: () => [{ on: 'packages' }],
};

/** Which dnf a host has. */
export const dnfHost: Question<DnfHost> = { kind, args: [''] };

/** The host's dnf, which must be one that play can ask. @throws PlayError, Unknowable */
export function requireDnf(found: Found): DnfHost {
  const host = found.get(dnfHost);
  found.require(host.dnf !== 'none', {
    failure: 'there is no dnf on this host',
    hint: 'dnf is what Fedora, RHEL and their kin have; Debian has apt.',
    by: 'changes',
  });
  found.require(host.dnf === '4', {
    failure: host.dnf === 'yum' ? 'this host has yum without dnf' : 'this host has dnf 5',
    hint: 'play asks dnf 4, as RHEL 8 to 10 and their kin have it. Use `command` with a guard here.',
    by: null,
  });
  return host;
}
