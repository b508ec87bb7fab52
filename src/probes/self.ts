import { userIn } from './account-table.ts';
import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** The account a task works as: what owns the files it makes. */
export interface Self {
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  /** The numbers of all its groups. */
  readonly gids: readonly number[];
}

const kind: ProbeKind<Self> = {
  kind: 'self',
  arity: 1,
  // A number where the account has no name, as id(1) prints then.
  sh: `id -u; id -g; id -un 2>/dev/null || id -u; id -gn 2>/dev/null || id -g; id -G`,
  decode(stdout, questions) {
    const [uid, gid, owner, group, gids = ''] = stdout.toString('utf8').split('\n');
    return questions.map(() => (group ? { uid: Number(uid), gid: Number(gid), owner: owner ?? '', group, gids: gids.split(' ').map(Number) } : new ProbeFailure('id gave no answer')));
  },
  depends: () => [{ on: 'accounts' }],
  amid(answer, _, accounts, asker) {
    const user = asker === '' ? undefined : userIn(accounts, asker);
    if (!user) return answer;
    const gids = accounts.groups.filter((one) => one.members.includes(asker)).map((one) => one.gid);
    return { uid: user.uid, gid: user.gid, owner: asker, group: user.group, gids: [...new Set([user.gid, ...gids])] };
  },
};

/** Who asks. */
export const self: Question<Self> = { kind, args: [''] };
