import * as v from 'valibot';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { readRoleFile } from '../kit/role-file.ts';
import { decrypt, text } from '../kit/schemas.ts';
import { commandOptions, oneLine, sharedCommand } from './command-options.ts';
import { commandQuestions, planCommand, refuseCommand, type WantedCommand } from './command-run.ts';

const { stdin: _stdin, ...options } = commandOptions;

// The script comes on stdin, in base64 as it may be any program, and is gone when it has run. $1 its name, $2 how many
// words say what runs it, then those, then its arguments. What an interpreter runs may lie anywhere; what the kernel is
// to run by itself must lie where that is not forbidden: `test -x` asks access(2), which knows of `noexec`.
const wrapper = `name=$1 words=$2 d=; shift 2
trap 'rm -rf -- "$d"' EXIT
trap 'exit 143' HUP INT TERM
tried=
for b in "\${TMPDIR:-/tmp}" /var/tmp /run /dev/shm "$HOME"; do
  d=$(mktemp -d "$b/play.$PPID.script.XXXXXX" 2>/dev/null) || continue
  : >"$d/$name" && chmod 0700 "$d/$name" && { [ "$words" -gt 0 ] || [ -x "$d/$name" ]; } && break
  rm -rf -- "$d"; d=; tried="$tried $b"
done
if [ -z "$d" ]; then
  if [ -z "$tried" ]; then echo 'play: there is no folder that this user may write to (tried $TMPDIR, /tmp, /var/tmp, /run, /dev/shm and the home)' >&2; exit 73; fi
  echo "play: nothing may be executed in any folder that this user may write to (mounted noexec:$tried); name another one: environment: { TMPDIR: '/srv/tmp' }" >&2; exit 126
fi
base64 -d >"$d/$name" || exit 73
if [ "$words" -eq 0 ]; then "$d/$name" "$@" </dev/null; exit; fi
i=0 all=$#
while [ "$i" -lt "$all" ]; do
  set -- "$@" "$1"; shift; i=$((i+1))
  if [ "$i" -eq "$words" ]; then set -- "$@" "$d/$name"; fi
done
"$@" </dev/null`;

/** What the kernel would run a script with: the words of its first line, of which it takes two (execve(2)). */
function interpreterOf(content: Buffer, src: string): string[] {
  const first = content.subarray(0, 1024).toString('latin1').split('\n')[0] ?? '';
  if (!first.startsWith('#!')) return isText(content) ? ['/bin/sh'] : [];
  if (first.endsWith('\r')) {
    throw new PlayError(
      `script: the first line of ${src} ends in CR LF, so the host would look for a program called ${JSON.stringify(first.slice(2).trimStart())}`,
      {
        hint: "Save it with Unix line endings, or name the program: executable: '/bin/sh'.",
      },
    );
  }
  const [, program, argument] = /^#![ \t]*([^ \t]+)[ \t]*(.*?)[ \t]*$/.exec(first) ?? [];
  return program === undefined
    ? ['/bin/sh']
    : [program, ...(argument ? [Buffer.from(argument, 'latin1').toString()] : [])];
}

/** As shells tell a script without a first line of its own from a program of another machine. */
function isText(content: Buffer): boolean {
  return !content.subarray(0, 1024).includes(0);
}

/** The interpreter, and the program that env(1) is to find for it. */
function programsOf([program, argument = '']: readonly string[]): string[] {
  if (program === undefined) return [];
  const sought = program.endsWith('/env') ? argument.split(/\s+/).find((word) => !/^-|=/.test(word)) : undefined;
  return sought === undefined ? [program] : [program, sought];
}

/** A script of the role, run on the host. */
export const script = defineResource({
  name: 'script',
  summary: "Runs one of the role's `files/` on the host as a program; nothing of it is left there.",
  options: {
    src: text(
      "The script: a path relative to the role's `files/`, or an absolute one. Its first line (`#!`) selects the interpreter, unless `executable` does.",
    ),
    args: v.optional(v.pipe(v.array(v.string()), v.description('Its arguments; nothing needs quoting.')), []),
    executable: v.optional(text('The interpreter: `python3`.')),
    decrypt,
    ...options,
  },
  example: `script({ src: 'init-db.sh', args: ['--name', 'app'], creates: '/var/lib/app/db' })`,
  validateOptions: refuseCommand,
  title: ({ src = '', args = [] }) => oneLine([src, ...args].join(' ')),
  prepare({ src, args, executable, decrypt: isDecrypted, ...shared }, scope): WantedCommand {
    const name = src.slice(src.lastIndexOf('/') + 1);
    const content = readRoleFile(scope, 'files', src, isDecrypted).bytes;
    const runner = executable === undefined ? interpreterOf(content, src) : [executable];
    const argv = ['/bin/sh', '-c', wrapper, 'sh', name, String(runner.length), ...runner, ...args];
    return {
      ...sharedCommand({ ...shared, stdin: content.toString('base64') }, scope),
      argv,
      programs: programsOf(runner),
      text: oneLine([src, ...args].join(' ')),
    };
  },
  probes: commandQuestions,
  plan: planCommand,
});
