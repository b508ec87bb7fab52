import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { ownFolderSh } from '../../probes/own-folder.ts';
import { walkSh } from '../../probes/walk.ts';
import { answerOf } from './answer-json.ts';

export interface PipPackage {
  /** As the package is called, without version. */
  readonly name: string;
  /** As it was asked for. */
  readonly requirement: string;
  /** The version that is there; empty where none is. */
  readonly installed: string;
  /** What is there is what was asked for. */
  readonly isRight: boolean;
  /** A newer version the index has; empty where there is none, or nobody asked. */
  readonly newest: string;
}

export type PipAnswer =
  | { readonly is: 'no python' }
  | { readonly is: 'no pip' }
  | { readonly is: 'error'; readonly why: string }
  | { readonly is: 'foreign'; readonly owner: string }
  | {
      /** `python`: the packages of a Python that is there anyway. */
      readonly is: 'venv' | 'no venv' | 'python';
      readonly packages: readonly PipPackage[];
      /** Of such a Python: pip says it may not install there (PEP 668). */
      readonly isManaged?: boolean;
      /** Of such a Python: the folders below which pip installs. */
      readonly places?: readonly string[];
    };

export interface PipRequest {
  /** Empty where `executable` counts. */
  readonly virtualenv: string;
  /** The pip of a Python that is there; empty for a virtual environment. */
  readonly executable: string;
  readonly names: readonly string[];
  /** A requirements file; empty for none. */
  readonly requirements: string;
  /** Ask the index for newer versions. */
  readonly asksIndex: boolean;
  readonly extraArgs: readonly string[];
}

// Requirements (PEP 508) are judged by pip's own copy of `packaging`, in the environment's Python where there is one.
// What a file includes (`-r`) is read too; other options in it are for pip alone. The index is asked by a dry run.
const program = String.raw`
import json, os, re, subprocess, sys
ask = json.load(sys.stdin)
venv = ask["virtualenv"]
there = venv == "" or os.path.exists(os.path.join(venv, "bin", "python"))
def done(**answer):
    print(json.dumps(answer)); sys.exit(0)
try:
    from importlib import metadata
except ImportError:
    done(**{"is": "error", "why": "Python 3.8 or newer is needed"})
try:
    from pip._vendor.packaging.requirements import Requirement
except ImportError:
    Requirement = None
lines = list(ask["names"])
def read(path):
    text = open(path, encoding="utf-8").read().replace("\\\n", "")
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        m = re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)$", line)
        if m: read(os.path.join(os.path.dirname(path), m.group(1)))
        elif line and not line.startswith("-"): lines.append(re.sub(r"\s+--hash=\S+", "", line))
try:
    if ask["requirements"]: read(ask["requirements"])
except OSError as e:
    done(**{"is": "error", "why": "%s cannot be read: %s" % (e.filename, e.strerror)})
packages = []
for line in lines:
    plain = re.match(r"[A-Za-z0-9._-]+", line)
    name = plain.group(0) if plain else line
    right = False
    if Requirement is not None:
        try:
            r = Requirement(line)
        except Exception as e:
            done(**{"is": "error", "why": "%r is no requirement: %s" % (line, e)})
        if r.marker is not None and not r.marker.evaluate(): continue
        name = r.name
    version = ""
    if there:
        try: version = metadata.version(name)
        except metadata.PackageNotFoundError: pass
        right = version != "" and (Requirement is None or r.url is not None or r.specifier.contains(version, prereleases=True))
    packages.append({"name": name, "requirement": line, "installed": version, "isRight": right, "newest": ""})
if ask["asksIndex"] and there:
    p = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--upgrade", "--report", "-", *ask["extraArgs"], *(["-r", ask["requirements"]] if ask["requirements"] else ask["names"])], capture_output=True, text=True)
    if p.returncode != 0: done(**{"is": "error", "why": "pip cannot say what is newest: " + (p.stderr.strip().splitlines() or [""])[-1]})
    norm = lambda n: re.sub(r"[-_.]+", "-", n).lower()
    try: new = {norm(i["metadata"]["name"]): i["metadata"]["version"] for i in json.loads(p.stdout)["install"]}
    except (ValueError, KeyError, TypeError): done(**{"is": "error", "why": "pip cannot say what is newest: its report cannot be read"})
    for one in packages: one["newest"] = new.get(norm(one["name"]), "")
if venv != "": done(**{"is": "venv" if there else "no venv", "packages": packages})
import site, sysconfig
marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
managed = sys.prefix == sys.base_prefix and os.path.isfile(marker)
if managed:
    set = subprocess.run([sys.executable, "-m", "pip", "config", "get", "install.break-system-packages"], capture_output=True, text=True).stdout.strip().lower()
    managed = set not in ("1", "true", "yes", "on")
places = {"/usr/local", site.getuserbase(), sys.prefix} - {"/usr", "/", ""}
done(**{"is": "python", "packages": packages, "isManaged": managed, "places": sorted(places)})
`;

