import { realPathSh } from './link.ts';
import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** What is mounted at a path. */
export interface Mounted {
  /** The topmost where several are. */
  readonly source: string;
  readonly fstype: string;
  /** Of the mount and of its file system, as the kernel has them: `rw`, `noexec`, `size=1024k`. */
  readonly options: readonly string[];
  /** The part of its file system that is shown: `/` but for bind mounts. */
  readonly root: string;
}

const kind: ProbeKind<Mounted | null> = {
  kind: 'mounted',
  arity: 1,
  // proc(5), mountinfo. One reading for all questions.
  sh: `xargs -0 sh -c '${realPathSh}
for p do printf "%s\\0" "$(real_path "$p")"; done; cat /proc/self/mountinfo' sh`,
  decode(stdout, questions) {
    const text = stdout.toString('utf8');
    const parts = text.split('\0');
    const lines = (parts.at(-1) ?? '').split('\n').filter((line) => line !== '');
    if (parts.length <= questions.length || lines.length === 0) return questions.map(() => new ProbeFailure('no answer'));
    return questions.map((_, i) => find(lines, parts[i] ?? ''));
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'named', name: 'mounts' }],
};

function find(lines: readonly string[], path: string): Mounted | null {
  for (const line of lines.toReversed()) {
    const words = line.split(' ');
    if (path === '' || unescaped(words[4] ?? '') !== path) continue;
    const rest = words.slice(words.indexOf('-', 6) + 1);
    const options = [...(words[5] ?? '').split(','), ...(rest[2] ?? '').split(',')].filter((one) => one !== '');
    return { fstype: rest[0] ?? '', source: unescaped(rest[1] ?? ''), root: unescaped(words[3] ?? ''), options: [...new Set(options)] };
  }
  return null;
}

function unescaped(word: string): string {
  return Buffer.from(word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), 'utf8').toString('utf8');
}

/** What is mounted at a path (a link is followed); null where it is no mount point. */
export function mounted(path: string): Question<Mounted | null> {
  return { kind, args: [path] };
}
