import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** debconf's answers. */
export const debconfSubject: Subject = { on: 'named', name: 'debconf', ofRoot: "debconf's answers" };

/** What debconf has of a question. */
export type DebconfAnswer =
  | { readonly missing: 'debconf' }
  | {
      /** The packages that ask it: with the last of them it goes. Empty: the question is not known. */
      readonly owners: readonly string[];
      /** null: nobody answered. The default of its template is none, as it is another one with the next version. */
      readonly value: string | null;
      readonly seen: boolean;
    };

// As debconf-show(1) reads it, but for passwords, which that keeps to itself: without the lock that
// debconf-communicate(1) takes, so that it can be asked while apt is at work.
const script = String.raw`use Debconf::Db; use Debconf::Template; use Debconf::Question;
Debconf::Db->load(readonly => "true");
binmode(STDOUT);
$/ = "\0";
while (defined(my $name = <STDIN>)) {
  chomp $name;
  my $one = Debconf::Question->get($name);
  my $value = $one ? $Debconf::Db::config->getfield($name, "value") : undef;
  print join("\0", $one ? $one->owners : "", $one ? $one->flag("seen") : "", defined $value ? "=$value" : ""), "\0";
}`;

const kind: ProbeKind<DebconfAnswer> = {
  kind: 'debconf',
  arity: 1,
  sh: `command -v debconf-set-selections >/dev/null || { echo missing; exit 0; }
perl -e '${script}'`,
  decode(stdout, questions, stderr) {
    const said = stdout.toString('utf8');
    if (said === 'missing\n') return questions.map(() => ({ missing: 'debconf' }));
    const parts = said.split('\0');
    if (parts.length !== questions.length * 3 + 1)
      return questions.map(() => new ProbeFailure(stderr.trim() || 'debconf gave no answer'));
    return questions.map((_, i): DebconfAnswer => {
      const [owners = '', seen, value = ''] = parts.slice(i * 3, i * 3 + 3);
      return {
        owners: owners === '' ? [] : owners.split(', '),
        value: value === '' ? null : value.slice(1),
        seen: seen === 'true',
      };
    });
  },
  depends: () => [debconfSubject, { on: 'packages' }],
};

/** The answer debconf has stored for a question. */
export function debconfAnswer(question: string): Question<DebconfAnswer> {
  return { kind, args: [question] };
}
