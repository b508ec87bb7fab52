import { toBytes } from '../connection/byte-text.ts';
import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { fewNames } from './few-names.ts';
import { lookedAt } from './sh-texts.ts';

/** The largest file whose bytes are brought here to be compared. */
export const contentLimit = 1024 * 1024;
/** The largest file whose bytes are brought here to be edited. */
export const editLimit = 64 * 1024 * 1024;

/** The bytes of all files of one exchange. */
export const filesLimit = 160 * 1024 * 1024;

// Only regular files are opened: a pipe would hang, a device never end. One process hashes all of a run; but names with line
// breaks or backslashes, which sha256sum of coreutils prints otherwise than that of busybox, are given one of their
// own. Where all are files with plain names, as those of most trees, they need not be put in order one by one: each
// `set` copies all the others.
const hashKind: ProbeKind<string | null> = {
  kind: 'sha256',
  arity: 1,
  ...lookedAt(
    `
nl=$(printf "\\n_"); nl=\${nl%_}
are_plain() {
  for p do
    [ -f "$p" ] && [ -r "$p" ] || return
    case $p in *\\\\*|*"$nl"*) return 1;; esac
  done
}
if are_plain "$@"; then printf "f%.0s\\n" "$@"; sha256sum -- "$@"; exit; fi
for p do shift
  if [ ! -f "$p" ]; then echo n
  elif [ ! -r "$p" ]; then echo u
  else case $p in
    *\\\\*|*"$nl"*) h=$(sha256sum <"$p"); echo "h\${h%% *}";;
    *) set -- "$@" "$p"; echo f;;
  esac; fi
done
[ $# -eq 0 ] || sha256sum -- "$@"`,
    fewNames,
  ),
  decode(stdout, questions) {
    return decodeHashes(
      stdout.toString('latin1').split('\n'),
      questions.map(([path = '']) => path),
    );
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  follows: true,
  absent: null,
  ofDirectory: null,
};

/**
 * xargs may have split the names over several runs: each run prints its flags, then its hashes with the names beside
 * them.
 */
function decodeHashes(lines: readonly string[], paths: readonly string[]): (string | null | ProbeFailure)[] {
  const answers: (string | null | ProbeFailure)[] = [];
  let at = 0;
  while (answers.length < paths.length) {
    const flags: string[] = [];
    for (let line = lines[at] ?? ''; /^(?:[nuf]|h[0-9a-f]{0,64})$/.test(line); line = lines[++at] ?? '')
      flags.push(line);
    if (flags.length === 0) break;
    for (const flag of flags) {
      const hash = flag.startsWith('h')
        ? flag.slice(1)
        : flag === 'f'
          ? hashOf(lines[at] ?? '', toBytes(paths[answers.length] ?? '').toString('latin1'))
          : '';
      if (flag === 'f' && hash !== '') at++;
      answers.push(
        flag === 'n' ? null : hash === '' ? new ProbeFailure(`${paths[answers.length] ?? ''} cannot be read`) : hash,
      );
    }
  }
  while (answers.length < paths.length) answers.push(new ProbeFailure('no answer'));
  return answers;
}

/** The hash in a line of sha256sum(1), if it is about this file: one that vanished meanwhile has no line. */
function hashOf(line: string, path: string): string {
  return /^[0-9a-f]{64}$/.test(line.slice(0, 64)) && line.slice(66) === path ? line.slice(0, 64) : '';
}

/** The SHA-256 of a regular file (links followed), in hex; null if there is none. */
export function sha256(path: string): Question<string | null> {
  return { kind: hashKind, args: [path] };
}

/** The bytes of a regular file, or why there are none. */
export type Content =
  | { readonly bytes: Buffer }
  | { readonly missing: 'absent' | 'not a regular file' }
  /** Its bytes; where they are few, it is one that is only planned, and nobody has looked into it. */
  | { readonly tooLarge: number };

// Three processes for all files of a run of xargs: its flags, the sizes, then the bytes as they are, and a mark that
// tells whether a file changed its length between the two. Files of the kernel's (proc(5), sysfs(5)) do not know their
// sizes: those are read by themselves.
const kindOf = (kind: string, limit: number): ProbeKind<Content> => ({
  kind,
  arity: 1,
  maxOutput: filesLimit,
  ...lookedAt(
    `
# Whether it may be there, in a folder that we may not enter: by its own name, or by where a link leads.
hidden() {
  d=$1
  until [ -z "$d" ] || [ -d "$d" ]; do
    if [ -L "$d" ]; then case $(LC_ALL=C stat -L -- "$d" 2>&1) in *ermission*) return 0;; *) return 1;; esac; fi
    d=\${d%/*}
  done
  [ ! -x "\${d:-/}" ]
}
for p do shift
  if [ -f "$p" ]; then if [ -r "$p" ]; then set -- "$@" "$p"; echo f; else echo e; fi
  elif [ -e "$p" ]; then echo n
  elif hidden "$p"; then echo e; else echo a; fi
done
if [ $# -gt 0 ]; then
  for s in $(stat -L -c %s -- "$@"); do p=$1; shift
    v=; if [ "$s" = 0 ]; then c=; IFS= read -r c <"$p"; [ -z "$c" ] || v=y; fi
    case $v:$p in
      y:*|:/sys/*) echo "v$(head -c ${limit} -- "$p" | base64 | tr -d "\\n")";;
      *) if [ "$s" -le ${limit} ]; then echo "$s"; set -- "$@" "$p"; else echo "l$s"; fi;;
    esac
  done
fi
echo; [ $# -eq 0 ] || cat -- "$@"; echo .`,
    fewNames,
  ),
  decode(stdout, questions) {
    const reader = new ContentReader(stdout);
    const answers: (Content | ProbeFailure)[] = [];
    while (answers.length < questions.length && !reader.isAtEnd) answers.push(...reader.nextRun());
    while (answers.length < questions.length) answers.push(new ProbeFailure('no answer'));
    return answers;
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  follows: true,
  absent: { missing: 'absent' },
  ofDirectory: { missing: 'not a regular file' },
});

export const contentKind = kindOf('content', contentLimit);
const largeKind = kindOf('large-content', editLimit);

/** Reads what the runs of xargs printed, one run after the other. */
class ContentReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  nextRun(): (Content | ProbeFailure)[] {
    const head: string[] = [];
    for (let line = this.#line(); line !== ''; line = this.#line()) head.push(line);
    const flags = head.filter((line) => /^[fena]$/.test(line));
    const sizes = head.filter((line) => /^(?:l?\d{1,15}|v.*)$/.test(line));
    const answers = flags.map((flag): Content | ProbeFailure => {
      if (flag === 'a') return { missing: 'absent' };
      if (flag === 'n') return { missing: 'not a regular file' };
      if (flag === 'e') return new ProbeFailure('the file cannot be read');
      const size = sizes.shift() ?? '';
      if (size.startsWith('v')) return { bytes: Buffer.from(size.slice(1), 'base64') };
      if (size.startsWith('l')) return { tooLarge: Number(size.slice(1)) };
      const bytes = this.#bytes.subarray(this.#at, this.#at + Number(size));
      this.#at += Number(size);
      return { bytes };
    });
    if (this.#line() === '.') return answers;
    this.#at = this.#bytes.length;
    return answers.map((answer) =>
      'bytes' in answer ? new ProbeFailure('a file changed while it was read; run again') : answer,
    );
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const line = this.#bytes.toString('latin1', this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    return line;
  }
}

/** The bytes of a regular file of at most 1 MiB (links followed). */
export function content(path: string): Question<Content> {
  return { kind: contentKind, args: [path] };
}

/** The same, for at most 64 MiB: for editing a file that `content` finds too large. */
export function largeContent(path: string): Question<Content> {
  return { kind: largeKind, args: [path] };
}
