/** Command lines are completed by a real bash, as somebody who presses Tab would see it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitLine } from '../../src/cli/commands/completion/line.ts';
import { commandTexts, describeAll } from '../../src/cli/described.ts';
import { makeProject, playRoot, run } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': '[web]\nweb1\nweb2.example.org\n[db]\ndb1\n',
  'inventory/group_vars/web.yml': 'colour: blue\n',
  'playbooks/site.ts': `
import { debug, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [
  debug({ msg: 'a' }, { name: 'say hello', tags: ['greet', 'all-of-it'] }),
  debug({ msg: 'b' }, { name: "say what's up", tags: ['grumble'] }),
] });
`,
  'playbooks/broken.ts': 'export default 1;\n',
  'roles/mine/index.ts': '',
  'notes.txt': '',
});

/** Lines, and what Tab offers behind them in bash: COMPREPLY as readline gets it. */
const cases: readonly (readonly [line: string, candidates: readonly string[]])[] = [
  ['play pin', ['ping']],
  ['play si', ['site']],
  ['play ping ', ['web1', 'web2.example.org', 'db1', 'all', 'web', 'db', 'ungrouped']],
  ['play site --skip-tags greet,gru', ['greet,grumble']],
  // Behind = bash wants what comes after it alone.
  ['play site --tags=gre', ['greet']],
  ['play site -CDl we', ['web1', 'web2.example.org', 'web']],
  ['play site -l web1,d', ['web1,db1', 'web1,db']],
  ["play site -l web:'!'web2", ['!web2.example.org']],
  ['play site --start-at-task ', ['say\\ hello', "say\\ what\\'s\\ up"]],
  ['play resource apt state=ab', ['absent']],
  ['play role mi', ['mine']],
  ['play site --output ', ['human', 'jsonl', 'junit', 'markdown']],
  ['play compare ansible --output ', ['human', 'json']],
  ['play graph --format s', ['svg']],
  ['play site --sandbox=pr', ['pristine']],
  ['play new ci ', ['github', 'gitlab']],
  ['play vault encrypt --vault-pass', ['--vault-password-file']],
  // What is wrong with a project is not told to who types.
  ['play broken -t ', []],
];

test('in bash', () => {
  const script = `
source <("$PLAY" completion bash) || exit 1
compopt() { :; }
for line; do
  words=($line); [[ $line == *' ' ]] && words+=('')
  # Readline breaks words at these, too.
  COMP_LINE=$line COMP_POINT=\${#line} COMP_WORDS=("\${words[@]}") COMP_CWORD=$((\${#words[@]} - 1))
  COMP_WORDS[0]=$PLAY
  _play
  printf '%s\\n' "$line" "\${COMPREPLY[@]/#/  }"
done`;
  const lines = cases.map(([line]) => line);
  const shown = execFileSync('bash', ['--norc', '-c', script, 'bash', ...lines], {
    cwd: project.dir,
    env: { ...process.env, PLAY: join(playRoot, 'play') },
    encoding: 'utf8',
  });
  const offered = new Map<string, string[]>();
  let of: string[] = [];
  for (const line of shown.split('\n')) {
    if (line.startsWith('  ')) of.push(...(line.trim() === '' ? [] : [line.slice(2)]));
    else offered.set(line, (of = []));
  }
  for (const [line, candidates] of cases)
    expect([line, offered.get(line)?.sort()]).toEqual([line, [...candidates].sort()]);
});

test('other shells get a line for each candidate, with what it is for', async () => {
  const answer = await run(join(playRoot, 'play'), ['completion', '--answer-words', 'ping', 'w'], { cwd: project.dir });
  expect(answer.stdout).toBe('nothing\nweb1\thost\nweb2.example.org\thost\nweb\tgroup\n');
  for (const shell of ['zsh', 'fish']) {
    const { code, stdout } = await project.play('completion', shell);
    expect([code, stdout]).toEqual([0, expect.stringContaining('completion --answer-words')]);
  }
  const wrong = await project.play('completion', 'tcsh');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('Unknown shell "tcsh"')]);
});

test('every command is in the list that help and completion show, and says what it does', async () => {
  const commands = await describeAll();
  expect([...commandTexts().keys()].sort()).toEqual([...commands.keys()].filter((name) => name !== '').sort());
  for (const [name, { text }] of commands) expect([name, text]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)]);
});

test.each([
  ['play site', ['play', 'site']],
  ['play site ', ['play', 'site', '']],
  [`play  "a b" 'c "d' e\\ f`, ['play', 'a b', 'c "d', 'e f']],
  [`play -l 'we`, ['play', '-l', 'we']],
])('a line of a shell as words: %s', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});
