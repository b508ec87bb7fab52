import { fromBytes } from '../connection/byte-text.ts';
import type { ProbeKind, Question } from '../contract/index.ts';
import { lookedAt } from './sh-texts.ts';
import { walkSh } from './walk.ts';

/** A part of the way to a path. */
export interface Way {
  /** What a symbolic link there says; null where there is none. */
  readonly target: string | null;
  /** Why a script will not follow it (`enter` of walk.ts), and whose it is. */
  readonly refused?: { readonly why: string; readonly owner: string } | undefined;
}

// What leads to a folder is tried as scripts will go there. A plan follows what leads to a file by itself: by the same
// rule.
const kind: ProbeKind<Way> = {
  kind: 'way',
  arity: 1,
  ...lookedAt(`
${walkSh}
lead() {
  if [ -d "$1" ]; then enter "$1"; return; fi
  enter "\${1%/*}/" || return
  walk_name=\${1##*/}
  set -- "$1" "$2" $(stat -c "%f %u" -- . "./$walk_name")
  [ $# = 6 ] && [ "$2" -lt 40 ] && [ -L "./$walk_name" ] || return 0
  walk_mode=$((0x$3)) walk_owner=$4
  if walk_held "$6"; then
    walk_target=$(readlink -n -- "./$walk_name" && echo .) || return
    case $walk_target in /*) lead "\${walk_target%.}" $(($2 + 1)) ;; *) lead "\${PWD%/}/\${walk_target%.}" $(($2 + 1)) ;; esac
  else
    walk_suspect "$6"
    walk_real=$(stat -L -c %u -- "./$walk_name") || return 0
    case $walk_whose in *:"$walk_real":*) ;; *) walk_refuse "$1" "a file" ;; esac
  fi
}
for p do
  if [ -L "$p" ]; then
    printf l; readlink -n -- "$p"; printf "\\0"
    (lead "$p" 0 2>/dev/null || [ -z "$walk_why" ] || { stat -c %U -- "$p"; printf %s "$walk_why"; })
  else printf "\\0"
  fi
  printf "\\0"
done`),
  decode(stdout, questions) {
    const parts = fromBytes(stdout).split('\0');
    return questions.map((_, i): Way => {
      const [target = '', said = ''] = parts.slice(2 * i, 2 * i + 2);
      const [owner = '', ...why] = said.split('\n');
      return {
        target: target.startsWith('l') ? target.slice(1) : null,
        ...(said === '' ? {} : { refused: { why: why.join('\n'), owner } }),
      };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  ofWayIfLink: true,
  absent: { target: null },
};

/** Whether a path, one on the way to another, is a link, and may be followed. */
export function way(path: string): Question<Way> {
  return { kind, args: [path] };
}
