import { blockinfile, copy, file, lineinfile, replace } from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('hunter2hunter2', 'a test');

export const editCases: readonly LawCase[] = [
  {
    name: 'a line replaced, its file otherwise untouched',
    setup: `printf 'a=1\\r\\n#b=2\\nc=\\377\\n' >f; chmod 0640 f; chown daemon f`,
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, regexp: '^#?b=', line: 'b=größe' })],
    expect: ['changed'],
    afterwards: `[ "$(stat -c '%a %U' f)" = '640 daemon' ]; printf 'a=1\\r\\nb=größe\\nc=\\377\\n' | cmp - f`,
  },
  {
    name: 'several lines of one file, one after the other',
    setup: 'echo "[x]" >f; echo key=1 >>f',
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, line: 'one' }),
      lineinfile({ path: `${dir}/f`, line: 'two', insertAfter: '^one' }),
      lineinfile({ path: `${dir}/f`, line: '\\g<key>=\\2', regexp: '^(?P<key>\\w+)=1(.?)', backrefs: true }),
      lineinfile({ path: `${dir}/f`, searchString: '[x', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: `printf '%s\\n' key= one two | cmp - f`,
  },
  {
    name: 'a line in a file that a task before makes',
    tasks: (dir) => [
      copy({ dest: `${dir}/f`, content: 'a\nb\n' }),
      lineinfile({ path: `${dir}/g`, line: 'x', create: true, mode: '0600' }),
      blockinfile({ path: `${dir}/g`, block: 'y' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ "$(stat -c %a g)" = 600 ]; [ "$(wc -l <g)" = 4 ]`,
  },
  {
    name: 'a line through a link',
    setup: 'echo a >real; ln -s real link',
    tasks: (dir) => [lineinfile({ path: `${dir}/link`, line: 'b' })],
    expect: ['changed'],
    afterwards: '[ -L link ]; [ "$(cat real)" = "a\nb" ]',
  },
  {
    name: 'a line that is secret',
    setup: 'echo "user=x" >f',
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, regexp: '^password=', line: new Secret(() => `password=${secret.expose()}`) }),
    ],
    expect: ['changed'],
    hidden: ['hunter2hunter2'],
    afterwards: 'grep -q hunter2hunter2 f',
  },
  {
    name: 'a line kept out by its checker',
    setup: 'echo good >f',
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, line: 'bad', validate: '! grep -q bad %s' })],
    expect: ['failed'],
    again: ['failed'],
    says: /refused|write/,
    open: 0,
    afterwards: '[ "$(cat f)" = good ]',
  },
  {
    name: 'a line with the old file kept',
    setup: 'echo a >f',
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, line: 'b', backup: true })],
    expect: ['changed'],
    afterwards: '[ "$(cat f.*~)" = a ]',
  },
  {
    name: 'no file, no line',
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, line: 'a', state: 'absent' }),
      blockinfile({ path: `${dir}/f`, state: 'absent' }),
      lineinfile({ path: `${dir}/f`, line: 'a' }),
    ],
    expect: ['ok', 'ok', 'failed'],
    again: ['ok', 'ok', 'failed'],
    says: /does not exist/,
  },
  {
    name: 'a directory is not edited',
    tasks: (dir) => [lineinfile({ path: dir, line: 'a' })],
    expect: ['failed'],
    again: ['failed'],
    says: /not a regular file|is a directory/,
  },
  {
    name: 'a line in a file larger than what is brought here for a diff',
    setup: '{ seq 1 200000; echo last=1; } >f',
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, regexp: '^last=', line: 'last=2' })],
    expect: ['changed'],
    afterwards: '{ seq 1 200000; echo last=2; } | cmp - f',
  },
  {
    name: 'a file too large to edit',
    setup: 'truncate -s 70000000 f',
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, line: 'a' })],
    expect: ['failed'],
    again: ['failed'],
    says: /70000000 bytes/,
  },
  {
    name: 'lines behind the first anchor, each once',
    setup: `printf 'top\npool one\nend\npool two' >f`,
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, insertAfter: '^pool', firstMatch: true, line: 'member a' }),
      lineinfile({ path: `${dir}/f`, insertAfter: '^pool', firstMatch: true, line: 'member b' }),
      lineinfile({ path: `${dir}/f`, insertAfter: '^pool', line: 'last' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `printf '%s\n' top 'pool one' 'member b' 'member a' end 'pool two' last | cmp - f`,
  },
  {
    name: 'a line that its own expression does not find',
    setup: `printf '#Port 1\n#Port 2\n' >f`,
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, regexp: '^#Port', line: 'Port 22' })],
    expect: ['changed'],
    afterwards: `printf 'Port 22\nPort 22\n' | cmp - f`,
  },
  {
    name: 'a line that would grow with every run',
    setup: 'echo a=1 >f',
    tasks: (dir) => [lineinfile({ path: `${dir}/f`, regexp: '^a=(.*)', line: 'a=x\\1', backrefs: true })],
    expect: ['failed'],
    again: ['failed'],
    says: /every run would change/,
    afterwards: '[ "$(cat f)" = a=1 ]',
  },
  {
    name: 'brackets as Python has them',
    setup: `printf 'allow = [x, y]\n' >f; printf 'k[1]:v\n' >g`,
    tasks: (dir) => [
      lineinfile({ path: `${dir}/f`, regexp: '^allow = \\[[^]]*\\]$', line: 'allow = [a, b, c]' }),
      replace({ path: `${dir}/g`, regexp: '[]:]', replace: '/' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ "$(cat f g)" = 'allow = [a, b, c]
k[1//v' ]`,
  },
  {
    name: 'a block behind an anchor over two lines',
    setup: `printf 'a:\n  name: op\n  kind: x\nb:\n  name: op\n' >f`,
    tasks: (dir) => [blockinfile({ path: `${dir}/f`, insertAfter: 'name: op\n\\s+kind: x', block: '  more: 1' })],
    expect: ['changed'],
    afterwards: `[ "$(sed -n '4p;5p' f)" = '# BEGIN ANSIBLE MANAGED BLOCK
  more: 1' ]`,
  },
  {
    name: 'a block: added, then with other lines, with markers of its own, removed',
    setup: 'echo head >f; echo tail >>f',
    tasks: (dir) => [
      blockinfile({ path: `${dir}/f`, block: 'one\ntwo', insertAfter: '^head' }),
      blockinfile({ path: `${dir}/f`, block: 'mine', marker: '; {mark} mine', insertBefore: 'BOF' }),
      blockinfile({ path: `${dir}/none`, state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'ok'],
    afterwards: `[ "$(head -n 1 f)" = '; BEGIN mine' ]; [ "$(tail -n 1 f)" = tail ]; [ "$(wc -l <f)" = 9 ]`,
  },
  {
    name: 'a block that is secret',
    setup: 'echo a >f',
    tasks: (dir) => [blockinfile({ path: `${dir}/f`, block: secret })],
    expect: ['changed'],
    hidden: ['hunter2hunter2'],
    afterwards: 'grep -q hunter2hunter2 f',
  },
  {
    name: 'a line in a file removed before',
    setup: 'echo a >f',
    tasks: (dir) => [
      file({ path: `${dir}/f`, state: 'absent' }),
      lineinfile({ path: `${dir}/f`, line: 'b', create: true }),
    ],
    expect: ['changed', 'changed'],
    again: ['changed', 'changed'],
    afterwards: '[ "$(cat f)" = b ]',
  },
];
