import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { stat } from '../../probes/index.ts';
import { folderOf } from '../kit/file-content.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { packagesOf, pipState, pythonOfPip, type PipPackage } from './pip.probe.ts';

export interface PipResult {
  /** The requirements that were given as `name`; empty with `requirements` alone. */
  readonly name: readonly string[];
  /** The virtual environment; empty without one. */
  readonly virtualenv: string;
}

const requirement = v.pipe(
  v.string(),
  v.regex(/^[^-\s\0][^\0\n]*$/, 'must be a requirement, such as `requests==2.32.3`, not an option'),
);
const options = {
  name: v.optional(
    v.pipe(
      v.union([requirement, v.array(requirement)]),
      v.transform((given) => (typeof given === 'string' ? [given] : given)),
      v.description(
        'The package, or a list of them, as in a requirements file: `requests`, `requests>=2.30`, `name[extra]==1.0`.',
      ),
    ),
  ),
  requirements: v.optional(path('A requirements file on the host.')),
  virtualenv: v.optional(
    path(
      'The virtual environment; created if it does not exist. Default: none; the packages are those of `executable`.',
    ),
  ),
  executable: v.optional(
    v.pipe(
      text(
        "The pip whose Python gets the packages, without a virtual environment: a name (`pip3.11`) or a path. Default `pip3`, if there is no `virtualenv`. Debian's own Python refuses that (PEP 668): a virtual environment is the better way.",
      ),
      v.regex(/^(?:\/[^\0\n]+|[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)$/, 'must be a name or an absolute path'),
    ),
  ),
  breakSystemPackages: flag(
    'Without a virtual environment: install even though the Python belongs to the distribution, whose own packages may break.',
    false,
  ),
  virtualenvCommand: v.optional(text('The command that creates it. Default `python3 -m venv`.'), 'python3 -m venv'),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'latest', 'absent', 'forcereinstall']),
      v.description(
        '`latest` asks the index for newer ones, in check mode too. `forcereinstall` acts every time. Default `present`.',
      ),
    ),
    'present',
  ),
  extraArgs: v.optional(
    v.pipe(
      v.array(v.string()),
      v.description(
        "Additional arguments for `pip install`: `['--index-url', 'https://pypi.example.org/simple']`. No passwords: they would be visible in the process list.",
      ),
    ),
    [],
  ),
};
type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** Python packages of a virtual environment. */
export const pip = defineResource({
  name: 'pip',
  summary:
    "Python packages in a virtual environment, or for an existing Python; the system's own belongs to apt (PEP 668).",
  options,
  example: `pip({ virtualenv: '/opt/app/venv', requirements: '/opt/app/requirements.txt' })
pip({ virtualenv: '/opt/app/venv', name: ['gunicorn==22.0.0'] })`,
  validateOptions: ({ name, requirements, state, virtualenv, executable, breakSystemPackages }) =>
    virtualenv !== undefined && (executable !== undefined || breakSystemPackages)
      ? '`virtualenv` has a pip of its own: leave out `executable` and `breakSystemPackages`'
      : name === undefined && requirements === undefined
        ? 'give `name` or `requirements`'
        : name !== undefined && requirements !== undefined
          ? '`name` and `requirements` are two tasks'
          : state === 'absent' && requirements !== undefined
            ? "state 'absent' needs `name`"
            : undefined,
  title: ({ name, requirements }) => name?.join(', ') ?? requirements ?? '',
  prepare: (given): Wanted => given,
  probes: (wanted) => [
    question(wanted),
    ...(wanted.virtualenv === undefined ? [] : [stat(folderOf(wanted.virtualenv))]),
    ...(wanted.requirements === undefined ? [] : [stat(wanted.requirements)]),
  ],
  plan: planPip,
});

const pipOf = ({ virtualenv, executable = 'pip3' }: Wanted): string => (virtualenv === undefined ? executable : '');

function question(wanted: Wanted) {
  const { virtualenv = '', name, requirements, state, extraArgs } = wanted;
  return pipState({
    virtualenv,
    executable: pipOf(wanted),
    names: name ?? [],
    requirements: requirements ?? '',
    asksIndex: state === 'latest',
    extraArgs,
  });
}

