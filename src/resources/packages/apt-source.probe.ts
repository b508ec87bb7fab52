import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { aptScratchSh } from './apt-sh.probe.ts';

/** A source of apt's that is due. */
export interface SourceRequest {
  /** Where its file is to lie. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Where the key is to lie that is not on the host yet, and the key. */
  readonly key: { readonly path: string; readonly bytes: Uint8Array } | undefined;
  /** Check mode: other files of sources as they will be; null where one will be gone. */
  readonly planned: readonly (readonly [path: string, content: Uint8Array | null])[];
  /** Whether its lists are to be fetched. */
  readonly fetches: boolean;
}

/** What apt makes of a source. */
export type SourceAnswer = { readonly is: 'fine' } | { readonly is: 'at odds' | 'not fetched'; readonly said: string };

// sh: `beside PATH`, with the source on stdin, says whether apt can read all sources once it is among them. What two
// sources say of one repository must agree, or apt reads none of them any more (E:Conflicting values set for option
// Signed-By). `$planned`: a path and content in base64 a line, or - where it will be gone. Needs `$s`, a private
// folder. Who is to blame for what cannot be read without it, too, is somebody else.
const besideSh = String.raw`
beside() {
  rm -rf "$s/etc"; mkdir -p "$s/etc/sources.list.d"
  cp -p /etc/apt/sources.list "$s/etc/" 2>/dev/null
  cp -pR /etc/apt/sources.list.d/. "$s/etc/sources.list.d" 2>/dev/null
  printf '%s\n' "$planned" | while read -r path text; do
    if [ -z "$path" ]; then :; elif [ "$text" = - ]; then rm -f "$s/etc/${'$'}{path#/etc/apt/}"; else printf %s "$text" | base64 -d >"$s/etc/${'$'}{path#/etc/apt/}"; fi
  done
  rm -f "$s/etc/${'$'}{1#/etc/apt/}"
  readable; alone=$?
  cat >"$s/etc/${'$'}{1#/etc/apt/}"
  readable || [ "$alone" != 0 ]
}
readable() { apt-get -o Dir::Etc::sourcelist="$s/etc/sources.list" -o Dir::Etc::sourceparts="$s/etc/sources.list.d" indextargets >/dev/null 2>"$s/err" </dev/null; }
# Which other files name what apt complains of.
others() {
  sed -n 's/^E: *//p' "$s/err"
  sed -nE 's,^E: *Conflicting values set for option [^ ]+ regarding source ([^ ]+) .*,\1,p' "$s/err" | sed 's,/*$,,' | sort -u | while IFS= read -r uri; do
    (cd "$s/etc" && grep -rlF -- "$uri" . | sed 's,^\./,/etc/apt/,' | grep -vxF -- "$1" | sed 's,^,it is in ,; s,$, too,')
  done
}`;

const kind: ProbeKind<SourceAnswer> = {
  kind: 'apt-source',
  arity: 6,
  timeout: 600,
  inTurn: true,
  sh: `${aptScratchSh}${besideSh}
eval "$(apt-config shell user APT::Sandbox::User)"
tr '\\000\\n' '\\n\\001' >"$s/questions"
while IFS= read -r path && IFS= read -r text && IFS= read -r keypath && IFS= read -r key && IFS= read -r planned && IFS= read -r fetches; do
  planned=$(printf %s "$planned" | tr '\\001' '\\n')
  if ! printf %s "$text" | base64 -d | beside "$path"; then echo "odds $(others "$path" | base64 | tr -d '\\n')"; continue; fi
  if [ -z "$fetches" ]; then echo fine; continue; fi
  # Who fetches and who checks signatures may be a user of apt's own.
  rm -rf "$s/new"; mkdir -p "$s/new/lists/partial"; chmod 0711 "$s" "$s/new"
  k=
  if [ -n "$key" ]; then k=$s/new/key.\${keypath##*.}; printf %s "$key" | base64 -d >"$k"; chmod 0644 "$k"; fi
  (umask 077; printf %s "$text" | base64 -d | while IFS= read -r line; do
    case $k:$line in /*:Signed-By:*) printf 'Signed-By: %s\\n' "$k";; *) printf '%s\\n' "$line";; esac
  done >"$s/new/its.sources")
  if apt-get -q -o APT::Sandbox::User="\${user:-_apt}" -o Dir::Etc::sourcelist="$s/new/its.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$s/new/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Update::Error-Mode=any update >/dev/null 2>"$s/err" </dev/null; then echo fine
  else echo "unfetched $(sed "s,$s/new/key\\.[a-z]*,$keypath,g" "$s/err" | grep '^[EW]:' | base64 | tr -d '\\n')"; fi
done <"$s/questions"`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): SourceAnswer | ProbeFailure => {
      const [word, said = ''] = (lines[i] ?? '').split(' ');
      const text = Buffer.from(said, 'base64').toString('utf8').trim();
      if (word === 'fine') return { is: 'fine' };
      if (word === 'odds') return { is: 'at odds', said: text };
      return word === 'unfetched' ? { is: 'not fetched', said: text } : new ProbeFailure(stderr.trim() || 'no answer');
    });
  },
  // Asked once a run: what is published does not change with the host, and what is planned is in the question.
  depends: () => [],
};

/** Check mode: what apt will make of a source, tried in a scratch folder. */
export function aptSource(request: SourceRequest): Question<SourceAnswer> {
  return { kind, args: toArgs(request) };
}

function toArgs({ path, content, key, planned, fetches }: SourceRequest): string[] {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return [
    path,
    base64(content),
    key?.path ?? '',
    key ? base64(key.bytes) : '',
    planned.map(([other, bytes]) => `${other} ${bytes === null ? '-' : base64(bytes)}\n`).join(''),
    fetches ? 'y' : '',
  ];
}

/** The same as a piece of work, before the source is put in its place: whether apt can read it beside all others. */
export function readSourceStep({ path, content }: Pick<SourceRequest, 'path' | 'content'>): {
  readonly script: string;
  readonly args: readonly string[];
  readonly stdin: Uint8Array;
} {
  return {
    script: `${aptScratchSh}${besideSh}\nplanned=; beside "$1" && exit 0; others "$1" >&2; exit 1`,
    args: [path],
    stdin: content,
  };
}
