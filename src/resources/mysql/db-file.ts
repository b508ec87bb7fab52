import { predict, settled, type Found, type Plan, type Prediction, type Step } from '../../contract/index.ts';
import { content, sha256, stat, walkSh } from '../../probes/index.ts';
import { folderOf, presumeFolder } from '../kit/folder.ts';
import { lacksOf } from '../kit/program-need.ts';
import { clientSh, mysqlSubject, mysqlTables, type MysqlLogin } from './mysql.probe.ts';
import { identifier } from './sql.ts';

/** A file of SQL that a database is written into, or read from. */
export interface WantedFileOfSql {
  /** Undefined: all databases of the server. */
  readonly name: string | undefined;
  readonly login: MysqlLogin;
  readonly target: string;
  /** Read also into a database that has tables. */
  readonly force: boolean;
  /** Options of mariadb-dump(1). */
  readonly words: readonly string[];
}

/** Of a login: 1 host, 2 port, 3 socket, 4 file of options, 5 account, 6 `y` where root without a password is tried. */
const loginSh = `${clientSh}
host=$1 port=$2 socket=$3 config=$4 user=$5 implicit=$6; shift 6
IFS= read -r encoded`;

const argsOf = ({ host, port, socket, config, user, isImplicit }: MysqlLogin): string[] => [
  host,
  port,
  socket,
  config,
  user,
  isImplicit ? 'y' : '',
];
const secretOf = ({ secretFile }: MysqlLogin): Buffer => Buffer.from(`${Buffer.from(secretFile).toString('base64')}\n`);

/** sh: `pack WORD` and `unpack FILE`, by the end of a file's name. */
const packSh = `packer() {
  case $1 in *.gz) echo gzip;; *.bz2) echo bzip2;; *.xz) echo xz;; *.zst) echo zstd;; *) echo cat;; esac
}
unpack() {
  p=$(packer "$1")
  if [ "$p" = cat ]; then cat -- "$1"; else "$p" -dc <"$1"; fi
}`;

// $7 path, then the words of mariadb-dump(1). What it wrote is put in place once it has all come.
const dumpScript = `set -e
${walkSh}
${loginSh}
${packSh}
if command -v mariadb-dump >/dev/null 2>&1; then dumper=mariadb-dump; else dumper=mysqldump; fi
command -v "$dumper" >/dev/null || { echo "$dumper is not installed" >&2; exit 1; }
path=$1; shift
name=\${path##*/} p=$(packer "$path")
command -v "$p" >/dev/null || { echo "$p is not installed" >&2; exit 1; }
enter "\${path%/*}/"
mark=.play-$(printf %s "$name" | md5sum | cut -c 1-16)
for one in ./"$mark"-*; do [ ! -f "$one" ] && [ ! -L "$one" ] || rm -f -- "$one"; done
umask 077
new=./$mark-$$
trap 'rm -f -- "$new"' EXIT
set -C
: >"$new"
set +C
# Of a pipe sh tells only how its end ended.
code=$({ { reach "$dumper" "$@" </dev/null; echo $? >&4; } | "$p" >"$new"; } 4>&1)
[ "$code" = 0 ] || exit 1
if [ -f "./$name" ] && [ ! -L "./$name" ]; then chown -- "$(stat -c %u:%g "./$name")" "$new"; chmod -- "$(stat -c %a "./$name")" "$new"; fi
sync "$new" 2>/dev/null || sync
mv -fT -- "$new" "./$name"`;

/** What packs and unpacks a file, by the end of its name, and the package that brings it. */
const packers: Readonly<Record<string, readonly [program: string, from: string]>> = {
  gz: ['gzip', 'gzip'],
  bz2: ['bzip2', 'bzip2'],
  xz: ['xz', 'xz-utils'],
  zst: ['zstd', 'zstd'],
};

function requirePacker(target: string, found: Found): void {
  const [program, from] = packers[target.slice(target.lastIndexOf('.') + 1)] ?? [];
  if (program === undefined || from === undefined) return;
  const [lack] = lacksOf({ chdir: '/', programs: [program] }, found);
  if (lack !== undefined) found.require(false, { ...lack, hint: `Install it first: apt({ name: '${from}' })` });
}

