import type { ProbeKind, Question } from '../../contract/index.ts';

/** A process of a user, which keeps userdel(8) and usermod(8) from touching the account. */
export interface AccountProcess {
  readonly pid: number;
  readonly name: string;
}

// As shadow's own user_busy looks: any of the numbers in the Uid line. Lanes, which are closed before accounts change,
// are not meant: they, and the parents of what they are just ending, are started with the same words as this one, whose
// process is in its folder's name. Who asks and is not root is not answered: changing accounts is root's, and refused for
// that.
const kind: ProbeKind<AccountProcess | null> = {
  kind: 'account-process',
  arity: 1,
  sh: `lane=\${0%/*}; lane=\${lane##*/play.}
lane=$(head -c 60 "/proc/\${lane%%.*}/cmdline" 2>/dev/null | tr "\\0" " "); export lane
xargs -0 sh -c 'words() { head -c 60 "/proc/$1/cmdline" 2>/dev/null | tr "\\0" " "; echo; }
for u do
  found=
  [ "$(id -u)" = 0 ] || { printf "\\0"; continue; }
  for f in $(grep -lsE "^Uid:.*[[:space:]]$u([[:space:]]|$)" /proc/[0-9]*/status); do
    p=\${f#/proc/}; p=\${p%/status}
    parent=$(sed -n "s/^PPid:[[:space:]]*//p" "$f" 2>/dev/null)
    [ -z "$lane" ] || ! { words "$p"; words "$parent"; } | grep -qxF -e "$lane" || continue
    name=$(cat "/proc/$p/comm" 2>/dev/null)
    [ -z "$name" ] || { found="$p $name"; break; }
  done
  printf "%s\\0" "$found"
done' sh`,
  decode(stdout, questions) {
    const answers = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => {
      const [, pid, name = ''] = /^(\d+) ([^]*)$/.exec(answers[i] ?? '') ?? [];
      return pid === undefined ? null : { pid: Number(pid), name };
    });
  },
  // Whatever is done may end it.
  depends: () => [{ on: 'everything' }],
};

/** A process that runs with this user's number, other than our own; null where there is none. */
export function accountProcess(uid: number): Question<AccountProcess | null> {
  return { kind, args: [String(uid)] };
}
