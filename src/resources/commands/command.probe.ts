import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** How a read-only command ended. */
export type CommandAnswer =
  | {
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
      /** Check mode: what is planned before and was not in place when this was asked. */
      readonly caveat?: string;
    }
  | { readonly notRun: string };

/** Seconds one command may take. */
const limit = 600;

/** A private folder `$d` for what an author's code reads and writes while it is asked, in memory where there is room. */
export const askFolderSh = `d=$(mktemp -d /run/play.$PPID.ask.XXXXXX 2>/dev/null || mktemp -d /dev/shm/play.$PPID.ask.XXXXXX 2>/dev/null || mktemp -d /tmp/play.$PPID.ask.XXXXXX) || exit 73
trap 'rm -rf -- "$d"' EXIT
trap 'exit 143' HUP INT TERM
`;

/** What a command sees otherwise where planned files are in place. */
function distortion(script: string, paths: readonly string[]): string | undefined {
  if (looksAtMounts.test(script)) return 'the view with planned files has mounts of its own';
  const isOfUnits = asksSystemd.test(script) && paths.some((path) => /\/systemd\/|^\/etc\/init\.d\//.test(path));
  if (isOfUnits) return 'systemd itself cannot see planned files';
  const isOfSizes =
    looksAtSizes.test(script) && paths.some((path) => foldersAbove(path).some((one) => names(script, one)));
  return isOfSizes ? 'folders have different sizes in the view with planned files' : undefined;
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(2).map((_, i) => parts.slice(0, i + 2).join('/'));
}

/** Whether sh text has this very path, however often it is quoted, and not only one below it. */
function names(script: string, path: string): boolean {
  const unquoted = (text: string): string => text.replaceAll(/['"\\]/g, '');
  return unquoted(script)
    .split(unquoted(path))
    .slice(1)
    .some((rest) => /^\/?(?:$|[\s`;|&)>])/.test(rest));
}

const looksAtSizes =
  /(?<![\w.-])(?:du(?![\w.-])|ls\s+-\w*[ls]|stat(?![^|;&]*%)|stat\s[^|;&]*%[sbB]|find\s[^|;&]*-(?:size|ls|printf[^|;&]*%[skb]))/;
const asksSystemd = /(?<![\w.-])(?:systemctl|service)(?![\w.-])/;
const looksAtMounts = /(?<![\w.-])(?:findmnt|mountpoint|mount|df|lsblk)(?![\w.-])|\/proc\/(?:\w+\/)?mount|\/etc\/mtab/;

const staged: NonNullable<ProbeKind<CommandAnswer>['staged']> = {
  answer: (answer, caveat) => (caveat === undefined ? answer : { ...answer, caveat }),
  impossible: (why) => ({ notRun: why }),
  printed: (answer) => ('notRun' in answer ? '' : answer.stdout),
  distorts: ([script], paths) => distortion(fromBase64(script), paths),
};

// Script and input come as base64, a line each, and the script is run from a file: neither is seen in the process list.
const kind: ProbeKind<CommandAnswer> = {
  kind: 'command',
  arity: 2,
  timeout: 3600,
  volatile: true,
  sh: `${askFolderSh}tr '\\0' '\\n' | while IFS= read -r script && IFS= read -r input; do
  printf %s "$script" | base64 -d >"$d/script"
  printf %s "$input" | base64 -d >"$d/input"
  timeout ${limit} sh "$d/script" <"$d/input" >"$d/out" 2>"$d/err"; echo $?
  base64 <"$d/out" | tr -d '\\n'; echo
  base64 <"$d/err" | tr -d '\\n'; echo
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => {
      const [code, out, err] = lines.slice(i * 3, i * 3 + 3);
      if (!code || err === undefined) return new ProbeFailure('no answer');
      if (code === '124') return new ProbeFailure(`it took more than ${limit} s`);
      return { code: Number(code), stdout: fromBase64(out), stderr: fromBase64(err) };
    });
  },
  depends: () => [{ on: 'everything' }],
  staged,
};

const checkerKinds = new Map<string, ProbeKind<CommandAnswer>>();

/** Checkers of configuration read files and accounts. Where one finds fault it may miss what is planned beyond them. */
function checkerKind(folders: readonly string[]): ProbeKind<CommandAnswer> {
  const name = `checker of ${folders.join(' ')}`;
  const isGood = (answer: CommandAnswer): boolean => 'code' in answer && answer.code === 0;
  const known = checkerKinds.get(name) ?? {
    ...kind,
    kind: name,
    staged: { ...staged, readsOnly: (answer) => (isGood(answer) ? folders : undefined) },
  };
  checkerKinds.set(name, known);
  return known;
}

function fromBase64(text = ''): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/**
 * What a command that changes nothing answers. `script` is sh text run from a file.
 * In check mode, after planned changes, it is asked where planned files are in place.
 *
 * @param checks the folders whose configuration it checks, where it does nothing else
 */
export function commandOutput(script: string, stdin: string, checks?: readonly string[]): Question<CommandAnswer> {
  return {
    kind: checks === undefined ? kind : checkerKind(checks),
    args: [script, stdin].map((text) => Buffer.from(text).toString('base64')),
  };
}
