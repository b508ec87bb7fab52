/** Command lines are completed by a real zsh and a real fish, as somebody who presses Tab would see it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { skipTests } from '../support/skip-tests.ts';
import { makeProject, playRoot } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': '[web]\nweb1\nweb2.example.org\n[db]\ndb1\n',
  'playbooks/site.ts': `
import { debug, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [
  debug({ msg: 'a' }, { name: 'say hello', tags: 'greet' }),
  debug({ msg: 'b' }, { name: "say what's up", tags: 'grumble' }),
] });
`,
  'playbooks/broken.ts': 'export default 1;\n',
});

/** Lines, and the words that Tab offers in place of the last one. */
const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['play pin', ['ping']],
  ['play si', ['site']],
  ['play site -t greet,gru', ['greet,grumble']],
  ['play site --tags=gre', ['--tags=greet']],
  ['play site -CDl we', ['web1', 'web2.example.org', 'web']],
  ['play site --start-at-task ', ['say hello', "say what's up"]],
  ['play resource apt state=ab', ['state=absent']],
  ['play site --output ju', ['junit']],
  // What is wrong with a project is no concern of whoever types.
  ['play broken -t ', []],
];

/** Gives each line to a shell in the project. @returns what it offered, by line */
function offered(shell: string, args: readonly string[]): (readonly [string, string[]])[] {
  const shown = execFileSync(shell, [...args, ...cases.map(([line]) => line)], {
    cwd: project.dir,
    env: { ...process.env, PATH: `${playRoot}:${process.env['PATH']}`, HOME: project.dir, TERM: 'xterm' },
    encoding: 'utf8',
  });
  const answers = shown.split('=====\n').slice(1);
  return cases.map(([line], i) => [line, (answers[i] ?? 'no answer').split('\n').filter(Boolean).sort()]);
}

const expected = cases.map(([line, words]) => [line, [...words].sort()]);

describe('in zsh', () => {
  skipTests(existsSync('/usr/bin/zsh') ? undefined : 'zsh is not installed');

  // A terminal of its own: completion is part of the line editor. What would be offered is kept rather than shown.
  const script = `
zmodload zsh/zpty
export OUT=$(mktemp) || exit
zpty tab zsh -f -i
zpty -w tab 'autoload -Uz compinit && compinit -u -D; eval "$(play completion zsh)"
compadd() { local -a hits; builtin compadd -O hits "$@"; print -l -- $hits >>$OUT }
_files() { : }
next() { print -- "=====" >>$OUT; zle kill-whole-line }
zle -N next; bindkey "^I" complete-word "^X" next; print -- "=====" >>$OUT'
wait_for() {
  repeat 1200; do
    zpty -r -t tab >/dev/null
    (( $(grep -c '^=====$' $OUT) >= $1 )) && return
    sleep 0.05
  done
  print -u2 "zsh gave no answer"; exit 1
}
wait_for 1
asked=1
for line; do
  zpty -n -w tab $line$'\\t\\x18'
  wait_for $(( ++asked ))
done
cat $OUT; rm -f $OUT
`;

  test('Tab offers what play knows', () => {
    expect(offered('zsh', ['-f', '-c', script, 'zsh'])).toEqual(expected);
  });
});

describe('in fish', () => {
  skipTests(existsSync('/usr/bin/fish') ? undefined : 'fish is not installed');

  // Behind each candidate, and a tab, stands what it is for.
  const script = `
play completion fish | source
for line in $argv
    echo =====
    complete -C $line | string replace -r '\\t.*' ''
end
true # string has 1 where it was given nothing
`;

  test('Tab offers what play knows', () => {
    expect(offered('fish', ['--no-config', '-c', script])).toEqual(expected);
  });
});