/** The database as it is now, in a file: each time, since nothing tells whether it is the same. */
export function planDump<R>({ name, login, target, words }: WantedFileOfSql, found: Found, result: R): Plan<R> {
  presumeFolder(folderOf(target), found);
  requirePacker(target, found);
  const now = found.get(stat(target));
  found.require(now.type === 'absent' || now.type === 'file', {
    failure: `${target} is ${now.type === 'directory' ? 'a directory' : 'no regular file'}`,
    by: null,
  });
  const unknown = `${name ?? 'all databases'} is written into ${target}`;
  const left = [stat(target), content(target), sha256(target)].map((question): Prediction => ({
    question,
    answer: null,
    unknown,
  }));
  return {
    ...settled(result),
    changes: [{ what: 'dump', to: target }],
    steps: [
      {
        script: dumpScript,
        args: [...argsOf(login), target, ...words, ...(name === undefined ? ['--all-databases'] : ['--', name])],
        stdin: secretOf(login),
        timeout: 24 * 3600,
        label: `dump ${name ?? 'all databases'} into ${target}`,
      },
    ],
    after: left,
    touches: [{ on: 'path', path: target }],
    always: true,
    again: true,
  };
}

/** In a database while a file is read into it. */
const unfinished = 'play_unfinished_import';

// $7 path, $8 database or empty, $9 and $10 SQL before and behind it. Where the file is broken, what is behind it does
// not come.
const importScript = `${loginSh}
${packSh}
path=$1 name=$2 before=$3 behind=$4
command -v "$(packer "$path")" >/dev/null || { echo "$(packer "$path") is not installed" >&2; exit 1; }
code=$({ { printf '%s\\n' "$before"; unpack "$path" && printf '\\n%s\\n' "$behind"; echo $? >&4; } | my \${name:+"$name"} >&2; echo $? >&4; } 4>&1)
[ "$code" = "0
0" ]`;

/** What a file holds, in a database that has nothing yet; one that an earlier run began to read is read again. */
export function planImport<R>(wanted: WantedFileOfSql, found: Found, result: R): Plan<R> {
  const { name, login, target, force } = wanted;
  const now = found.get(stat(target));
  found.require(now.type !== 'absent', {
    failure: `there is no file ${target} to import`,
    hint: 'Put it on the host first, with copy() or getUrl().',
  });
  requirePacker(target, found);
  if (name === undefined) return { ...settled(result), ...reading(wanted, 'all databases'), always: true, again: true };
  const question = mysqlTables(login, name, unfinished);
  const there = found.get(question);
  const state = 'down' in there ? { tables: 0, isUnfinished: false } : there;
  if (state.tables > 0 && !state.isUnfinished && !force) return settled(result);
  const from = state.isUnfinished
    ? 'an import that was interrupted'
    : state.tables === 0
      ? 'empty'
      : `${state.tables} tables`;
  const plan = { ...settled(result), ...reading(wanted, from) };
  return {
    ...plan,
    after: [predict(question, { tables: 1, isUnfinished: false }, `${name} has the tables of ${target}`)],
    ...(force ? { always: true, again: true } : {}),
  };
}

function reading(
  { name, login, target }: WantedFileOfSql,
  from: string,
): Pick<Plan<never>, 'changes' | 'steps'> & { readonly touches: Plan<never>['touches'] } {
  const mark = name === undefined ? '' : `${identifier(name)}.${identifier(unfinished)}`;
  const step: Step = {
    script: importScript,
    args: [
      ...argsOf(login),
      target,
      name ?? '',
      mark === '' ? '' : `CREATE TABLE IF NOT EXISTS ${mark} (x INT);`,
      mark === '' ? '' : `DROP TABLE ${mark};`,
    ],
    stdin: secretOf(login),
    timeout: 24 * 3600,
    label: `import ${target}`,
  };
  return {
    changes: [{ what: 'content', from, to: `imported from ${target}` }],
    steps: [step],
    touches: [mysqlSubject],
  };
}
