import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { simulatePy } from './dnf/simulate-py.ts';
import type { InstalledRpm } from './rpm.probe.ts';

/** What would become of one package. Versions have their epoch: `0:1.2-3`. */
export interface DnfAction {
  readonly name: string;
  readonly arch: string;
  /** Null: not installed, or installed beside older ones, as kernels are. */
  readonly from: string | null;
  /** Null: removed. */
  readonly to: string | null;
  /** The file or address it was named by; null for those of repositories. */
  readonly at: string | null;
  /** It takes the place of a newer version. */
  readonly isOlder: boolean;
}

/** What dnf would do. */
export interface DnfSimulation {
  /** Why it would refuse, in its own words. */
  readonly problem: string | null;
  readonly actions: readonly DnfAction[];
  /** Groups that it would take down as installed. */
  readonly groups: readonly string[];
  /** Groups that it would take down as removed. */
  readonly gone: readonly string[];
  /** Modules it would enable, with their streams. */
  readonly modules: readonly string[];
  /** What stands for each name that was asked for, after it. */
  readonly after: ReadonlyMap<string, readonly InstalledRpm[]>;
}

/** What to ask dnf. */
export interface DnfRequest {
  readonly state: 'present' | 'latest' | 'absent';
  /** Arguments of dnf. */
  readonly command: readonly string[];
  /** Check mode: as `DnfHost.planned`. */
  readonly planned: readonly string[];
  /** Check mode: files of repositories as they will be; null: gone. */
  readonly repositories: readonly (readonly [path: string, text: Buffer | null])[];
  /** The names that are asked for. */
  readonly names: readonly string[];
  /** Leave no trace on the host, not even in dnf's cache. */
  readonly isPrivate: boolean;
  /** Check mode: earlier tasks will have rpm trust a key. */
  readonly getsKey: boolean;
}

function decode(
  stdout: Buffer,
  questions: readonly (readonly string[])[],
  stderr: string,
): (DnfSimulation | ProbeFailure)[] {
  const lines = stdout.toString('utf8').split('\n');
  return questions.map((_, i) => decodeLine(lines[i] ?? '', stderr));
}

function decodeLine(line: string, stderr: string): DnfSimulation | ProbeFailure {
  const said = line === '' ? null : (JSON.parse(line) as Partial<Raw> | null);
  if (said === null) return new ProbeFailure(`dnf gave no answer: ${stderr.trim().split('\n').slice(-3).join('\n')}`);
  return {
    problem: said.problem ?? null,
    actions: said.actions ?? [],
    groups: said.groups ?? [],
    gone: said.gone ?? [],
    modules: said.modules ?? [],
    after: new Map(
      Object.entries(said.after ?? {}).map(([spec, all]) => [
        spec,
        all.map(([name, evr, arch]) => ({ name, evr, arch })),
      ]),
    ),
  };
}

interface Raw extends Omit<DnfSimulation, 'after'> {
  readonly after: Readonly<Record<string, readonly (readonly [name: string, evr: string, arch: string])[]>>;
}

// The Python that dnf itself runs with has its modules.
const sh = `p=$(command -v dnf) || { echo 'there is no dnf on this host' >&2; exit 0; }
read -r python <"$p"
export LC_ALL=C.UTF-8
umask 077
cat >"$0.py" <<'PY'
${simulatePy}
PY
trap 'rm -f -- "$0.py"' EXIT
\${python#??} "$0.py"`;

const aheadKind: ProbeKind<DnfSimulation> = {
  kind: 'dnf-simulate',
  arity: 5,
  timeout: 600,
  sh,
  decode,
  // Repositories, variables, streams of modules and exclusions decide what dnf would do.
  depends: () => [
    { on: 'packages' },
    { on: 'below', path: '/etc/yum.repos.d' },
    { on: 'below', path: '/etc/dnf' },
    { on: 'below', path: '/etc/yum' },
  ],
};
const inTurnKind: ProbeKind<DnfSimulation> = { ...aheadKind, kind: 'dnf-simulate-now', inTurn: true };

function args({ isPrivate, getsKey, state, command, planned, repositories, names }: DnfRequest): string[] {
  const files = repositories.map(([path, text]) => `${path} ${text === null ? '-' : text.toString('base64')}`);
  return [
    `${isPrivate ? 'private' : 'live'} ${state}${getsKey ? ' key' : ''}`,
    command.join('\n'),
    planned.join('\n'),
    files.join('\n'),
    names.join('\n'),
  ];
}

/** What dnf would do, asked together with all else: for what every run must know (`latest`). */
export function dnfSimulation(request: DnfRequest): Question<DnfSimulation> {
  return { kind: aheadKind, args: args(request) };
}

/** What dnf is about to do, asked when the task's turn comes: once it is known that it will do something. */
export function dnfSimulationInTurn(request: DnfRequest): Question<DnfSimulation> {
  return { kind: inTurnKind, args: args(request) };
}
