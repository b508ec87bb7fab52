import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** The account a task works as: what owns the files it makes. */
export interface Self {
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
}

const kind: ProbeKind<Self> = {
  kind: 'self',
  arity: 1,
  // A number where the account has no name, as id(1) prints then.
  sh: `id -u; id -g; id -un 2>/dev/null || id -u; id -gn 2>/dev/null || id -g`,
  decode(stdout, questions) {
    const [uid, gid, owner, group] = stdout.toString('utf8').split('\n');
    return questions.map(() => (group ? { uid: Number(uid), gid: Number(gid), owner: owner ?? '', group } : new ProbeFailure('id gave no answer')));
  },
  depends: () => [{ on: 'accounts' }],
};

/** Who asks. */
export const self: Question<Self> = { kind, args: [''] };
