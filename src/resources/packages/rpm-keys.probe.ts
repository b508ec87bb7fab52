import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { fingerprintsOf } from '../../formats/openpgp-key.ts';

/** The keys that rpm trusts. */
export const rpmKeysSubject: Subject = { on: 'named', name: 'rpm-keys', ofRoot: 'the keys rpm trusts' };

/** A key that rpm trusts. */
export interface RpmKey {
  /** The package that stands for it: `gpg-pubkey-VERSION-RELEASE`; empty for one that is only planned. */
  readonly package: string;
  /** In upper-case hex. */
  readonly fingerprint: string;
}

// The description of such a package is the key itself.
const kind: ProbeKind<readonly RpmKey[] | 'no rpm'> = {
  kind: 'rpm-keys',
  arity: 1,
  sh: `command -v rpm >/dev/null || { echo none; exit 0; }
LC_ALL=C rpm -q gpg-pubkey --qf '@@%{NAME}-%{VERSION}-%{RELEASE}\\n%{DESCRIPTION}\\n'; echo @@end`,
  decode(stdout, questions, stderr) {
    const text = stdout.toString('latin1');
    const answer =
      text.trim() === 'none'
        ? ('no rpm' as const)
        : text.endsWith('@@end\n')
          ? text.split(/^@@/m).flatMap((part) => keysIn(part))
          : new ProbeFailure(stderr.trim() || 'rpm cannot list its keys');
    return questions.map(() => answer);
  },
  depends: () => [rpmKeysSubject, { on: 'packages' }],
};

function keysIn(part: string): RpmKey[] {
  const [name = '', ...rest] = part.split('\n');
  if (!name.startsWith('gpg-pubkey-')) return [];
  try {
    return fingerprintsOf(Buffer.from(rest.join('\n'), 'latin1')).map((one) => ({ package: name, fingerprint: one }));
  } catch {
    // An old or odd key: nobody can ask for it by a fingerprint.
    return [];
  }
}

/** All keys that rpm trusts. */
export const rpmKeys: Question<readonly RpmKey[] | 'no rpm'> = { kind, args: [''] };
