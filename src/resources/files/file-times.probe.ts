import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { RecordReader } from '../../probes/records.ts';

/** When a path was read and changed last, in seconds since 1970. */
export interface FileTimes {
  readonly accessed: number;
  readonly modified: number;
  /** Check mode: the SHA-256 of the content that a planned change had given the file when its times were planned. */
  readonly of?: string | null | undefined;
}

const kind: ProbeKind<FileTimes | null> = {
  kind: 'file-times',
  arity: 1,
  sh: `xargs -0 stat -c '%X %Y %n' -- 2>/dev/null; exit 0`,
  decode(stdout, questions) {
    const reader = new RecordReader(stdout);
    return questions.map(([path = '']) => {
      const words = reader.next(path, 2, '\n');
      return words ? { accessed: Number(words[0]), modified: Number(words[1]) } : null;
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  absent: null,
};

/** The times of what is at a path, links not followed; null where nothing is. */
export function fileTimes(path: string): Question<FileTimes | null> {
  return { kind, args: [path] };
}

const momentKind: ProbeKind<number> = {
  kind: 'local-moment',
  arity: 1,
  sh: `xargs -0 sh -c 'for m do date -d "$m" +%s 2>/dev/null || echo; done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map(([moment = ''], i) =>
      /^-?\d+$/.test(lines[i] ?? '')
        ? Number(lines[i])
        : new ProbeFailure(`${moment} is not a valid time on this host`),
    );
  },
  depends: () => [{ on: 'path', path: '/etc/localtime' }],
  files: () => ['/etc/localtime'],
};

/** A moment of the host's own time zone, `2027-01-31 12:00:00`, in seconds since 1970. */
export function localMoment(moment: string): Question<number> {
  return { kind: momentKind, args: [moment] };
}
