import type { AccountTable, Found, Prediction, Question, TableUser } from '../../../../contract/index.ts';
import { accountTable, group, groupIn, localGroup, localUser, user, userIn } from '../../../../probes/index.ts';
import { unknownNumber } from '../../../accounts/account-numbers.ts';
import type { ScriptEffect } from './effects.ts';
import { predicted, type Asked, type Reason } from './known.ts';
import type { Verdict } from './world.ts';

/** The accounts as scripts make them. Those that are there stay as they are (adduser(8), sysusers.d(5)). */
export class MadeAccounts {
  readonly #asked: Asked;
  readonly #knowns = new Map<string, { readonly question: Question; readonly reason: Reason }>();
  /** All accounts with those made; undefined while none is. */
  #table: AccountTable | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  knowns(found: Found): Prediction[] {
    const table = this.#table;
    if (table === undefined) return [];
    return [
      ...[...this.#knowns].flatMap(([what, { question, reason }]) => {
        const answer = answerIn(table, what) ?? found.peek(question).answer;
        // Scripts make accounts of the host itself.
        const [name = ''] = question.args;
        const local = what.startsWith('user ') ? localUser(name) : localGroup(name);
        return [question, local].map((one) => predicted(one, answer, what, reason));
      }),
      { question: accountTable, answer: table },
    ];
  }

  hasUser(name: string): Verdict {
    return this.#has(user(name), `user ${name}`);
  }

  hasGroup(name: string): Verdict {
    return this.#has(group(name), `group ${name}`);
  }

  groupsOf(name: string): readonly string[] | undefined {
    if (this.hasUser(name) !== true) return undefined;
    const table = this.#table ?? this.#asked.seen(accountTable)?.answer;
    const one = table && userIn(table, name);
    return one ? [one.group, ...one.groups] : undefined;
  }

  makeUser(effect: ScriptEffect & { readonly do: 'user' }, reason: Reason): void {
    this.#make(user(effect.name), `user ${effect.name}`, reason, (all) => ({
      ...all,
      users: [...all.users, newUser(effect, all)],
    }));
  }

  makeGroup(name: string, reason: Reason): void {
    this.#make(group(name), `group ${name}`, reason, (all) => ({
      ...all,
      groups: [...all.groups, { name, gid: unknownNumber(all.groups.map((one) => one.gid)), members: [] }],
    }));
  }

  /** adduser(8) with two names: puts the user into the group, where it is not there. */
  join(name: string, of: string, reason: Reason): void {
    const table = this.#table ?? this.#asked.seen(accountTable)?.answer;
    const now = table?.groups.find((one) => one.name === of);
    const member = table?.users.find((one) => one.name === name);
    if (table === undefined || now === undefined || member === undefined) return;
    if (now.members.includes(name) || (member.gid === now.gid && of === name)) return;
    this.#table = {
      ...table,
      groups: table.groups.map((one) => (one === now ? { ...one, members: [...one.members, name] } : one)),
    };
    for (const [what, question] of [
      [`user ${name}`, user(name)],
      [`group ${of}`, group(of)],
    ] as const)
      this.#knowns.set(what, { question, reason: this.#knowns.get(what)?.reason ?? reason });
  }

  doubt(name: string, reason: Reason): void {
    for (const what of [`user ${name}`, `group ${name}`]) {
      const one = this.#knowns.get(what);
      if (one !== undefined) this.#knowns.set(what, { ...one, reason: one.reason ?? reason });
    }
  }

  #has(question: Question, what: string): Verdict {
    const made = this.#knowns.get(what);
    if (made !== undefined) return made.reason === undefined ? true : undefined;
    const now = this.#asked.seen(question);
    return now === undefined || now.assumed !== undefined ? undefined : now.answer !== null;
  }

  #make(question: Question, what: string, reason: Reason, change: (all: AccountTable) => AccountTable): void {
    const now = this.#asked.seen(question);
    const table = this.#table ?? this.#asked.seen(accountTable)?.answer;
    if (now === undefined || table === undefined || now.answer !== null || this.#knowns.has(what)) return;
    this.#table = change(table);
    this.#knowns.set(what, { question, reason: reason ?? now.assumed });
  }
}

function answerIn(table: AccountTable, what: string): unknown {
  const [kind, name = ''] = what.split(' ');
  return kind === 'user' ? userIn(table, name) : groupIn(table, name);
}

function newUser(
  { name, home, shell, comment, group: primary }: ScriptEffect & { readonly do: 'user' },
  all: AccountTable,
): TableUser {
  return {
    name,
    uid: unknownNumber(all.users.map((one) => one.uid)),
    gid: groupIn(all, primary)?.gid ?? -1,
    comment,
    home,
    shell,
  };
}
