import { predict, type Change, type Found, type Prediction, type Step } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { stat, type User } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { gone } from '../kit/predictions.ts';
import { homeIsOurs } from './home-sh.ts';
import { refuseSwappable } from './new-home.ts';
import type { WantedUser } from './user-wanted.ts';

/** Whether the old home directory goes along: Ansible leaves both alone where something is at the new place. */
export function moves({ home, moveHome }: WantedUser, now: User, found: Found): boolean {
  if (!moveHome || home === undefined || home === now.home || now.home === '/' || !now.home.startsWith('/'))
    return false;
  found.need(stat(now.home), stat(home), stat(folderOf(home)));
  return found.get(stat(now.home)).type === 'directory' && found.get(stat(home)).type === 'absent';
}

// $1 from, $2 to. Moved before passwd(5) says so: a run that is killed in between finds it at its new place. usermod(8)
// does it the other way round, and the next run would make an empty one. To another file system it is copied under
// another name first, so that what is at the new place is whole.
const moveScript = `set -e
${homeIsOurs}
home_is_ours "$1"
home_is_ours "$2"
enter "\${2%/*}/"
name=\${2##*/}
if [ "$(stat -c %d -- "$1")" = "$(stat -c %d .)" ]; then mv -nT -- "$1" "./$name"
else
  rm -rf -- "./.play-move-$name"
  cp -a -- "$1" "./.play-move-$name"
  sync -f "./.play-move-$name" 2>/dev/null || sync
  mv -nT -- "./.play-move-$name" "./$name"
  rm -rf -- "$1"
fi
[ ! -e "$1" ] || { echo "$2 was made by somebody else meanwhile" >&2; exit 1; }`;

interface HomeMove {
  readonly change: Change;
  readonly step: Step;
  readonly after: readonly Prediction[];
}

/** @throws PlayError where it cannot be moved there */
export function planMove(from: string, to: string, found: Found): HomeMove | undefined {
  const top = found.get(stat(from));
  if (top.type !== 'directory' || found.get(stat(to)).type !== 'absent') return undefined;
  const folder = folderOf(to);
  found.require(found.get(stat(folder)).type !== 'absent', {
    failure: `the home directory cannot be moved to ${to}: there is no directory ${folder}`,
    hint: `Make it first: file({ path: '${folder}', state: 'directory' })`,
  });
  if (`${to}/`.startsWith(`${from}/`))
    throw new PlayError(`the home directory ${from} cannot be moved into itself, to ${to}`);
  const why = refuseSwappable(from, found) ?? refuseSwappable(to, found);
  if (why !== undefined) throw new PlayError(why);
  return {
    change: { what: 'home directory', from, to: `moved to ${to}` },
    step: { script: moveScript, args: [from, to], label: `move the home directory ${from}` },
    after: [...gone(from), { ...predict(stat(to), top), below: { unknown: `what is in ${from} is moved to ${to}` } }],
  };
}
