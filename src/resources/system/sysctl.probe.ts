import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** A setting of the running kernel. */
export interface SysctlState {
  readonly value: string;
  /** Whether this account may set it: some are only told, and a container may set but few. */
  readonly isWritable: boolean;
}

// Files of /proc have no size, so content() cannot read them. `v` and the value, `r` and it where it cannot be set, `n`
// for none, `e` for one that only root reads. The kernel lets not even root write what has no bit for it
// (proc_sys_permission).
const kind: ProbeKind<SysctlState | null> = {
  kind: 'sysctl',
  arity: 1,
  sh: `xargs -0 sh -c 'for p do
  if v=$(cat -- "/proc/sys/$p" 2>/dev/null); then if [ -w "/proc/sys/$p" ]; then k=v; else k=r; fi; printf "%s%s\\0" "$k" "$v"; elif [ -e "/proc/sys/$p" ]; then printf "e\\0"; else printf "n\\0"; fi
done' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([name], i) => {
      const part = parts[i] ?? '';
      if (/^[vr]/.test(part)) return { value: part.slice(1), isWritable: part.startsWith('v') };
      return part === 'n' ? null : new ProbeFailure(`/proc/sys/${name} cannot be read`);
    });
  },
  depends: ([name = '']) => [sysctlSubject(name)],
};

/** The running kernel's value of a setting, given as a path below /proc/sys; null where the kernel has none. */
export function sysctlValue(path: string): Question<SysctlState | null> {
  return { kind, args: [path] };
}

/** A value of the running kernel. */
export function sysctlSubject(name: string): Subject {
  return { on: 'named', name: `sysctl ${name}` };
}
