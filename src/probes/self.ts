import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { userIn } from './account-table.ts';
import { readsNone } from './sh-texts.ts';

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
  ...readsNone('id; id -G'),
  decode(stdout, questions) {
    // A number alone where the account or its group has no name.
    const [, uid, owner = uid, gid, group = gid, gids] =
      /^uid=(\d+)(?:\((.*?)\))? gid=(\d+)(?:\((.*?)\))?(?: (?:euid|egid|groups|context)=.*)?\n(\d+(?: \d+)*)\n$/.exec(
        stdout.toString('utf8'),
      ) ?? [];
    return questions.map(() =>
      gids === undefined
        ? new ProbeFailure('id gave no answer')
        : {
            uid: Number(uid),
            gid: Number(gid),
            owner: String(owner),
            group: String(group),
            gids: gids.split(' ').map(Number),
          },
    );
  },
  depends: () => [{ on: 'accounts' }],
  amid(answer, _, accounts, asker) {
    const user = asker === '' ? undefined : userIn(accounts, asker);
    if (!user) return answer;
    const gids = accounts.groups.filter((one) => one.members.includes(asker)).map((one) => one.gid);
    return { uid: user.uid, gid: user.gid, owner: asker, group: user.group, gids: [...new Set([user.gid, ...gids])] };
  },
};

/** The account that the task works as. */
export const self: Question<Self> = { kind, args: [''] };
