import { type ProbeKind, type Question } from './types.ts';

/** A process of a user, which keeps userdel(8) and usermod(8) from touching the account. */
export interface AccountProcess {
  readonly pid: number;
  readonly name: string;
}

// As shadow's own user_busy looks: any of the numbers in the Uid line. Lanes of ours, which are closed before accounts change, have
// their process in the name of their folder.
const kind: ProbeKind<AccountProcess | null> = {
  kind: 'account-process',
  arity: 1,
  sh: `ours=
for o in /run/play.[0-9]*.?????? /dev/shm/play.[0-9]*.?????? /tmp/play.[0-9]*.??????; do o=\${o##*/play.}; ours="$ours \${o%%.*} "; done
export ours
xargs -0 sh -c 'for u do
  found=
  for f in $(grep -lsE "^Uid:.*[[:space:]]$u([[:space:]]|$)" /proc/[0-9]*/status); do
    p=\${f#/proc/}; p=\${p%/status}
    case $ours in *" $p "*) continue;; esac
    found="$p $(cat "/proc/$p/comm" 2>/dev/null)"; break
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
