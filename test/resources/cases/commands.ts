import { Secret } from '../../../src/secrets/index.ts';
import { assert, command, copy, debug, file, shell, uri } from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('s3cret-s3cret', 'a test');

export const commandCases: readonly LawCase[] = [
  { name: 'a command due by what it makes', tasks: (dir) => [command({ argv: ['mkdir', '--', `${dir}/made`], creates: `${dir}/made` }), command({ cmd: `touch 'a b' c\\ d "#e"`, chdir: dir, creates: 'a b' })], expect: ['changed', 'changed'], afterwards: `[ -d made ]; [ -e 'a b' ]; [ -e 'c d' ]; [ -e '#e' ]` },
  { name: 'a command due by what it removes', setup: 'touch f', tasks: (dir) => [command({ argv: ['rm', 'f'], chdir: dir, removes: 'f' })], expect: ['changed'] },
  { name: 'a command that does not make what it says', tasks: (dir) => [command({ cmd: 'true', creates: `${dir}/never` })], expect: ['failed'], again: ['failed'], says: /did not hold/, open: 0 },
  { name: 'shell text due by a guard', tasks: (dir) => [shell({ cmd: 'echo "$VALUE" >"$1" || echo "$VALUE" >f', environment: { VALUE: 'x  y' }, chdir: dir, unless: 'grep -q x f' })], expect: ['changed'], afterwards: `[ "$(cat f)" = 'x  y' ]` },
  { name: 'a guard that says no', setup: 'touch f', tasks: (dir) => [shell({ cmd: 'false', onlyIf: 'test -e none', chdir: dir }), shell({ cmd: 'false', unless: 'test -e f', chdir: dir })], expect: ['ok', 'ok'] },
  { name: 'a command due every time', tasks: (dir) => [shell({ cmd: 'echo x >>f', chdir: dir, changes: 'always' })], expect: ['changed'], again: ['changed'] },
  { name: 'a command that fails', tasks: () => [shell({ cmd: 'echo out; echo why it failed >&2; exit 3', changes: 'always' })], expect: ['failed'], again: ['failed'], says: /Could not run/, open: 0 },
  {
    name: 'what a reading command says, read by later tasks',
    setup: 'echo "v 1.2" >f',
    tasks: (dir) => {
      const version = command({ argv: ['cat', 'f'], chdir: dir, changes: 'never' });
      return [version, copy({ dest: `${dir}/g`, content: ({ results }) => `${results(version).stdout}\n` }), debug({ msg: ({ results }) => results(version).stdoutLines.join() }), assert({ that: ({ results }) => [results(version).rc === 0, { that: results(version).stdout === 'v 1.2', msg: 'no' }] })];
    },
    expect: ['ok', 'changed', 'ok', 'ok'],
    afterwards: `[ "$(cat g)" = 'v 1.2' ]`,
  },
  { name: 'a reading command sees planned files, links and removals', setup: 'mkdir d; echo old >d/old; echo gone >d/gone', tasks: (dir) => [copy({ dest: `${dir}/d/new`, content: 'n', mode: '0600' }), file({ path: `${dir}/d/gone`, state: 'absent' }), file({ path: `${dir}/d/l`, state: 'link', src: 'new' }), file({ path: `${dir}/d/sub`, state: 'directory' }), shell({ cmd: `[ "$(echo *)" = 'l new old sub' ] && [ "$(cat l)" = n ] && stat -c %a new`, chdir: `${dir}/d`, changes: 'never' })], expect: ['changed', 'changed', 'changed', 'changed', 'ok'] },
  { name: 'a reading command that fails', tasks: () => [shell({ cmd: 'echo so it is >&2; exit 4', changes: 'never' })], expect: ['failed'], again: ['failed'], says: /ended with code 4: so it is/ },
  { name: 'a reading command whose tool is not there yet', tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), command({ cmd: 'no-such-tool -t', changes: 'never' })], expect: ['changed', 'failed'], again: ['ok', 'failed'], says: /code 127/, open: 1 },
  {
    name: 'what a command that did not run yet would say is left open',
    tasks: (dir) => {
      const made = shell({ cmd: 'date >f; echo made', chdir: dir, creates: 'f' });
      return [made, debug({ msg: ({ results }) => results(made).stdout }), copy({ dest: `${dir}/g`, content: 'x' }, { when: ({ results }) => results(made).changed })];
    },
    expect: ['changed', 'ok', 'changed'],
    again: ['ok', 'ok', 'skipped'],
    open: 1,
  },
  { name: 'secrets on stdin and in the environment', tasks: (dir) => [shell({ cmd: 'cat >f; echo "$TOKEN" >>f; cat f', stdin: secret, environment: { TOKEN: secret }, chdir: dir, creates: 'f' }), shell({ cmd: 'cat; echo "$TOKEN"; tr "\\0" " " </proc/$$/cmdline; ps ax 2>/dev/null; true', stdin: secret, environment: { TOKEN: secret }, changes: 'never' })], expect: ['changed', 'ok'], hidden: ['s3cret-s3cret'], afterwards: `[ "$(grep -c s3cret-s3cret f)" -ge 1 ]` },
  { name: 'an assertion that does not hold stops the host', tasks: (dir) => [assert({ that: [true, { that: false, msg: 'too old' }], failMsg: 'not here' }), copy({ dest: `${dir}/f`, content: 'x' })], expect: ['failed'], again: ['failed'], says: /not here; too old/, afterwards: '[ ! -e f ]' },
  { name: 'a gate after a planned change is assumed to open', setup: '', tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), uri({ url: 'http://127.0.0.1:1/' })], expect: ['changed', 'failed'], again: ['ok', 'failed'], says: /no answer|neither curl nor wget/, open: 1 },
];
