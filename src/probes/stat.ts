import { ProbeFailure, type PathState, type ProbeKind, type Question, type Stat } from '../contract/index.ts';
import { renamed } from './account-table.ts';
import { isAbout } from './quoted-name.ts';
import { RecordReader } from './records.ts';
import { givenAll } from './sh-texts.ts';

const types: Record<number, PathState['type']> = { 0o10: 'file', 0o4: 'directory', 0o12: 'link' };

/** What stat(1) is to print for `readState`. */
export const stateFormat = '%f %u %g %U %G %s';

/** What stat(1) is to print for `withIdentity`. */
export const identityFormat = '%d:%i %h';

// stat(1) of coreutils and of busybox know -c alike; %f is the raw mode in hex. `%n` last, since names hold anything.
// Behind links that lead round in a circle there is nothing, for whoever looks (ELOOP).
const kind: ProbeKind<Stat> = {
  kind: 'stat',
  arity: 1,
  ...givenAll(`stat -c '${stateFormat} ${identityFormat} %n' --`),
  decode(stdout, questions, stderr) {
    const reader = new RecordReader(stdout);
    const denied = stderr
      .split('\n')
      .filter(
        (line) =>
          line !== '' &&
          !/No such file or directory|Not a directory|Too many levels of symbolic links|Symbolic link loop/.test(line),
      );
    return questions.map(([path = '']) => {
      const words = reader.next(path, 8, '\n');
      if (words) return withIdentity(readState(words), words.slice(6));
      const why = denied.find((line) => isAbout(line.replace(/: [^:']*$/, ''), path));
      return why === undefined ? { type: 'absent' } : new ProbeFailure(why);
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'accounts' }],
  amid: (answer, _, accounts) => (answer.type === 'absent' ? answer : renamed(answer, accounts)),
  absent: { type: 'absent' },
};

/** With what tells which file it is. */
export function withIdentity(state: PathState, [identity, names]: readonly string[]): PathState {
  if (state.type !== 'file' || identity === undefined) return state;
  return { ...state, identity, ...(Number(names) > 1 ? { hasOtherNames: true } : {}) };
}

/** Which file it is; undefined where there is none, or where that is not known. */
export function identityOf(at: Stat | undefined): string | undefined {
  return at && at.type !== 'absent' ? at.identity : undefined;
}

/** From the words that `stateFormat` prints. */
export function readState([raw = '0', uid, gid, owner = '', group = '', size]: readonly string[]): PathState {
  const bits = Number.parseInt(raw, 16);
  return {
    type: types[bits >> 12] ?? 'other',
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    uid: Number(uid),
    gid: Number(gid),
    owner,
    group,
    size: Number(size),
  };
}

/** What is at `path`, links not followed. */
export function stat(path: string): Question<Stat> {
  return { kind, args: [path] };
}
