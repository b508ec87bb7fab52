import { option, shell, v, type Task } from 'play';

/** What backup and restore have in common. */
export const grafanaVariables = {
  grafana_database: v.optional(
    option.path('The database. Default `/var/lib/grafana/grafana.db`.'),
    '/var/lib/grafana/grafana.db',
  ),
  grafana_question: option.text(
    'What is asked of a restored database, and of the one it was made from: both must say the same, and not nothing.',
    'SELECT count(*) FROM dashboard',
  ),
};

interface Proof {
  /** The dump, on the host. */
  readonly dump: string;
  readonly question: string;
  /** The database it must agree with. Default: none, it has only to be whole and to answer. */
  readonly database?: string;
}

// Beside the dump: what is restored is as secret, and as large.
const script = `set -eu
folder=$(mktemp -d -p "$(dirname "$DUMP")"); trap 'rm -rf "$folder"' EXIT
sqlite3 -bail "$folder/restored.db" <"$DUMP"
whole=$(sqlite3 "$folder/restored.db" 'PRAGMA integrity_check')
[ "$whole" = ok ] || { echo "the restored database is not whole: $whole" >&2; exit 1; }
answer=$(sqlite3 "$folder/restored.db" "$QUESTION")
[ -n "$answer" ] || { echo "the restored database answers nothing: $QUESTION" >&2; exit 1; }
if [ -n "$DATABASE" ]; then
  expected=$(sqlite3 -readonly "$DATABASE" "$QUESTION")
  [ "$answer" = "$expected" ] || { echo "restored it answers $answer, and $DATABASE answers $expected" >&2; exit 1; }
fi
echo "$answer"`;

/** Restores a dump beside it, looks whether that is whole, asks it, and throws it away. */
export function proveDump({ dump, question, database = '' }: Proof): Task {
  return shell(
    { cmd: script, environment: { DUMP: dump, QUESTION: question, DATABASE: database }, changes: 'always' },
    { name: `restore ${dump} beside it, and ask`, changedWhen: false },
  );
}
