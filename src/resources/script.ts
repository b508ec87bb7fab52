import * as v from 'valibot';
import { defineResource } from '../playbook/index.ts';
import { commandOptions, oneLine, sharedCommand } from './command-options.ts';
import { commandQuestions, planCommand, refuseCommand, type WantedCommand } from './command-run.ts';
import { readRoleFile } from './copy.ts';
import { text } from './schemas.ts';

const { stdin: _stdin, ...options } = commandOptions;

// The script comes on stdin, in base64 as it may be any program, and is gone when it has run. $1 its name, $2 the program to
// run it with or empty, then its arguments.
const wrapper = `d=$(mktemp -d) || exit 73
trap 'rm -rf -- "$d"' EXIT
trap 'exit 143' HUP INT TERM
base64 -d >"$d/$1" && chmod 0700 "$d/$1" || exit 73
name=$d/$1 with=$2; shift 2
if [ -n "$with" ]; then "$with" "$name" "$@" </dev/null; else "$name" "$@" </dev/null; fi`;

/** A script of the role, run on the host. */
export const script = defineResource({
  name: 'script',
  summary: "Runs one of the role's `files/` on the host as a program; nothing of it stays there.",
  options: {
    src: text("The script: a path below the role's `files/`, or an absolute one. Its first line (`#!`) says what runs it, unless `executable` does."),
    args: v.optional(v.pipe(v.array(v.string()), v.description('Its arguments; nothing needs quoting.')), []),
    executable: v.optional(text('The program to run it with: `python3`.')),
    ...options,
  },
  example: `script({ src: 'init-db.sh', args: ['--name', 'app'], creates: '/var/lib/app/db' })`,
  refuse: refuseCommand,
  title: ({ src = '', args = [] }) => oneLine([src, ...args].join(' ')),
  prepare({ src, args, executable, ...shared }, scope): WantedCommand {
    const name = src.slice(src.lastIndexOf('/') + 1);
    const content = readRoleFile(scope, 'files', src).toString('base64');
    return { ...sharedCommand({ ...shared, stdin: content }), argv: ['/bin/sh', '-c', wrapper, 'sh', name, executable ?? '', ...args], text: oneLine([src, ...args].join(' ')) };
  },
  probes: commandQuestions,
  plan: planCommand,
});