/** Paths do not say what one pip installed: all of it is one subject. */
export const packagesOf = (executable: string): Subject => ({ on: 'named', name: `packages of ${executable}` });

/**
 * sh: `python_of_pip PIP` prints the Python that a pip is of, and fails where there is none.
 */
export const pythonOfPip = `python_of_pip() {
  pip_at=$(command -v -- "$1") || return
  pip_python=$(sed -n '1s/^#! *\\(\\/[^ ]*python[0-9.]*\\) *$/\\1/p' "$pip_at" 2>/dev/null)
  [ -n "$pip_python" ] || pip_python=$("$pip_at" debug 2>/dev/null | sed -n 's/^sys.executable: //p')
  [ -x "$pip_python" ] && printf '%s\\n' "$pip_python"
}`;

const kinds = ['no python', 'no pip', 'foreign', 'error', 'venv', 'no venv', 'python'] as const;

const kind: ProbeKind<PipAnswer> = {
  kind: 'pip',
  arity: 4,
  timeout: 600,
  sh: `${walkSh}
${ownFolderSh}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
${pythonOfPip}
tr '\\0' '\\n' | while IFS= read -r venv && IFS= read -r pip && IFS= read -r program && IFS= read -r ask; do
  venv=$(printf %s "$venv" | base64 -d) pip=$(printf %s "$pip" | base64 -d)
  if [ -n "$pip" ]; then
    if ! p=$(python_of_pip "$pip"); then echo '{"is":"no pip"}'; continue; fi
    if [ "$(id -u)" = 0 ] && ! own_program "$(command -v -- "$pip")" "$p"; then printf '{"is":"foreign","owner":"%s"}\\n' "$(foreign_owner)"; continue; fi
    if a=$(printf %s "$ask" | base64 -d | (cd / && "$p" -c "$(printf %s "$program" | base64 -d)")); then printf '%s\\n' "$a" | tail -n 1; else echo '{"is":"failed"}'; fi
    continue
  fi
  # What runs is what lies there: as root that must be ours.
  if [ "$(id -u)" = 0 ] && ! { own_folder "$venv" && { [ ! -d "$venv" ] || own_below; }; } 2>/dev/null; then printf '{"is":"foreign","owner":"%s"}\\n' "$(foreign_owner)"; continue; fi
  if [ -x "$venv/bin/python" ]; then p=$venv/bin/python; else p=$(command -v python3); fi
  if [ -z "$p" ]; then echo '{"is":"no python"}'; continue; fi
  if a=$(printf %s "$ask" | base64 -d | (cd / && "$p" -c "$(printf %s "$program" | base64 -d)")); then printf '%s\\n' "$a" | tail -n 1; else echo '{"is":"failed"}'; fi
done`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map(
      (_, i) =>
        answerOf<PipAnswer>(lines[i] ?? '', kinds) ??
        new ProbeFailure(`Python cannot say what is installed: ${stderr.trim().split('\n').at(-1) ?? ''}`),
    );
  },
  depends: ([venv = '', pip = '', , ask = '']) => {
    const path = Buffer.from(venv, 'base64').toString('utf8');
    const executable = Buffer.from(pip, 'base64').toString('utf8');
    const request: unknown = JSON.parse(Buffer.from(ask, 'base64').toString('utf8'));
    const file =
      typeof request === 'object' && request !== null && 'requirements' in request ? String(request.requirements) : '';
    return [
      ...(executable === ''
        ? [
            { on: 'path' as const, path },
            { on: 'below' as const, path },
          ]
        : [packagesOf(executable)]),
      { on: 'packages' },
      ...(file === ''
        ? []
        : [
            { on: 'path' as const, path: file },
            { on: 'below' as const, path: file },
          ]),
    ];
  },
};

/** Which of these Python packages a virtual environment, or a Python, has. */
export function pipState(request: PipRequest): Question<PipAnswer> {
  return {
    kind,
    args: [request.virtualenv, request.executable, program, JSON.stringify(request)].map((text) =>
      Buffer.from(text).toString('base64'),
    ),
  };
}