function planPip(wanted: Wanted, found: Found): Plan<PipResult> {
  const { name, requirements, virtualenv = '', virtualenvCommand, state, extraArgs, breakSystemPackages } = wanted;
  const executable = pipOf(wanted);
  const result = { name: name ?? [], virtualenv };
  const there = found.get(question(wanted));
  found.require(there.is !== 'no python', toolNeed('python3', 'python3-venv'));
  found.require(there.is !== 'no pip', toolNeed(executable, 'python3-pip'));
  if (there.is === 'error')
    found.require(false, { failure: there.why, by: requirements === undefined ? null : 'changes' });
  if (there.is === 'foreign')
    return {
      ...settled(result),
      failure: `as root ${executable === '' ? `pip is not run in ${virtualenv}` : `${executable} is not run`}: ${there.owner === 'root' ? 'others may write there' : `it, or a folder above it, belongs to ${there.owner}`}, who could have it run what they put there`,
      hint:
        there.owner === 'root'
          ? `Take the right away: ${executable === '' ? `file({ path: '${virtualenv}', recurse: true, mode: 'go-w' })` : `chmod go-w`}`
          : `Act with their rights: \`becomeUser: '${there.owner}'\`. Or make root the owner of everything there.`,
    };
  const makes = there.is === 'no venv';
  if (makes && state === 'absent') return settled(result);
  const packages: readonly PipPackage[] = there.packages;
  found.require(requirements === undefined || !found.outdated(question(wanted)), {
    failure: `${requirements} does not exist as planned`,
    by: 'changes',
  });
  const changes: Change[] = makes ? [{ what: 'virtualenv', from: 'absent', to: virtualenv }] : [];
  const due = packages.filter((one) => isDue(one, state));
  for (const one of due) changes.push(told(one, state));
  if (changes.length === 0) return settled(result);
  if (there.isManaged === true && !breakSystemPackages && !extraArgs.includes('--break-system-packages'))
    return {
      ...settled(result),
      failure: `the Python of ${executable} belongs to the distribution, so that pip refuses to change it (PEP 668)`,
      hint: 'Give it a `virtualenv`. With `breakSystemPackages: true` it is changed all the same.',
    };
  const target =
    requirements === undefined
      ? due.map((one) => (state === 'absent' ? one.name : one.requirement))
      : ['-r', requirements];
  const flags =
    state === 'latest' ? ['--upgrade'] : state === 'forcereinstall' ? ['--force-reinstall', '--upgrade'] : [];
  const args = [
    virtualenv,
    virtualenvCommand,
    executable,
    state === 'absent' ? 'uninstall' : 'install',
    ...(breakSystemPackages && there.isManaged === true ? ['--break-system-packages'] : []),
    ...(state === 'absent' ? ['--yes', ...target] : [...flags, ...extraArgs, ...target]),
  ];
  return {
    changes,
    steps: [
      {
        script,
        args: due.length === 0 ? args.slice(0, 3) : args,
        timeout: 3600,
        label: `${state === 'absent' ? 'remove' : 'install'} ${name?.join(', ') ?? requirements}`,
      },
    ],
    after: [
      {
        ...predict(question(wanted), {
          ...there,
          is: makes ? ('venv' as const) : there.is,
          packages: packages.map((one) => ({
            ...one,
            isRight: state !== 'absent',
            installed: state === 'absent' ? '' : one.installed || 'installed',
            newest: '',
          })),
        }),
        assumed: `${executable === '' ? virtualenv : `what ${executable} installs`} is as pip leaves it`,
      },
    ],
    touches:
      executable === ''
        ? [{ on: 'path', path: virtualenv }]
        : [packagesOf(executable), ...(there.places ?? []).map((place) => ({ on: 'path' as const, path: place }))],
    again: state === 'forcereinstall',
    conclude: ([output]) => {
      if (output && output.code !== 0) throw new PlayError('pip failed');
      return result;
    },
    result,
  };
}

function isDue(one: PipPackage, state: Wanted['state']): boolean {
  switch (state) {
    case 'present':
      return !one.isRight;
    case 'absent':
      return one.installed !== '';
    case 'latest':
      return !one.isRight || one.newest !== '';
    case 'forcereinstall':
      return true;
  }
}

function told(one: PipPackage, state: Wanted['state']): Change {
  const from = one.installed === '' ? 'absent' : one.installed;
  const to =
    state === 'absent'
      ? 'absent'
      : one.newest !== ''
        ? one.newest
        : state === 'forcereinstall'
          ? 'installed again'
          : one.requirement;
  return { what: `package ${one.name}`, from, to };
}

const script = `set -e
${pythonOfPip}
venv=$1 make=$2 pip=$3; shift 3
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=
if [ -n "$pip" ]; then python=$(python_of_pip "$pip"); "$python" -m pip "$@" >&2; exit; fi
if [ ! -x "$venv/bin/python" ]; then $make "$venv" >&2 || { rm -f -- "$venv/pyvenv.cfg"; exit 1; }; fi
[ $# -eq 0 ] || "$venv/bin/python" -m pip "$@" >&2`;
