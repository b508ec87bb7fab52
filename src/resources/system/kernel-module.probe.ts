import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** A module of the running kernel. */
export interface KernelModule {
  /** `built-in`: a part of the kernel itself. `available`: it can be loaded. `no modprobe`: nobody can tell. */
  readonly is: 'loaded' | 'built-in' | 'available' | 'missing' | 'no modprobe';
  /** Loaded: how often it is in use, other modules included. */
  readonly uses: number;
  /** Available: the modules that are loaded with it, as it needs them. */
  readonly needs: readonly string[];
}

const words: readonly KernelModule['is'][] = ['loaded', 'built-in', 'available', 'missing', 'no modprobe'];

// Only what was loaded has a state; what is built in is there without one, or in modprobe's own list. `--show-depends`
// prints a line `insmod PATH` for each module that is due, or `builtin NAME` (modprobe(8)).
const kind: ProbeKind<KernelModule> = {
  kind: 'kernel-module',
  arity: 1,
  sh: `xargs -0 sh -c 'for m do
  if [ -e "/sys/module/$m/initstate" ]; then echo "loaded $(cat "/sys/module/$m/refcnt" 2>/dev/null)"
  elif [ -d "/sys/module/$m" ]; then echo built-in
  elif ! command -v modprobe >/dev/null; then echo "no modprobe"
  elif d=$(modprobe --show-depends -- "$m" 2>/dev/null); then
    case $d in builtin*) echo built-in;; *) echo available $(printf "%s\\n" "$d" | sed -n "s/^insmod \\([^ ]*\\).*/\\1/p");; esac
  else echo missing; fi
done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map(([name = ''], i) => {
      const line = lines[i] ?? '';
      const is = words.find((word) => line === word || line.startsWith(`${word} `));
      if (is === undefined) return new ProbeFailure(`the kernel does not say whether it has the module ${name}`);
      const rest = line.slice(is.length + 1);
      const files = is === 'available' ? rest.split(' ') : [];
      return {
        is,
        uses: is === 'loaded' ? Math.max(Number(rest) || 0, 0) : 0,
        needs: files.map(moduleName).filter((one) => one !== name && one !== ''),
      };
    });
  },
  depends: () => [kernelModules, { on: 'packages' }],
};

/** `/lib/modules/6.1.0-18-amd64/kernel/net/bridge/br_netfilter.ko.xz` is `br_netfilter`. */
function moduleName(file: string): string {
  return (/([^/]+)\.ko(?:\.\w+)?$/.exec(file)?.[1] ?? '').replaceAll('-', '_');
}

/** A module, by its name with underscores. */
export function kernelModule(name: string): Question<KernelModule> {
  return { kind, args: [name] };
}

/** The modules of the running kernel: one takes others along. */
export const kernelModules: Subject = { on: 'named', name: 'kernel modules', ofRoot: 'kernel modules' };
