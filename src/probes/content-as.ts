import type { ProbeKind, Question } from '../contract/index.ts';
import { content, contentKind, filesLimit, type Content } from './content.ts';

/** sh: `as USER SCRIPT`: runs sh text as another user, in this directory, with this stdin. */
export const asUser = `as() {
  u=$1 s=$2; shift 2
  if command -v runuser >/dev/null 2>&1; then runuser -u "$u" -- /bin/sh -c "$s" sh "$@"; else su -s /bin/sh "$u" -c "$s" sh "$@"; fi
}`;

// The folder is entered first, and then all is relative to it: whoever renames folders meanwhile renames nothing under
// us. In a folder of the user's the user reads, who sees no more than before; in one that is root's nobody else can
// have put a link.
const kind: ProbeKind<Content> = {
  kind: 'contentAs',
  maxOutput: filesLimit,
  arity: 2,
  sh: `read_file=$(cat <<'PLAY'
${contentKind.sh}
PLAY
)
export read_file
xargs -0 -n 2 sh -c '
set -- "$2" "$1"
${asUser}
cd -P -- "\${2%/*}/" 2>/dev/null || { printf "a\\n\\n.\\n"; exit; }
name=./\${2##*/}
if [ "$(stat -c %u .)" = "$(id -u "$1")" ]; then printf "%s\\0" "$name" | as "$1" "$read_file"
elif [ -L "$name" ]; then printf "n\\n\\n.\\n"
else printf "%s\\0" "$name" | sh -c "$read_file"
fi' sh`,
  decode: (stdout, questions, stderr) => contentKind.decode(stdout, questions, stderr),
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'accounts' }],
  asks: ([path = '']) => content(path),
  absent: { missing: 'absent' },
};

/**
 * The bytes of a file below what a user may rename, read so that no link of theirs leads root to files they may not
 * read.
 */
export function contentAs(user: string, path: string): Question<Content> {
  return { kind, args: [path, user] };
}
