import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '../../../src/playbook/index.ts';
import {
  apt,
  assert,
  asyncCommand,
  asyncStatus,
  command,
  copy,
  debug,
  file,
  script,
  shell,
  uri,
} from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = new Secret('s3cret-s3cret', 'a test');

const folder = temporaryFolder('scripts');
const written = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const sh = written('s.sh', '#!/bin/sh -eu\nprintf "%s|" "$@"; [ "$#" -eq 0 ] || printf "%s|" "$@" >"$1"\n');
const none = written('none', '#!/opt/no-such/bash\n');
const env = written('env', '#!/usr/bin/env no-such-python -u\n');
const plain = written('plain', 'echo plain >"$1"\n');

/** What keeps a command from being started is known before it is tried, in check mode as in the run. */
export const commandNeedCases: readonly LawCase[] = [
  {
    name: 'a program that is not there',
    tasks: () => [command({ cmd: 'no-such-tool -x', changes: 'always' })],
    expect: ['failed'],
    again: ['failed'],
    says: /^the program no-such-tool is not installed$/,
  },
  {
    name: 'a path that is no program',
    setup: 'mkdir d; echo x >f; chmod 644 f',
    tasks: (dir) => [
      command({ argv: [`${dir}/none`], changes: 'always' }, { ignoreErrors: true }),
      command({ argv: ['./d'], chdir: dir, changes: 'always' }, { ignoreErrors: true }),
      command({ argv: ['./f'], chdir: dir, changes: 'always' }),
    ],
    expect: ['failed', 'failed', 'failed'],
    again: ['failed', 'failed', 'failed'],
    says: /does not exist$/,
  },
  {
    name: 'no folder to run it in',
    tasks: (dir) => [
      shell({ cmd: 'true', chdir: `${dir}/none`, changes: 'always' }, { ignoreErrors: true }),
      shell({ cmd: 'true', chdir: `${dir}/none`, onlyIf: 'true' }),
    ],
    expect: ['failed', 'failed'],
    again: ['failed', 'failed'],
    says: /^the directory .*none does not exist$/s,
  },
  {
    name: 'no folder, and nothing due',
    tasks: (dir) => [
      command({ cmd: 'true', chdir: `${dir}/none`, creates: '/etc/passwd' }),
      command({ cmd: 'true', chdir: `${dir}/none`, removes: 'f' }),
    ],
    expect: ['ok', 'ok'],
  },
  {
    name: 'a shell that is not there',
    tasks: () => [shell({ cmd: 'true', executable: '/bin/no-such-shell', changes: 'always' })],
    expect: ['failed'],
    again: ['failed'],
    says: /^the program \/bin\/no-such-shell does not exist$/,
  },
  {
    name: 'an interpreter that is not there',
    tasks: () => [
      script({ src: none, changes: 'always' }, { ignoreErrors: true }),
      script({ src: env, changes: 'always' }, { ignoreErrors: true }),
      script({ src: sh, executable: 'no-such-sh', changes: 'always' }),
    ],
    expect: ['failed', 'failed', 'failed'],
    again: ['failed', 'failed', 'failed'],
    says: /^the program \/opt\/no-such\/bash does not exist$/,
  },
  {
    name: 'program and folder planned before',
    tasks: (dir) => [
      file({ path: `${dir}/d`, state: 'directory' }),
      copy({ dest: `${dir}/d/p`, content: '#!/bin/sh\n: >"$1"\n', mode: '0755' }),
      command({ argv: ['./p', 'made'], chdir: `${dir}/d`, creates: 'made' }),
      command({ argv: ['p', 'also'], chdir: `${dir}/d`, environment: { PATH: '/bin:' }, creates: 'also' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: '[ -e d/made ]; [ -e d/also ]',
  },
  {
    name: 'a program that is taken away before',
    setup: 'cp /bin/true p',
    tasks: (dir) => [file({ path: `${dir}/p`, state: 'absent' }), command({ argv: [`${dir}/p`], changes: 'always' })],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /p" does not exist$/,
  },
  {
    name: 'a program that a command before may bring',
    tasks: (dir) => [
      shell({ cmd: 'cp /bin/true p', chdir: dir, creates: 'p' }),
      shell({ cmd: 'mkdir d; cp /bin/true q', chdir: dir, creates: 'd' }),
      command({ argv: [`${dir}/q`], changes: 'always' }),
      command({ argv: ['no-such-tool'], changes: 'always' }),
    ],
    expect: ['changed', 'changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'changed', 'failed'],
    says: /not installed/,
    open: 2,
  },
  {
    name: 'a program that a package before brings',
    tasks: () => [apt({ name: 'tree' }), command({ cmd: 'tree --version', changes: 'always' })],
    expect: ['changed', 'changed'],
    again: ['ok', 'changed'],
  },
  {
    name: 'scripts, where nothing may be executed in /tmp',
    setup: 'mount -t tmpfs -o noexec,mode=1777 tmpfs /tmp',
    tasks: (dir) => [
      script({ src: sh, args: [`${dir}/a b`, '-n', "it's", ''], creates: `${dir}/a b` }),
      script({ src: plain, args: [`${dir}/p`], creates: `${dir}/p` }),
      script({ src: '/bin/touch', args: [`${dir}/t`], creates: `${dir}/t` }),
      script({ src: sh, changes: 'always' }, { become: true, becomeUser: 'nobody' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    again: ['ok', 'ok', 'ok', 'changed'],
    afterwards: `umount /tmp; [ "$(tail -c 12 'a b')" = "|-n|it's||" ]; grep -q plain p; [ -e t ]`,
  },
];

const asked = {
  until: ({ result }: { readonly result: { readonly finished: boolean } }) => result.finished,
  retries: 100,
  delay: 0.1,
};

/** A command that goes on by itself, and what becomes of it. */
const jobs = (dir: string): readonly Task[] => {
  const one = asyncCommand({
    cmd: 'cat; echo "$A" >&2; [ -e "$PWD/go" ] || sleep 0.3; pwd',
    shell: true,
    chdir: dir,
    stdin: secret,
    environment: { A: secret },
    timeLimit: 60,
    changes: 'always',
  });
  const late = asyncCommand({ argv: ['sleep', '4711'], timeLimit: 1, changes: 'always' }, { name: 'late' });
  return [
    one,
    late,
    asyncCommand({ cmd: 'true', timeLimit: 60, creates: '/etc/passwd' }, { name: 'not due' }),
    asyncStatus({ jid: ({ results }) => results(one).id }, asked),
    asyncStatus({ jid: ({ results }) => results(one).id, mode: 'cleanup' }, { name: 'forgotten' }),
    asyncStatus({ jid: ({ results }) => results(late).id }, { ...asked, name: 'too late' }),
  ];
};

export const commandCases: readonly LawCase[] = [
  {
    name: 'a command that goes on by itself, and what has become of it',
    setup: 'rm -rf /var/lib/play/jobs',
    tasks: jobs,
    expect: ['changed', 'changed', 'ok', 'ok', 'ok', 'failed'],
    again: ['changed', 'changed', 'ok', 'ok', 'ok', 'failed'],
    says: /was ended by its time limit/,
    hidden: ['s3cret-s3cret'],
    open: 3,
  },
  {
    name: 'a command due by what it makes',
    tasks: (dir) => [
      command({ argv: ['mkdir', '--', `${dir}/made`], creates: `${dir}/made` }),
      command({ cmd: `touch 'a b' c\\ d "#e"`, chdir: dir, creates: 'a b' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ -d made ]; [ -e 'a b' ]; [ -e 'c d' ]; [ -e '#e' ]`,
  },
  {
    name: 'of what a command makes the kind is a guess, and so is a failure foretold from it',
    tasks: (dir) => [
      command({ argv: ['mkdir', '--', `${dir}/made`], creates: `${dir}/made` }),
      file({ path: `${dir}/made`, state: 'directory' }),
    ],
    expect: ['changed', 'ok'],
    open: 1,
  },
  {
    name: 'a command due by what it removes',
    setup: 'touch f',
    tasks: (dir) => [command({ argv: ['rm', 'f'], chdir: dir, removes: 'f' })],
    expect: ['changed'],
  },
  {
    name: 'a command that does not make what it says',
    tasks: (dir) => [command({ cmd: 'true', creates: `${dir}/never` })],
    expect: ['failed'],
    again: ['failed'],
    says: /did not hold/,
    open: 0,
  },
  {
    name: 'shell text due by a guard',
    tasks: (dir) => [
      shell({
        cmd: 'echo "$VALUE" >"$1" || echo "$VALUE" >f',
        environment: { VALUE: 'x  y' },
        chdir: dir,
        unless: 'grep -q x f',
      }),
    ],
    expect: ['changed'],
    afterwards: `[ "$(cat f)" = 'x  y' ]`,
  },
  {
    name: 'a guard that says no',
    setup: 'touch f',
    tasks: (dir) => [
      shell({ cmd: 'false', onlyIf: 'test -e none', chdir: dir }),
      shell({ cmd: 'false', unless: 'test -e f', chdir: dir }),
    ],
    expect: ['ok', 'ok'],
  },
  {
    name: 'a command due every time',
    tasks: (dir) => [shell({ cmd: 'echo x >>f', chdir: dir, changes: 'always' })],
    expect: ['changed'],
    again: ['changed'],
  },
  {
    name: 'a command that fails',
    tasks: () => [shell({ cmd: 'echo out; echo why it failed >&2; exit 3', changes: 'always' })],
    expect: ['failed'],
    again: ['failed'],
    says: /Could not run/,
    open: 0,
  },
  {
    name: 'what a reading command says, read by later tasks',
    setup: 'echo "v 1.2" >f',
    tasks: (dir) => {
      const version = command({ argv: ['cat', 'f'], chdir: dir, changes: 'never' });
      return [
        version,
        copy({ dest: `${dir}/g`, content: ({ results }) => `${results(version).stdout}\n` }),
        debug({ msg: ({ results }) => results(version).stdoutLines.join() }),
        assert({
          that: ({ results }) => [results(version).rc === 0, { that: results(version).stdout === 'v 1.2', msg: 'no' }],
        }),
      ];
    },
    expect: ['ok', 'changed', 'ok', 'ok'],
    afterwards: `[ "$(cat g)" = 'v 1.2' ]`,
  },
  {
    name: 'a reading command sees planned files, links and removals',
    setup: 'mkdir d; echo old >d/old; echo gone >d/gone',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/new`, content: 'n', mode: '0600' }),
      file({ path: `${dir}/d/gone`, state: 'absent' }),
      file({ path: `${dir}/d/l`, state: 'link', src: 'new' }),
      file({ path: `${dir}/d/sub`, state: 'directory' }),
      shell({
        cmd: `[ "$(echo *)" = 'l new old sub' ] && [ "$(cat l)" = n ] && stat -c %a new`,
        chdir: `${dir}/d`,
        changes: 'never',
      }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'ok'],
  },
  {
    name: 'a reading command sees planned owners, permissions and hard links of files that keep their bytes',
    setup: 'echo x >f; echo y >g; mkdir d; echo z >d/z',
    tasks: (dir) => [
      file({ path: `${dir}/f`, mode: '0640', owner: 'daemon' }),
      file({ path: `${dir}/h`, src: `${dir}/g`, state: 'hard' }),
      file({ path: `${dir}/d`, recurse: true, mode: 'u=rwX,go=' }),
      shell({
        cmd: `[ "$(stat -c '%a %U' f)" = '640 daemon' ] && [ "$(cat h)" = y ] && [ "$(stat -c %a d/z)" = 600 ]`,
        chdir: dir,
        changes: 'never',
      }),
    ],
    expect: ['changed', 'changed', 'changed', 'ok'],
  },
  {
    name: 'a reading command that fails',
    tasks: () => [shell({ cmd: 'echo so it is >&2; exit 4', changes: 'never' })],
    expect: ['failed'],
    again: ['failed'],
    says: /ended with code 4: so it is/,
  },
  {
    name: 'a reading command whose tool is not there',
    tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), command({ cmd: 'no-such-tool -t', changes: 'never' })],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /^the program no-such-tool is not installed$/,
  },
  {
    name: 'a message made of what a command would say is sure to be said, whatever its words',
    tasks: (dir) => {
      const made = shell({ cmd: 'date >f; echo made', chdir: dir, creates: 'f' });
      return [
        made,
        debug({ msg: ({ results }) => results(made).stdout }),
        copy({ dest: `${dir}/g`, content: 'x' }, { when: ({ results }) => results(made).changed }),
      ];
    },
    expect: ['changed', 'ok', 'changed'],
    again: ['ok', 'ok', 'skipped'],
  },
  {
    name: 'secrets on stdin and in the environment',
    tasks: (dir) => [
      shell({
        cmd: 'cat >f; echo "$TOKEN" >>f; cat f',
        stdin: secret,
        environment: { TOKEN: secret },
        chdir: dir,
        creates: 'f',
      }),
      shell({
        cmd: 'cat; echo "$TOKEN"; tr "\\0" " " </proc/$$/cmdline; ps ax 2>/dev/null; true',
        stdin: secret,
        environment: { TOKEN: secret },
        changes: 'never',
      }),
    ],
    open: 1,
    expect: ['changed', 'ok'],
    hidden: ['s3cret-s3cret'],
    afterwards: `[ "$(grep -c s3cret-s3cret f)" -ge 1 ]`,
  },
  {
    name: 'an assertion that does not hold stops the host',
    tasks: (dir) => [
      assert({ that: [true, { that: false, msg: 'too old' }], failMsg: 'not here' }),
      copy({ dest: `${dir}/f`, content: 'x' }),
    ],
    expect: ['failed'],
    again: ['failed'],
    says: /not here; too old/,
    afterwards: '[ ! -e f ]',
  },
  {
    name: 'a gate after a planned change is assumed to open',
    setup: '',
    tasks: (dir) => [copy({ dest: `${dir}/f`, content: 'x' }), uri({ url: 'http://127.0.0.1:1/' })],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /no answer|neither curl nor wget/,
    open: 1,
  },
];
