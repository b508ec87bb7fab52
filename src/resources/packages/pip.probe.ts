import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { ownFolderSh } from '../../probes/own-folder.ts';
import { walkSh } from '../../probes/walk.ts';

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
  | { readonly is: 'error'; readonly why: string }
  | { readonly is: 'foreign'; readonly owner: string }
  | { readonly is: 'venv' | 'no venv'; readonly packages: readonly PipPackage[] };

export interface PipRequest {
  readonly virtualenv: string;
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
there = os.path.exists(os.path.join(venv, "bin", "python"))
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
done(**{"is": "venv" if there else "no venv", "packages": packages})
`;

const kind: ProbeKind<PipAnswer> = {
  kind: 'pip',
  arity: 3,
  timeout: 600,
  sh: `${walkSh}
${ownFolderSh}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
tr '\\0' '\\n' | while IFS= read -r venv && IFS= read -r program && IFS= read -r ask; do
  venv=$(printf %s "$venv" | base64 -d)
  # What runs is what lies there: as root that must be ours.
  if [ "$(id -u)" = 0 ] && ! { own_folder "$venv" && { [ ! -d "$venv" ] || own_below; }; } 2>/dev/null; then printf '{"is":"foreign","owner":"%s"}\\n' "$(foreign_owner)"; continue; fi
  if [ -x "$venv/bin/python" ]; then p=$venv/bin/python; else p=$(command -v python3); fi
  if [ -z "$p" ]; then echo '{"is":"no python"}'; continue; fi
  if a=$(printf %s "$ask" | base64 -d | (cd / && "$p" -c "$(printf %s "$program" | base64 -d)")); then printf '%s\\n' "$a" | tail -n 1; else echo '{"is":"failed"}'; fi
done`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i) => {
      const answer = readJson(lines[i] ?? '');
      return isAnswer(answer)
        ? answer
        : new ProbeFailure(`Python cannot say what is installed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    });
  },
  depends: ([venv = '', , ask = '']) => {
    const path = Buffer.from(venv, 'base64').toString('utf8');
    const request: unknown = JSON.parse(Buffer.from(ask, 'base64').toString('utf8'));
    const file =
      typeof request === 'object' && request !== null && 'requirements' in request ? String(request.requirements) : '';
    return [
      { on: 'path', path },
      { on: 'below', path },
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

/** What a broken Python prints is no answer. */
function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is PipAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'is' in value &&
    ['no python', 'foreign', 'error', 'venv', 'no venv'].includes(String(value.is))
  );
}

/** Which of these Python packages a virtual environment has. */
export function pipState(request: PipRequest): Question<PipAnswer> {
  return {
    kind,
    args: [request.virtualenv, program, JSON.stringify(request)].map((text) => Buffer.from(text).toString('base64')),
  };
}
