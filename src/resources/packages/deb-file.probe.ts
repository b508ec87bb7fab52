import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** What a package file is: its fields, or why it has none. */
export type DebFile =
  | { readonly name: string; readonly version: string; readonly architecture: string }
  | { readonly is: 'absent' }
  | { readonly is: 'broken'; readonly why: string };

const kind: ProbeKind<DebFile> = {
  kind: 'deb-file',
  arity: 1,
  timeout: 120,
  sh: `xargs -0 sh -c '
for p do
  if [ ! -e "$p" ]; then echo absent; echo
  elif o=$(dpkg-deb -f "$p" Package Version Architecture 2>&1); then echo deb; printf "%s" "$o" | base64 | tr -d "\\n"; echo
  else echo broken; printf "%s" "$o" | tail -n 2 | base64 | tr -d "\\n"; echo; fi
done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): DebFile | ProbeFailure => {
      const [is, coded = ''] = lines.slice(i * 2, i * 2 + 2);
      if (is === 'absent') return { is };
      const text = Buffer.from(coded, 'base64').toString('utf8');
      return readFields(is, text);
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  files: ([path = '']) => [path],
  follows: true,
  absent: { is: 'absent' },
};

/** @param is `deb`: the text has the fields dpkg-deb(1) told; `broken`: what it said instead */
export function readFields(is: string | undefined, text: string): DebFile | ProbeFailure {
  if (is === 'broken') return { is, why: text.trim().replace(/^dpkg-deb: error: /, '') };
  const field = (name: string): string => new RegExp(`^${name}: *(\\S+)$`, 'm').exec(text)?.[1] ?? '';
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
  return is === 'deb' && /^[a-z0-9][a-z0-9+.-]*$/.test(name) && version !== ''
    ? { name, version, architecture }
    : new ProbeFailure('no answer');
}

/** Which package a file on the host is. */
export function debFile(path: string): Question<DebFile> {
  return { kind, args: [path] };
}
