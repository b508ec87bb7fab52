import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

// Files of /proc have no size, so content() cannot read them. `v` and the value, `n` for none, `e` for one that only root reads.
const kind: ProbeKind<string | null> = {
  kind: 'sysctl',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do
  if v=$(cat -- "/proc/sys/$p" 2>/dev/null); then printf "v%s\\0" "$v"; elif [ -e "/proc/sys/$p" ]; then printf "e\\0"; else printf "n\\0"; fi
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([name], i) => {
      const part = parts[i] ?? '';
      if (part.startsWith('v')) return part.slice(1);
      return part === 'n' ? null : new ProbeFailure(`/proc/sys/${name} cannot be read`);
    });
  },
  depends: ([name = '']) => [{ on: 'named', name: `sysctl ${name}` }],
};

/** The running kernel's value of a setting, given as a path below /proc/sys; null where the kernel has none. */
export function sysctlValue(path: string): Question<string | null> {
  return { kind, args: [path] };
}
